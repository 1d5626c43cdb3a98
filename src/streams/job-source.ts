import { catchError, defer, map, type Observable, of, throwError } from 'rxjs'
import { NetworkError } from '../core/index.ts'
import { type ApiError, isApiError } from './errors.ts'
import type { JobSource, Phase } from './types.ts'

/** A service in two functions. */
export interface JobService<Ref, Job> {
  /**
   * Reads the job once: one attempt, because the streams repeat it. An error that is no ApiError, such as what `fetch` rejects with, is
   * taken for a failure of the network and tried again; throw `new HttpError({ … })` for what should end a stream.
   */
  readonly status: (ref: Ref) => Observable<Job> | PromiseLike<Job>
  readonly phase: (job: Job) => Phase
}

/**
 * Makes a {@link JobSource} of two functions. What is submitted is the reference, its JSON is its key, and the failure of a job is the
 * job. Spread it to replace or add: `{ ...jobSource(…), log, cancel }`.
 *
 * A phase that is none of {@link Phase} is a TypeError of the stream that names it.
 *
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs'
 * import { jobSource, watchJob } from 'rxjobs'
 *
 * const builds = jobSource({
 *   status: async (id: number) => ({ id, state: 'passed' }),
 *   phase: (build) => (build.state === 'passed' ? 'succeeded' : 'running'),
 * })
 * const last = await lastValueFrom(watchJob(builds, 7))
 * last.phase // => 'succeeded'
 * ```
 */
export function jobSource<Ref, Job>({ status, phase }: JobService<Ref, Job>): JobSource<Ref, Job, Job> {
  const keyOf = (ref: Ref): string => JSON.stringify(ref)
  const errorOf = (ref: Ref, cause: unknown): ApiError =>
    isApiError(cause) ? cause : new NetworkError({ method: 'GET', path: keyOf(ref), cause })
  return {
    status: (ref) =>
      defer(() => status(ref)).pipe(
        catchError((cause: unknown) => throwError(() => errorOf(ref, cause))),
        map((job) => ({ job, phase: phase(job) })),
      ),
    refOf: (submitted) => submitted,
    keyOf,
    failure: (_ref, job) => of(job),
  }
}
