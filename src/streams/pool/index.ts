export { type Pooled, type PoolOptions, type PoolStats, pooled } from './pooled.ts'
export { Poller } from './poller.ts'
