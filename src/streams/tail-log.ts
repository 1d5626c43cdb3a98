import type { Observable } from 'rxjs'
import { Paced } from '../core/index.ts'
import { checkJob, checkLog } from './check-stream.ts'
import { flatten } from './flatten.ts'
import { followEvents, type Single } from './follow-events.ts'
import type { LoggedJobSource } from './job-source.ts'
import type { LogElement } from './log/log-line.ts'
import type { TailOptions } from './log/tail-options.ts'
import type { AnyLoggedSource, JobOf, RefOf } from './source-types.ts'

/**
 * Tails a job's log: every line once, in the server's order, from the beginning or from a cursor; completes when the job
 * is over and the log is drained. What could not be had is a gap, never silence.
 *
 * Opens the service's live connection, reads the log up to there and joins the two; reconnects and joins again; polls
 * the log where the connection is no good. A connection that closes is not the end: the job's status is, which is
 * watched beside it at the given cadence. How lines are joined without sequence numbers, and on what assumptions, is in
 * `docs/tail.md`.
 *
 * Costs one status request a look, one open connection, and a read of the log at each connect. Emits synchronously as
 * lines arrive and buffers nothing for a slow consumer: `toAsyncIterable(tailLog(…))` holds the connection back instead.
 * Errors as {@link watchJob}, and with LogGapError for `onGap: 'error'`.
 *
 * @throws TypeError at the call for a reference, a cursor or an option that can never work
 *
 * @example
 * ```ts
 * import { tailLog } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const log = tailLog(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * ```
 */
export function tailLog<S extends AnyLoggedSource>(
  source: S,
  ref: RefOf<S>,
  options?: TailOptions<JobOf<S>, RefOf<S>, S>,
): Observable<LogElement<RefOf<S>>>
export function tailLog<Ref, Job, Failure, Submitted>(
  source: LoggedJobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: TailOptions<Job, Ref> = {},
): Observable<LogElement<Ref>> {
  checkJob('tailLog', source, ref, options)
  checkLog('tailLog', source)
  const followed = followEvents(source, ref, options)
  return new Paced((ready) =>
    flatten<Single<Ref, Job>, LogElement<Ref>, LogElement<Ref>>(followed(ready), () => undefined),
  )
}
