import type { Option } from 'fp-ts/lib/Option.js'
import { none, some } from '../core/option.ts'
import { catchError, defer, map, type Observable, of, throwError } from 'rxjs'
import { type ApiError, isApiError } from '../core/index.ts'
import type { JobSource } from './job-source.ts'
import type { FinalStatus } from './job-status.ts'
import { Link } from './link.ts'
import { type PatienceOptions, patienceOf } from './options.ts'
import type { FinalPhase } from './phase.ts'

/** How a job ended, and why if it failed. */
export interface Outcome<Job, Failure, Ref> {
  readonly ref: Ref
  /** As last seen. */
  readonly job: Job
  /** `succeeded`, `failed`, or `ended`: over, success not known. */
  readonly phase: FinalPhase
  /** Why it failed; none for a job that succeeded, or of which the service says nothing. */
  readonly failure: Option<Failure>
  /** Why the reason could not be read, beside the job's own end and never instead of it. */
  readonly failureError: Option<ApiError>
}

/** How the reason of a failure is read. */
export type OutcomeOptions<Ref = unknown> = PatienceOptions<Ref>

// A reason is worth a few more tries, not as long a wait as the job itself.
const fewFailures = 5

/** The outcome of a job that is over: reads the reason unless the job succeeded. Fails only as a defect of the source does. */
export function outcomeOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { ref, job, phase }: FinalStatus<Ref, Job>,
  { maxFailures = fewFailures, ...options }: OutcomeOptions<Ref> = {},
): Observable<Outcome<Job, Failure, Ref>> {
  const known = { ref, job, phase }
  if (phase === 'succeeded') return of({ ...known, failure: none, failureError: none })
  return defer(() => {
    // Answers came: the job is over.
    const link = new Link('status', patienceOf(source, ref, { maxFailures, ...options }), true)
    return link
      .once(() => source.failure(ref, job))
      .pipe(
        map((failure) => ({ ...known, failure, failureError: none })),
        catchError((error: unknown) =>
          isApiError(error) ? of({ ...known, failure: none, failureError: some(error) }) : throwError(() => error),
        ),
      )
  })
}
