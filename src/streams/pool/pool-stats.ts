import type { Option } from 'fp-ts/lib/Option.js'

/** What a pool is doing. */
export interface PoolStats {
  /** Requests that count against the budget: begun, and not answered for more than a minute. */
  readonly requests: number
  /** Calls that have no answer yet. */
  readonly inFlight: number
  /** Watches that are subscribed. */
  readonly watches: number
  /** The jobs that they watch. */
  readonly jobs: number
  /** Looks and calls that are due and wait for the budget. */
  readonly waiting: number
  /** Milliseconds between when the last request was due and when it began. */
  readonly lag: number
  /** Until when the service asked for no requests, by the pool's scheduler; none while requests may be sent. */
  readonly pausedUntil: Option<number>
}
