export { tailTable, watchTable } from './check.ts'
export { ConnectionState } from './connection.ts'
export {
  type ApiError,
  DeadlineError,
  isApiError,
  LogGapError,
} from './errors.ts'
export {
  adaptiveInterval,
  exponentialInterval,
  waitAfter,
} from './intervals.ts'
export { isEqual } from './job-events.ts'
export { cancelJob, followJob, readLog, tailLog, thenFollow, thenTail, thenWatch, watchJob } from './job-streams.ts'
export { watchJobs } from './listed-jobs.ts'
export { Cursor, compareTimestamps, toDate } from './log/index.ts'
export { jobEventCodec } from './event-codec.ts'
export { thenFetchErrors } from './outcome.ts'
export { type Pooled, type PoolOptions, type PoolStats, pooled } from './pool/index.ts'
export { attempt, fromTaskEither, jobSource, toAsyncIterable, toTaskEither } from './conversions.ts'
export * from './types.ts'
