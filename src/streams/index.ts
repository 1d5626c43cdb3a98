export { tailTable, watchTable } from './check.ts'
export { ConnectionState, StreamRetry } from './connection.ts'
export {
  type ApiError,
  DeadlineError,
  isApiError,
  LogGapError,
} from './errors.ts'
export { isEqual } from './equal.ts'
export { attempt, fromTaskEither, toTaskEither } from './fp.ts'
export {
  adaptiveInterval,
  exponentialInterval,
  intervalOf,
  waitAfter,
} from './intervals.ts'
export { jobSource } from './job-source.ts'
export { cancelJob, followJob, tailLog, watchJob } from './job-streams.ts'
export { Cursor, toDate } from './log/index.ts'
export {
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
} from './operators.ts'
export { type Pooled, type PoolOptions, type PoolStats, pooled } from './pool/index.ts'
export { toAsyncIterable } from './to-async-iterable.ts'
export * from './types.ts'
