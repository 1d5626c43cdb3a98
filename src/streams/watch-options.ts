import type { Observable, SchedulerLike } from 'rxjs'
import type { Cadence } from './cadence.ts'
import type { Connection } from './connection.ts'
import type { IfCancels, JobOf, RefOf } from './source-types.ts'
import type { MergeOptions } from './submitted.ts'

/**
 * How a job is watched.
 *
 * @typeParam Source the source whose job it is, so that an order to cancel it does not compile where nobody could take it
 */
export interface WatchOptions<Job = unknown, Ref = unknown, Source = unknown> {
  /**
   * How long to wait between two looks. Default {@link proportional}: up to 5 % of the job's age, 0.5 s to 15 s. A log that is
   * polled is looked at by it as well; its default is 0.5 s to 1 s while the log grows, and up to 5 s while it does not.
   */
  readonly cadence?: Cadence<Job>
  /**
   * Milliseconds from subscribe, for each job, after which the stream fails with DeadlineError, whatever it waits for: the
   * job, the rest of its log, the reason of its failure. Default: none.
   */
  readonly deadline?: number
  /** Default: the source's, else asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /**
   * A number from 0 up to 1, for all that is left to chance: the waits after failures and those of the default cadence.
   * Default Math.random; `() => 1` makes each wait the longest, and a test the same each time.
   */
  readonly random?: () => number
  /**
   * Told when a connection is well for the first time, fails and is tried again, is well again, or is given up for another
   * way; `ref` is the job whose stream it is. What it throws is the stream's error.
   */
  readonly onConnection?: (connection: Connection<Ref>) => void
  /** How many failures in a row end the stream with the last of them. Default 20: about four minutes. */
  readonly maxFailures?: number
  /**
   * When it emits, the service is asked to stop the job, and the stream goes on to the end that this brings. Taken once;
   * repeated while it fails in passing, and an order that the service will not take is the stream's error. Default: never.
   */
  readonly cancelWhen?: IfCancels<Source, Observable<unknown>>
  /**
   * Whether the service is asked to stop the job when the stream is gone before the job is over: unsubscribed from, past
   * its deadline, or failed. That request outlives the stream; what comes of it is told to `onConnection`. Default false.
   */
  readonly cancelWhenLeft?: IfCancels<Source, boolean>
}

/** How each of many jobs of a source is watched. */
export interface EachWatchOptions<Source> extends WatchOptions<JobOf<Source>, RefOf<Source>, Source>, MergeOptions {}
