import { catchError, defer, map, type Observable, of, throwError } from 'rxjs'
import { type ApiError, isApiError, NetworkError } from '../core/index.ts'
import { none, some } from '../core/option.ts'
import type { JobSource } from './job-source.ts'
import type { Phase } from './phase.ts'

const keyOf = (ref: unknown): string => JSON.stringify(ref)

/** A service in two functions. */
export interface SimpleService<Ref, Job> {
  /**
   * One read, one attempt: the streams do the repeating. An error that is no ApiError, such as what `fetch` rejects with, is
   * taken for a failure of the network and tried again; raise `new HttpError({ … })` for what should end a stream.
   */
  readonly status: (ref: Ref) => Observable<Job>
  readonly phase: (job: Job) => Phase
}

/**
 * Lifts a simple service to a {@link JobSource}: what submits gives the reference, its JSON is its name, and the failure
 * is the job itself where it failed. Spread it to replace or add: `{ ...simpleSource(…), log, cancel }`.
 *
 * @example
 * ```ts
 * import { lastValueFrom, of } from 'rxjs'
 * import { simpleSource, watchJob } from 'rxjobs'
 *
 * const builds = simpleSource({
 *   status: (id: number) => of({ id, state: 'passed' }),
 *   phase: (build) => (build.state === 'passed' ? 'succeeded' : 'running'),
 * })
 * const last = await lastValueFrom(watchJob(builds, 7))
 * last.phase // => 'succeeded'
 * ```
 */
export function simpleSource<Ref, Job>({ status, phase }: SimpleService<Ref, Job>): JobSource<Ref, Job, Job> {
  const foreign = (ref: Ref, cause: unknown): ApiError => new NetworkError({ method: 'GET', path: keyOf(ref), cause })
  return {
    status: (ref) =>
      defer(() => status(ref)).pipe(
        catchError((error: unknown) => throwError(() => (isApiError(error) ? error : foreign(ref, error)))),
        map((job) => ({ ref, job, phase: phase(job) })),
      ),
    refOf: some,
    keyOf,
    failure: (_ref, job) => of(phase(job) === 'failed' ? some(job) : none),
  }
}
