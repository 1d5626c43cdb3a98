import type { OperatorFunction } from 'rxjs'
import { checkLog, checkStream } from '../check-stream.ts'
import type { LoggedJobSource } from '../job-source.ts'
import type { LogElement } from '../log/log-line.ts'
import type { EachTailOptions } from '../log/tail-options.ts'
import { eachPaced } from '../submitted.ts'
import { tailLog } from '../tail-log.ts'
import type { AnyLoggedSource, RefOf, SubmittedOf } from '../source-types.ts'

/**
 * Tails the log of each job that the source Observable submits: {@link tailLog} for each, merged. Every line carries the
 * job's `ref`.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import { thenTail } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const lines = of({ guid: 'a-guid', key: 'a-key' }).pipe(thenTail(pc.jobs))
 * ```
 */
export function thenTail<S extends AnyLoggedSource>(
  source: S,
  options?: EachTailOptions<S>,
): OperatorFunction<SubmittedOf<S>, LogElement<RefOf<S>>>
export function thenTail<Ref, Job, Failure, Submitted>(
  source: LoggedJobSource<Ref, Job, Failure, Submitted>,
  options: EachTailOptions<LoggedJobSource<Ref, Job, Failure, Submitted>> = {},
): OperatorFunction<Submitted, LogElement<Ref>> {
  checkStream('thenTail', source, options)
  checkLog('thenTail', source)
  return eachPaced(source, options, (ref) => tailLog(source, ref, options))
}
