export { pollJob } from './polled-job.ts'
export { type Pooled, type PoolOptions, type PoolStats, pooled } from './pooled.ts'
