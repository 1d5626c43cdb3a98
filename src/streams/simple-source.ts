import { map, type Observable, of } from 'rxjs'
import { none, some } from '../core/option.ts'
import type { JobSource } from './job-source.ts'
import type { Phase } from './phase.ts'

/** A service in two functions. */
export interface SimpleService<Ref, Job> {
  /** One read. */
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
  return {
    status: (ref) => status(ref).pipe(map((job) => ({ ref, job, phase: phase(job) }))),
    refOf: some,
    keyOf: (ref) => JSON.stringify(ref),
    failure: (_ref, job) => of(phase(job) === 'failed' ? some(job) : none),
  }
}
