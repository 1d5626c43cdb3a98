import { map, type Observable, of } from 'rxjs'
import { BackpressuredObservable } from '../core/index.ts'
import {
  checkCancel,
  checkLog,
  checkRef,
  checkStream,
  type LoggedSourceOf,
  type OptionsOf,
  type SourceOf,
  tailTable,
  watchTable,
} from './check.ts'
import { jobEvents, type View } from './job-events.ts'
import { checkLogStart, tailOf } from './log/index.ts'
import { outcomeOf } from './outcome.ts'
import type {
  AnyCancellableSource,
  AnyJobSource,
  AnyLoggedSource,
  Connection,
  FailureOf,
  JobEvent,
  JobOf,
  JobStatus,
  LogElement,
  RefOf,
  Settled,
  TailOptions,
  WatchOptions,
} from './types.ts'

/**
 * Watches a job: emits its status now and at each change, and completes when the job is over.
 *
 * Reads the status at `pollInterval`, one read at a time. A failure that may pass is retried with backoff, or after Retry-After, and
 * reported to `onConnection`; every other error ends the stream, with `observedResponses`. Costs one request a read and one timer.
 * Unsubscribing aborts the request and the wait. Each subscription is a watch of its own.
 *
 * ```text
 * reads     q--q--r----r----r-----s
 * watchJob  q-----r---------------(s|)
 * ```
 *
 * @throws TypeError for an invalid source, reference or option
 *
 * @example
 * ```ts
 * import { watchJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const statuses = watchJob(pc.jobs, { guid: 'a-guid', key: 'a-key' }, { deadline: 600_000 })
 * ```
 */
export function watchJob<S extends AnyJobSource>(
  source: S,
  ref: RefOf<S>,
  options: WatchOptions<RefOf<S>, JobOf<S>, S> = {},
): Observable<JobStatus<RefOf<S>, JobOf<S>>> {
  const checked = checkStream('watchJob', source, options, watchTable)
  return watchStream('watchJob', checked.source, ref, checked.options)
}

// One for all watches.
const statusesOnly = { onStatus: <Status>(status: Status): Status => status }

/** {@link watchJob} of what is checked. */
export function watchStream<S extends AnyJobSource>(
  caller: string,
  source: SourceOf<S>,
  ref: RefOf<S>,
  options: OptionsOf<S>,
  isNew?: boolean,
): Observable<JobStatus<RefOf<S>, JobOf<S>>> {
  const key = checkRef(caller, source, ref)
  const view: View<RefOf<S>, JobOf<S>, JobStatus<RefOf<S>, JobOf<S>>> = statusesOnly
  return jobEvents({ source, ref, key, options, isNew, view })
}

/**
 * Cancels a job and watches it to the end that this brings, because a service only confirms that it will stop the job.
 *
 * It is {@link watchJob} with a cancellation at once. A job that is over already is no failure: its end is emitted. Where the service
 * refuses, its error is the stream's.
 *
 * @throws TypeError for an invalid source, reference or option
 *
 * @example
 * ```ts
 * import { cancelJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const end = cancelJob(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * ```
 */
export function cancelJob<S extends AnyCancellableSource>(
  source: S,
  ref: RefOf<S>,
  options: Omit<WatchOptions<RefOf<S>, JobOf<S>, S>, 'cancelOn'> = {},
): Observable<JobStatus<RefOf<S>, JobOf<S>>> {
  const checked = checkStream('cancelJob', source, options, watchTable)
  checkCancel('cancelJob', source)
  return watchStream('cancelJob', checked.source, ref, { ...checked.options, cancelOn: of(undefined) })
}

/**
 * Tails a job's log: every line once, in the server's order, from the beginning or from `from`; completes when the job is over and
 * the log is drained. Missing lines are reported as {@link LogGap} elements.
 *
 * Opens the service's live connection, reads the log up to there and joins the two; reconnects; polls the log where the connection
 * does not work. A connection that closes is not the end: the job's status is, which is watched beside it.
 *
 * Costs the requests of a watch, one live connection, and a read of the log at each connect. Emits as lines arrive and buffers
 * nothing: `toAsyncIterable(tailLog(…))` holds the connection back instead. Errors as {@link watchJob}, and LogGapError for
 * `onGap: 'error'`.
 *
 * @throws TypeError for an invalid source, reference or option, and for a cursor of another job
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
  options: TailOptions<RefOf<S>, JobOf<S>, S> = {},
): Observable<LogElement<RefOf<S>>> {
  const checked = checkStream('tailLog', source, options, tailTable)
  return tailStream('tailLog', checkLog('tailLog', checked.source), ref, checked.options)
}

/** {@link tailLog} of what is checked. */
export function tailStream<S extends AnyLoggedSource>(
  caller: string,
  source: LoggedSourceOf<S>,
  ref: RefOf<S>,
  options: OptionsOf<S>,
  isNew?: boolean,
): Observable<LogElement<RefOf<S>>> {
  const key = checkRef(caller, source, ref)
  checkLogStart(caller, options.from, key)
  return new BackpressuredObservable((demand) => {
    const tail = tailOf(source.log, ref, key, options, demand)
    const view: View<RefOf<S>, JobOf<S>, LogElement<RefOf<S>>> = { tail }
    return jobEvents({ source, ref, key, options, isNew, view })
  })
}

/**
 * Follows a job in one stream: its status at each change, its log, the state of the connections, and at the end, once the log is
 * drained, how it ended and why. `Settled` is the last event of every stream that completes.
 *
 * Lines that were written before the job ended may come after its final status. For a source without a log it is a watch with an
 * outcome. Costs, buffering and errors as {@link tailLog}; the reason of a failure is read once, at the end, and where that fails the
 * outcome says so.
 *
 * @throws TypeError for an invalid source, reference or option, and for a cursor of another job
 *
 * @example
 * ```ts
 * import { followJob } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const log: Array<string> = []
 * const following = followJob(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * const follow = () =>
 *   following.subscribe((event) => {
 *     if (event._tag === 'Line') log.push(event.data)
 *     if (event._tag === 'Settled') log.push(event.outcome.phase)
 *   })
 * ```
 */
export function followJob<S extends AnyJobSource>(
  source: S,
  ref: RefOf<S>,
  options: TailOptions<RefOf<S>, JobOf<S>, S> = {},
): Observable<JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>> {
  const checked = checkStream('followJob', source, options, tailTable)
  return followStream('followJob', checked.source, ref, checked.options)
}

/** {@link followJob} of what is checked. */
export function followStream<S extends AnyJobSource>(
  caller: string,
  source: SourceOf<S>,
  ref: RefOf<S>,
  options: OptionsOf<S>,
  isNew?: boolean,
): Observable<JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>> {
  type Event = JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>
  const key = checkRef(caller, source, ref)
  checkLogStart(caller, options.from, key)
  const { log } = source
  return new BackpressuredObservable((demand) => {
    const view: View<RefOf<S>, JobOf<S>, Event> = {
      onStatus: (status) => status,
      onConnection: (connection: Connection<RefOf<S>>) => connection,
      ...(log && { tail: tailOf(log, ref, key, options, demand) }),
      settle: (status, connections) =>
        outcomeOf(source, status, options, connections).pipe(
          map((outcome): Settled<RefOf<S>, JobOf<S>, FailureOf<S>> => ({ _tag: 'Settled', ref, outcome })),
        ),
    }
    return jobEvents({ source, ref, key, options, isNew, view })
  })
}
