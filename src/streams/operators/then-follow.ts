import type { OperatorFunction } from 'rxjs'
import { checkStream } from '../check-stream.ts'
import { followJob } from '../follow-job.ts'
import type { JobEvent } from '../job-event.ts'
import type { JobSource } from '../job-source.ts'
import type { TailOptions } from '../log/tail-options.ts'
import { eachPaced, type MergeOptions } from '../submitted.ts'

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
export function thenFollow<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  options: TailOptions<Job, Ref> & MergeOptions = {},
): OperatorFunction<Submitted, JobEvent<Ref, Job, Failure>> {
  checkStream('thenFollow', source, options)
  return eachPaced(source, options, (ref) => followJob(source, ref, options))
}
