import type { OperatorFunction } from 'rxjs'
import { checkStream } from '../check-stream.ts'
import type { JobSource } from '../job-source.ts'
import type { JobStatus } from '../job-status.ts'
import { eachSubmitted } from '../submitted.ts'
import { watchJob } from '../watch-job.ts'
import type { EachWatchOptions } from '../watch-options.ts'
import type { AnyJobSource, JobOf, RefOf, SubmittedOf } from '../source-types.ts'

/**
 * Watches each job that the source Observable submits: {@link watchJob} for each, merged. A deadline holds for each job.
 *
 * @example
 * ```ts
 * import { thenWatch } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const statuses = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' }).pipe(thenWatch(cx.jobs))
 * ```
 */
export function thenWatch<S extends AnyJobSource>(
  source: S,
  options?: EachWatchOptions<S>,
): OperatorFunction<SubmittedOf<S>, JobStatus<RefOf<S>, JobOf<S>>>
export function thenWatch<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: EachWatchOptions<JobSource<Ref, Job, Failure, Submitted>> = {},
): OperatorFunction<Submitted, JobStatus<Ref, Job>> {
  checkStream('thenWatch', source, options)
  return eachSubmitted(source, options, (ref) => watchJob(source, ref, options))
}
