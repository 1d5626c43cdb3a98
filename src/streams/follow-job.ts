import { map, type Observable } from 'rxjs'
import { Paced } from '../core/index.ts'
import { checkJob } from './check-stream.ts'
import { flatten } from './flatten.ts'
import { followEvents } from './follow-events.ts'
import type { JobEvent, Settled } from './job-event.ts'
import type { JobSource } from './job-source.ts'
import type { TailOptions } from './log/tail-options.ts'
import { outcomeOf } from './outcome.ts'
import type { AnyJobSource, FailureOf, JobOf, RefOf } from './source-types.ts'

/**
 * Follows a job in one stream: its status at each change, its log, how the connections are doing, and at the end, once
 * the log is drained, how it ended and why. `Settled` is always the last event of a stream that completes.
 *
 * Lines that were written before the job ended may come after its final status; only `Settled` means that there are no more.
 * For a source without a log it is a watch with an outcome. Costs, buffering and errors as {@link tailLog}; the reason
 * of a failure is read once, at the end, and if that fails the outcome says so.
 *
 * @throws TypeError at the call for a reference, a cursor or an option that can never work
 *
 * @example
 * ```ts
 * import { followJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const log: Array<string> = []
 * const following = followJob(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * const follow = () =>
 *   following.subscribe((event) => {
 *     if (event._tag === 'Line') log.push(event.data)
 *     if (event._tag === 'Settled') log.push(event.outcome.phase)
 *   })
 * ```
 */
export function followJob<S extends AnyJobSource>(
  source: S,
  ref: RefOf<S>,
  options?: TailOptions<JobOf<S>, RefOf<S>, S>,
): Observable<JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>>
export function followJob<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: TailOptions<Job, Ref> = {},
): Observable<JobEvent<Ref, Job, Failure>> {
  checkJob('followJob', source, ref, options)
  const followed = followEvents(source, ref, options, (last, heard) =>
    outcomeOf(source, last, heard).pipe(
      map((outcome): Settled<Ref, Job, Failure> => ({ _tag: 'Settled', ref, outcome })),
    ),
  )
  return new Paced((ready) => flatten(followed(ready), (event, subscriber) => subscriber.next(event)))
}
