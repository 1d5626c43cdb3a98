import { mergeMap, Observable, of, type OperatorFunction, throwError } from 'rxjs'
import {
  BackpressuredObservable,
  DecodeError,
  type Demand,
  isObject,
  isPromise,
  typeName,
  withDemand,
} from '../core/index.ts'
import { type Checked, checkRef, checkStream, each, readTable, tailTable, watchTable } from './check.ts'
import { JobEvents, type View } from './job-events.ts'
import { checkLogStart, createLogRead, createLogTail } from './log/index.ts'
import { outcomeOf } from './outcome.ts'
import type {
  AnyCancellableSource,
  AnyJobSource,
  AnyLoggedSource,
  FailureOf,
  JobEvent,
  JobOf,
  JobStatus,
  LogElement,
  MergeOptions,
  ReadOptions,
  RefOf,
  SubmittedOf,
  TailOptions,
  WatchOptions,
} from './types.ts'

/** How each of many submitted jobs is watched. */
export interface EachWatchOptions<S> extends WatchOptions<RefOf<S>, JobOf<S>, S>, MergeOptions {}

/** How the log of each of many submitted jobs is tailed. */
export interface EachTailOptions<S> extends TailOptions<RefOf<S>, JobOf<S>, S>, MergeOptions {}

// ---- what the streams have in common

type EventOf<S> = JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>

type ViewOf<S, Out extends EventOf<S>> = View<RefOf<S>, JobOf<S>, FailureOf<S>, Out>

const watch = {
  shows: <Ref, Job>(event: JobEvent<Ref, Job, unknown>): event is JobStatus<Ref, Job> => event._tag === 'Status',
}

const isLogElement = <Ref>(event: JobEvent<Ref, unknown, unknown>): event is LogElement<Ref> =>
  event._tag === 'Line' || event._tag === 'Gap'

const tail = { shows: isLogElement, checkStart: checkLogStart, tail: createLogTail }

const read = { shows: isLogElement, checkStart: checkLogStart, tail: createLogRead }

const follow = {
  shows: <Event>(event: Event | undefined): event is Event => event !== undefined,
  checkStart: checkLogStart,
  tail: createLogTail,
  outcome: outcomeOf,
}

/**
 * The stream of a job, for each job of a source.
 *
 * @throws TypeError for what the source cannot fulfil, and for a reference that names no job
 */
function streamOf<S, Out extends EventOf<S>>(
  { caller, source, options }: Checked<S>,
  view: ViewOf<S, Out>,
): (ref: RefOf<S>, isNew?: boolean) => Observable<Out> {
  if ((options.cancelOn || options.cancelOnUnsubscribe) && !source.cancel) {
    throw new TypeError(`${caller}: this source cannot cancel a job: it has no \`cancel\``)
  }
  const needsLog = view.tail && !view.outcome
  if (needsLog && !source.log) throw new TypeError(`${caller}: this source has no log; watchJob needs none`)
  return (ref, isNew = false) => {
    const key = checkRef(caller, source, ref)
    view.checkStart?.(caller, options.from, key)
    return new BackpressuredObservable((demand) => {
      const watched = { source, ref, key, options, demand, isNew }
      return new Observable((subscriber) => new JobEvents(watched, view, subscriber).start())
    })
  }
}

/** What to do about a value that names no job. */
function mistakeOf(submitted: unknown): string {
  if (Array.isArray(submitted) || isPromise(submitted)) return ': flatten it first, with mergeMap'
  return isObject(submitted) ? '; is it for another source? What a deploy gives is for pc.tasks or thenJobs' : ''
}

/** The streams of all jobs that are submitted, merged. An answer that names no job is a DecodeError. */
function eachOf<S, Out extends EventOf<S>>(
  checked: Checked<S>,
  view: ViewOf<S, Out>,
): OperatorFunction<SubmittedOf<S>, Out> {
  const stream = streamOf(checked, view)
  const { caller, source, options } = checked
  const streamOfAnswer = (submitted: SubmittedOf<S>, demand: Demand): Observable<Out> => {
    const ref = source.refOf(submitted)
    if (ref !== undefined) return withDemand(stream(ref, true), demand)
    // Its values may be an echoed secret.
    const issue = {
      path: '',
      expected: 'an answer that names the job',
      actual: typeName(submitted) + mistakeOf(submitted),
    }
    return throwError(() => new DecodeError({ method: caller, path: '(submitted)', issues: [issue] }))
  }
  return (answers) =>
    new BackpressuredObservable((demand) =>
      withDemand(answers, demand).pipe(mergeMap((answer) => streamOfAnswer(answer, demand), options.concurrency)),
    )
}

// ---- the streams

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
  return streamOf<S, JobStatus<RefOf<S>, JobOf<S>>>(checkStream('watchJob', source, options, watchTable), watch)(ref)
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
  const cancelled = { ...checked, options: { ...checked.options, cancelOn: of(undefined) } }
  return streamOf<S, JobStatus<RefOf<S>, JobOf<S>>>(cancelled, watch)(ref)
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
  return streamOf<S, LogElement<RefOf<S>>>(checkStream('tailLog', source, options, tailTable), tail)(ref)
}

/**
 * Reads what a job's log has now, with the guarantees of {@link tailLog}, and completes: also while the job runs.
 *
 * The last line's `cursor` is where a later `readLog` or `tailLog` goes on. A job that is over is read to its end. Where windows or the
 * download are older than `from`, it waits for up to 5 s. Costs a read of the status and those of the log, no live connection. Errors as
 * {@link tailLog}.
 *
 * @throws TypeError for an invalid source, reference or option, and for a cursor of another job
 *
 * @example
 * ```ts
 * import { readLog } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const lastLines = readLog(pc.jobs, { guid: 'a-guid', key: 'a-key' }, { from: { last: 50 } })
 * ```
 */
export function readLog<S extends AnyLoggedSource>(
  source: S,
  ref: RefOf<S>,
  options: ReadOptions<RefOf<S>> = {},
): Observable<LogElement<RefOf<S>>> {
  return streamOf<S, LogElement<RefOf<S>>>(checkStream('readLog', source, options, readTable), read)(ref)
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
  return streamOf(checkStream('followJob', source, options, tailTable), follow)(ref)
}

/**
 * Watches each job that the source Observable submits: {@link watchJob} for each, merged. A deadline is for each job.
 *
 * A 404 in the first 15 s is retried, because a service may not yet know a job that it just accepted. An answer that names no job
 * is a DecodeError.
 *
 * @throws TypeError for an invalid source or option
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
  options: EachWatchOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, JobStatus<RefOf<S>, JobOf<S>>> {
  return eachOf<S, JobStatus<RefOf<S>, JobOf<S>>>(checkStream('thenWatch', source, options, each(watchTable)), watch)
}

/**
 * Tails the log of each job that the source Observable submits: {@link tailLog} for each, merged. Every line has its job's `ref`. A
 * 404 in the first 15 s is retried.
 *
 * @throws TypeError for an invalid source or option
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
  options: EachTailOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, LogElement<RefOf<S>>> {
  return eachOf<S, LogElement<RefOf<S>>>(checkStream('thenTail', source, options, each(tailTable)), tail)
}

/**
 * Follows each job that the source Observable submits: {@link followJob} for each, merged. Every event has its job's `ref`; `Settled`
 * is the last one of each. A 404 in the first 15 s is retried.
 *
 * @throws TypeError for an invalid source or option
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
  options: EachTailOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>> {
  return eachOf(checkStream('thenFollow', source, options, each(tailTable)), follow)
}
