import type { Option } from 'fp-ts/lib/Option.js'
import type { ApiError } from '../core/index.ts'

/** What a connection of a stream is for: reading the status or the log, the log's open connection, or a cancellation. */
export type ConnectionKind = 'status' | 'log' | 'live' | 'cancel'

/** How a stream's connection to its service is doing. Told when it changes, not at every request. */
export interface Connection<Ref = unknown> {
  /** Whose connection it is: the job's, also where one request serves many jobs and each is told of it. */
  readonly ref: Ref
  readonly to: ConnectionKind
  /**
   * `open`: answers come; of a cancellation: the service took it. `retrying`: it failed and is tried again. `fallback`:
   * given up for another way to the log; of a cancellation: given up.
   */
  readonly state: 'open' | 'retrying' | 'fallback'
  /** How many failures there were in a row; 0 when open. */
  readonly attempt: number
  /** Milliseconds until the next try; 0 when open. */
  readonly waitMs: number
  readonly error: Option<ApiError>
}

/** What a connection itself knows of it. */
export type ConnectionChange = Omit<Connection, 'ref'>
