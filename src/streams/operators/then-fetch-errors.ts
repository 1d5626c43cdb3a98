import { filter, mergeMap, type OperatorFunction } from 'rxjs'
import { checkStream } from '../check-stream.ts'
import type { JobSource } from '../job-source.ts'
import { isFinalStatus, type JobStatus } from '../job-status.ts'
import { type Outcome, type OutcomeOptions, outcomeOf } from '../outcome.ts'
import type { AnyJobSource, FailureOf, JobOf, RefOf } from '../source-types.ts'

/** How the reasons of many jobs are read. */
export interface FetchErrorsOptions<Ref = unknown> extends OutcomeOptions<Ref> {
  /** How many reasons are read at a time. Default 4. Outcomes come as they are known, not in the order the jobs ended. */
  readonly concurrency?: number
}

/**
 * One {@link Outcome} for each final status, with the reason of a failure; statuses on the way are dropped.
 *
 * A reason that cannot be read is in the outcome's `failureError`, beside the job's own end: it does not fail the
 * stream. Costs at most one request a job that did not succeed.
 *
 * @throws TypeError at the call for an option that can never work
 *
 * @example
 * ```ts
 * import { thenFetchErrors, thenWatch } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const outcomes = cx
 *   .postInfrastructureascodeJobs({ acceleratorId: 'a' })
 *   .pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))
 * ```
 */
export function thenFetchErrors<S extends AnyJobSource>(
  source: S,
  options?: FetchErrorsOptions<RefOf<S>>,
): OperatorFunction<JobStatus<RefOf<S>, JobOf<S>>, Outcome<JobOf<S>, FailureOf<S>, RefOf<S>>>
export function thenFetchErrors<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: FetchErrorsOptions<Ref> = {},
): OperatorFunction<JobStatus<Ref, Job>, Outcome<Job, Failure, Ref>> {
  checkStream('thenFetchErrors', source, options)
  const { concurrency = 4 } = options
  return (statuses) =>
    statuses.pipe(
      filter(isFinalStatus),
      mergeMap((status) => outcomeOf(source, status, options), concurrency),
    )
}
