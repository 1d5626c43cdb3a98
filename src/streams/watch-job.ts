import { defer, distinctUntilChanged, map, type MonoTypeOperatorFunction, type Observable, tap } from 'rxjs'
import { DeadlineError } from '../core/index.ts'
import { failAfter } from './deadline.ts'
import type { JobSource, Reading } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { checkOptions, clockOf } from './options.ts'
import { readings } from './readings.ts'
import type { WatchOptions } from './watch-options.ts'

/** Drops readings that tell nothing new. */
export function changes<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
): MonoTypeOperatorFunction<Reading<Ref, Job>> {
  const same = source.same ?? ((a: Job, b: Job) => JSON.stringify(a) === JSON.stringify(b))
  return distinctUntilChanged((a, b) => a.phase === b.phase && same(a.job, b.job))
}

/**
 * Watches a job: its status now and at each change, until it is over; then completes.
 *
 * Looks at the job at the given cadence, one look at a time. A failure that may pass is waited out with backoff (or for
 * as long as Retry-After asks), up to `maxFailures` in a row, and told to `onConnection`; every other error ends the
 * stream. Costs one request a look and holds one timer. Emits as things happen and buffers nothing; unsubscribing aborts
 * the request and the wait. Each subscription is a watch of its own.
 *
 * ```text
 * looks     q--q--r----r----r-----s
 * watchJob  q-----r----------------(s|)
 * ```
 *
 * @throws TypeError at the call for a reference or an option that can never work
 *
 * @example
 * ```ts
 * import { watchJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const statuses = watchJob(pc.jobs, { guid: 'a-guid', key: 'a-key' }, { deadline: 600_000 })
 * ```
 */
export function watchJob<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job> = {},
): Observable<JobStatus<Ref, Job>> {
  checkOptions(options)
  const path = source.keyOf(ref)
  return defer(() => {
    let last: JobStatus<Ref, Job> | undefined
    return readings(source, ref, options).pipe(
      changes(source),
      map(({ job, phase }): JobStatus<Ref, Job> => ({ _tag: 'Status', ref, job, phase })),
      tap((status) => (last = status)),
      failAfter(options.deadline, clockOf(source, options), () => {
        return new DeadlineError({ method: 'GET', path, deadline: options.deadline ?? 0, last })
      }),
    )
  })
}
