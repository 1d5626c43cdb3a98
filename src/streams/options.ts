import { asyncScheduler, type SchedulerLike } from 'rxjs'
import type { Connection } from './connection.ts'
import type { JobSource } from './job-source.ts'
import type { Patience } from './link.ts'
import type { WatchOptions } from './watch-options.ts'

/** The clock of a stream: the option's, else the source's, else rxjs's asyncScheduler. */
export function clockOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: { readonly scheduler?: SchedulerLike },
): SchedulerLike {
  return options.scheduler ?? source.scheduler ?? asyncScheduler
}

/** How a stream on this source bears failures. */
export function patienceOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { onConnection, maxFailures = 20, ...options }: Pick<WatchOptions<Job>, 'scheduler' | 'onConnection' | 'maxFailures'>,
): Patience {
  return {
    scheduler: clockOf(source, options),
    maxFailures,
    transient: source.transient,
    report: (connection: Connection) => onConnection?.(connection),
  }
}

/** @throws TypeError for a deadline or a bound that no stream can keep */
export function checkOptions({ deadline, maxFailures }: WatchOptions<never>): void {
  if (deadline !== undefined && !(deadline > 0)) {
    throw new TypeError(`deadline must be a positive number of milliseconds, was ${deadline}`)
  }
  if (maxFailures !== undefined && !(maxFailures >= 0)) {
    throw new TypeError(`maxFailures must be a number from 0 up, was ${maxFailures}`)
  }
}
