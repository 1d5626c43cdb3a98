export { attempt } from './attempt.ts'
export { type CancellableJobSource, cancelJob } from './cancel-job.ts'
export { type Cadence, every, exponential, type Growth, type Proportion, proportional } from './cadence.ts'
export type { Connection, ConnectionKind } from './connection.ts'
export { followJob } from './follow-job.ts'
export type { ConnectionEvent, JobEvent, Settled } from './job-event.ts'
export type { CountedEntries, JobLog } from './job-log.ts'
export type { JobList, JobSource, LoggedJobSource, RateLimit, Reading } from './job-source.ts'
export type { JobStatus } from './job-status.ts'
export { Cursor } from './log/cursor.ts'
export type { GapReason, LogElement, LogGap, LogLine } from './log/log-line.ts'
export type { EachTailOptions, TailOptions } from './log/tail-options.ts'
export { toDate } from './log/timestamp.ts'
export type { LogEntry } from './log-entry.ts'
export { shareLast } from './operators/share-last.ts'
export { type FetchErrorsOptions, thenFetchErrors } from './operators/then-fetch-errors.ts'
export { thenFollow } from './operators/then-follow.ts'
export { thenTail } from './operators/then-tail.ts'
export { thenWatch } from './operators/then-watch.ts'
export type { Outcome, OutcomeOptions } from './outcome.ts'
export { type FinalPhase, isFinal, type Phase } from './phase.ts'
export { type SimpleService, simpleSource } from './simple-source.ts'
export type { MergeOptions } from './submitted.ts'
export type {
  AnyCancellableSource,
  AnyJobSource,
  AnyLoggedSource,
  FailureOf,
  IfCancels,
  JobOf,
  RefOf,
  SubmittedOf,
} from './source-types.ts'
export { type Pooled, type PoolOptions, pooled } from './pool/pooled.ts'
export type { PoolStats } from './pool/pool-stats.ts'
export { tailLog } from './tail-log.ts'
export { fromTaskEither, toTaskEither } from './task-either.ts'
export { type AsyncIterableOptions, toAsyncIterable } from './to-async-iterable.ts'
export { watchJob } from './watch-job.ts'
export type { EachWatchOptions, WatchOptions } from './watch-options.ts'
