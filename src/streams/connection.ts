import type { Option } from 'fp-ts/lib/Option.js'
import type { ApiError } from '../core/index.ts'

/** What a connection of a stream is for: reading the status, reading the log, or the log's open connection. */
export type ConnectionKind = 'status' | 'log' | 'live'

/** How a stream's connection to its service is doing. Told when it changes, not at every request. */
export interface Connection {
  readonly to: ConnectionKind
  /** `open`: answers come. `retrying`: it failed and is tried again. `fallback`: given up for another way to the log. */
  readonly state: 'open' | 'retrying' | 'fallback'
  /** How many failures there were in a row; 0 when open. */
  readonly attempt: number
  /** Milliseconds until the next try; 0 when open. */
  readonly waitMs: number
  readonly error: Option<ApiError>
}
