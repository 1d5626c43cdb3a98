import type { SchedulerLike } from 'rxjs'
import type { Cadence } from './cadence.ts'
import type { Connection } from './connection.ts'

/** How a job is watched. */
export interface WatchOptions<Job = unknown> {
  /** How long to wait between two looks. Default {@link proportional}: up to 5 % of the job's age, 0.5 s to 15 s. */
  readonly cadence?: Cadence<Job>
  /** Milliseconds from subscribe, for each job, after which the stream fails with DeadlineError. Default: none. */
  readonly deadline?: number
  /** Default: the source's, else asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** Told when a connection is well for the first time, fails and is tried again, is well again, or is given up for another way. */
  readonly onConnection?: (connection: Connection) => void
  /** How many failures in a row end the stream with the last of them. Default 20: about four minutes. */
  readonly maxFailures?: number
}
