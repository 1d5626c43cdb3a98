export { tailTable, watchTable } from './check.ts'
export { type ConnectionSetup, ConnectionState, StreamRetry } from './connection.ts'
export {
  type ApiError,
  DeadlineError,
  type DeadlineErrorInit,
  isApiError,
  LogGapError,
  type LogGapErrorInit,
} from './errors.ts'
export { isEqual } from './equal.ts'
export { attempt, fromTaskEither, toTaskEither } from './fp.ts'
export {
  type AdaptiveIntervalOptions,
  adaptiveInterval,
  type ExponentialIntervalOptions,
  exponentialInterval,
  intervalOf,
  waitAfter,
} from './intervals.ts'
export { type JobService, jobSource } from './job-source.ts'
export { cancelJob, followJob, tailLog, watchJob } from './job-streams.ts'
export { Cursor, toDate } from './log/index.ts'
export {
  type EachTailOptions,
  type EachWatchOptions,
  eachSubmitted,
  type FetchErrorsOptions,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
} from './operators.ts'
export { type Pooled, type PoolOptions, type PoolStats, pooled } from './pool/index.ts'
export { type AsyncIterableOptions, toAsyncIterable } from './to-async-iterable.ts'
export * from './types.ts'
