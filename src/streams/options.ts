import { asyncScheduler, type SchedulerLike } from 'rxjs'
import { type Cadence, proportional } from './cadence.ts'
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

/** How long a stream waits between two looks: as the option says, else by the default. */
export const cadenceOf = <Job>({ cadence, random }: Pick<WatchOptions<Job>, 'cadence' | 'random'>): Cadence<Job> =>
  cadence ?? proportional(random && { random })

/** What a stream is told of how to bear failures. */
export type PatienceOptions<Ref = unknown> = Pick<
  WatchOptions<unknown, Ref>,
  'scheduler' | 'random' | 'onConnection' | 'maxFailures'
>

/** How a stream on this source bears failures, and that what it tells of them is about `ref`. */
export function patienceOf<Ref, Job, Failure, Submitted, About>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: About,
  { onConnection, maxFailures = 20, random, ...options }: PatienceOptions<About>,
): Patience {
  return {
    scheduler: clockOf(source, options),
    maxFailures,
    random,
    transient: source.transient,
    report: (change) => onConnection?.({ ref, ...change }),
  }
}
