export { pollJob } from './polled-job.ts'
export { type Pooled, type PoolStats, pooled } from './pooled.ts'
export type { PoolOptions } from './request-queue.ts'
