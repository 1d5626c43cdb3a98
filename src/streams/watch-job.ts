import { Observable } from 'rxjs'
import { DeadlineError } from '../core/index.ts'
import { checkJob } from './check-stream.ts'
import { failAfter } from './deadline.ts'
import type { JobSource } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { clockOf } from './options.ts'
import { sameOf } from './same.ts'
import { Statuses } from './statuses.ts'
import { supervised } from './supervised.ts'
import type { WatchOptions } from './watch-options.ts'
import type { AnyJobSource, JobOf, RefOf } from './source-types.ts'

/**
 * Watches a job: its status now and at each change, until it is over; then completes.
 *
 * Looks at the job at the given cadence, one look at a time. A failure that may pass is waited out with backoff (or for
 * as long as Retry-After asks), up to `maxFailures` in a row, and told to `onConnection`; every other error ends the
 * stream. Costs one request a look and holds one timer, and one for the deadline. Emits as things happen and buffers nothing; unsubscribing aborts
 * the request and the wait. Each subscription is a watch of its own. An error that ends it says in its `trail` what was
 * seen before, and how often.
 *
 * ```text
 * looks     q--q--r----r----r-----s
 * watchJob  q-----r---------------(s|)
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
export function watchJob<S extends AnyJobSource>(
  source: S,
  ref: RefOf<S>,
  options?: WatchOptions<JobOf<S>, RefOf<S>, S>,
): Observable<JobStatus<RefOf<S>, JobOf<S>>>
export function watchJob<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job, Ref> = {},
): Observable<JobStatus<Ref, Job>> {
  checkJob('watchJob', source, ref, options)
  const path = source.keyOf(ref)
  const same = sameOf(source)
  return new Observable((subscriber) => {
    const statuses = new Statuses(subscriber, same, path)
    const late = (): DeadlineError =>
      new DeadlineError({ method: 'GET', path, deadline: options.deadline ?? 0, last: statuses.last })
    return supervised(source, ref, statuses.heard(options))
      .pipe(failAfter(options.deadline, clockOf(source, options), late))
      .subscribe(statuses)
  })
}
