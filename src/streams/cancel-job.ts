import { type Observable, of } from 'rxjs'
import { checkCancel, checkJob } from './check-stream.ts'
import type { JobSource } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { watchJob } from './watch-job.ts'
import type { WatchOptions } from './watch-options.ts'
import type { AnyCancellableSource, JobOf, RefOf } from './source-types.ts'

/** A source that can stop its jobs. */
export interface CancellableJobSource<Ref, Job, Failure, Submitted = Ref>
  extends JobSource<Ref, Job, Failure, Submitted> {
  readonly cancel: (ref: Ref) => Observable<void>
}

/**
 * Cancels a job and watches it to the end that this brings: the answer to a cancellation is only a receipt.
 *
 * It is {@link watchJob} with the order given at once, and with its statuses, costs and errors. A job that is over
 * already is no failure: its end is what is emitted. Where the service will not take the order, its error is the stream's.
 * What a service says of a job that was stopped is its own: Posit Connect reports `failed` with exit code 143 (128 and
 * the number of the signal), which a program that caught SIGTERM and said so itself would report as well.
 *
 * @throws TypeError at the call for a reference or an option that can never work
 *
 * @example
 * ```ts
 * import { cancelJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const end = cancelJob(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * ```
 */
export function cancelJob<S extends AnyCancellableSource>(
  source: S,
  ref: RefOf<S>,
  options?: Omit<WatchOptions<JobOf<S>, RefOf<S>>, 'cancelWhen'>,
): Observable<JobStatus<RefOf<S>, JobOf<S>>>
export function cancelJob<Ref, Job, Failure, Submitted>(
  source: CancellableJobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: Omit<WatchOptions<Job, Ref>, 'cancelWhen'> = {},
): Observable<JobStatus<Ref, Job>> {
  checkJob('cancelJob', source, ref, options)
  checkCancel('cancelJob', source)
  return watchJob(source, ref, { ...options, cancelWhen: of(undefined) })
}
