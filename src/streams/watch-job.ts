import {
  catchError,
  defer,
  distinctUntilChanged,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  tap,
  throwError,
} from 'rxjs'
import { DeadlineError } from '../core/index.ts'
import { failAfter } from './deadline.ts'
import type { JobSource, Reading } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { checkOptions, clockOf, nameOf } from './options.ts'
import { checkCancel, supervised } from './supervised.ts'
import { TrailKeeper } from './trail.ts'
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
 * the request and the wait. Each subscription is a watch of its own. An error that ends it says in its `trail` what was
 * seen before, and how often.
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
  checkCancel(source, options)
  const path = nameOf(source, ref)
  return defer(() => {
    let last: JobStatus<Ref, Job> | undefined
    const seen = new TrailKeeper()
    return supervised(source, ref, seen.heard(options)).pipe(
      tap(({ phase }) => seen.looked(phase)),
      changes(source),
      map(({ job, phase }): JobStatus<Ref, Job> => ({ _tag: 'Status', ref, job, phase })),
      tap((status) => (last = status)),
      failAfter(options.deadline, clockOf(source, options), () => {
        return new DeadlineError({ method: 'GET', path, deadline: options.deadline ?? 0, last })
      }),
      catchError((error: unknown) => throwError(() => seen.onto(error))),
    )
  })
}
