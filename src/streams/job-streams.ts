import { concat, concatMap, map, type Observable, of, type OperatorFunction, throwError } from 'rxjs'
import { BackpressuredObservable, type Demand, unlimited } from '../core/index.ts'
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
import { LogGapError } from './errors.ts'
import { intervalOf, waitAfter } from './intervals.ts'
import { jobEvents, type TailContext, type View } from './job-events.ts'
import { bindLog, checkLogStart, elementsOf, tailElements } from './log/index.ts'
import { outcomeOf } from './outcome.ts'
import type {
  AnyCancellableSource,
  AnyJobSource,
  AnyLoggedSource,
  Connection,
  FailureOf,
  GapReason,
  JobEvent,
  JobLog,
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

/** The log of a job as its stream emits it. */
function tailOf<Ref, Job>(
  log: JobLog<Ref>,
  ref: Ref,
  jobKey: string,
  options: TailOptions<Ref, Job>,
  demand: Demand = unlimited,
): (context: TailContext<Job>) => Observable<ReadonlyArray<LogElement<Ref>>> {
  const { from = 'start', onGap = 'repair', stallTimeout = 30_000, maxLineLength = 2 ** 20 } = options
  const { random = Math.random } = options
  return (context) => {
    const { scheduler, connection, over, onClosed } = context
    const elements = tailElements({
      log: bindLog(log, ref, maxLineLength),
      jobKey,
      from,
      repair: onGap !== 'emit',
      stallTimeout,
      scheduler,
      random,
      demand,
      connection,
      pause: logPause(context, options),
      over,
      onClosed,
      elements: elementsOf(ref),
    })
    return onGap === 'error' ? elements.pipe(failAtGap(jobKey)) : elements
  }
}

// Milliseconds between two reads of a log that is polled: at least so many while it grows, more while it does not, and up to twice as
// many by jitter.
const shortestPause = 500
const longestPause = 2_500
const pauseFactor = 1.5

/** How long to wait between two reads of a log that is polled: as the caller's interval says, else as long as it grows. */
function logPause<Ref, Job>(
  { job, age }: TailContext<Job>,
  { pollInterval, random = Math.random }: TailOptions<Ref, Job>,
): (added: boolean) => number {
  let attempt = 0
  let unchanged = 0
  return (added) => {
    attempt++
    if (pollInterval !== undefined) return waitAfter(intervalOf(pollInterval), job(), age(), attempt)
    unchanged = added ? 0 : unchanged + 1
    return Math.min(longestPause, shortestPause * pauseFactor ** unchanged) * (1 + random())
  }
}

/** Fails at the first gap; what comes before it is emitted. */
function failAtGap<Ref>(
  path: string,
): OperatorFunction<ReadonlyArray<LogElement<Ref>>, ReadonlyArray<LogElement<Ref>>> {
  return concatMap((batch) => {
    const at = batch.findIndex(({ _tag }) => _tag === 'Gap')
    const gap = batch[at]
    if (gap?._tag !== 'Gap') return of(batch)
    const error = new LogGapError({ method: 'GET', path, gap, reason: reasons[gap.reason] })
    return concat(
      of(batch.slice(0, at)),
      throwError(() => error),
    )
  })
}

const reasons: Readonly<Record<GapReason, string>> = {
  window: 'the log went on further than the service shows of it',
  ambiguous: 'equal lines leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineLength',
}
