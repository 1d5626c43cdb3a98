import type { OperatorFunction } from 'rxjs'
import { checkStream } from '../check-stream.ts'
import { followJob } from '../follow-job.ts'
import type { JobEvent } from '../job-event.ts'
import type { JobSource } from '../job-source.ts'
import type { EachTailOptions } from '../log/tail-options.ts'
import { eachPaced } from '../submitted.ts'
import type { AnyJobSource, FailureOf, JobOf, RefOf, SubmittedOf } from '../source-types.ts'

/**
 * Follows each job that the source Observable submits: {@link followJob} for each, merged. Every event carries the job's
 * `ref`; `Settled` is the last one of each.
 *
 * @example
 * ```ts
 * import { thenFollow } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const events = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' }).pipe(thenFollow(cx.jobs))
 * ```
 */
export function thenFollow<S extends AnyJobSource>(
  source: S,
  options?: EachTailOptions<S>,
): OperatorFunction<SubmittedOf<S>, JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>>
export function thenFollow<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: EachTailOptions<JobSource<Ref, Job, Failure, Submitted>> = {},
): OperatorFunction<Submitted, JobEvent<Ref, Job, Failure>> {
  checkStream('thenFollow', source, options)
  return eachPaced(source, options, (ref) => followJob(source, ref, options))
}
