export { pollJob } from './poll-job.ts'
export { type Pooled, pooled } from './pooled.ts'
export type { PoolOptions, PoolStats } from './poller.ts'
