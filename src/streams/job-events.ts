import {
  asyncScheduler,
  defer,
  EMPTY,
  merge,
  Observable,
  type Observer,
  ReplaySubject,
  type SchedulerLike,
  Subject,
  type Subscriber,
} from 'rxjs'
import {
  clampTimer,
  elapsed,
  HttpError,
  isTransient,
  NetworkError,
  type RetryOptions,
  subscribeInto,
  withObservedResponses,
} from '../core/index.ts'
import { withCancellation } from './cancellation.ts'
import { phaseError } from './check.ts'
import { type ConnectionChange, type ConnectionSetup, ConnectionState, StreamRetry } from './connection.ts'
import { isEqual } from './equal.ts'
import { type ApiError, DeadlineError, isApiError } from './errors.ts'
import { Poller } from './pool/index.ts'
import {
  type Connection,
  type FinalStatus,
  isFinal,
  type JobSnapshot,
  type JobSource,
  type JobStatus,
  type WatchOptions,
} from './types.ts'

// For so many milliseconds a job that was just submitted may be unknown to a service that is consistent only in the end.
const newFor = 15_000

/** What a tail is told of the job whose log it reads. */
export interface TailContext<Job> {
  readonly scheduler: SchedulerLike
  readonly connection: (channel: 'log' | 'live') => ConnectionState
  /** Emits when the job is over; a late subscriber gets it, too. */
  readonly over: Observable<unknown>
  /** Reads the status at once. */
  readonly onClosed: () => void
  /** The job as last read. */
  readonly job: () => Job
  /** Milliseconds since the first read. */
  readonly age: () => number
}

/** What a stream emits of what happens to a job. */
export interface View<Ref, Job, Out> {
  readonly onStatus?: (status: JobStatus<Ref, Job>) => Out
  readonly onConnection?: (connection: Connection<Ref>) => Out
  /** The job's log, subscribed to with the first status. The stream ends after it. */
  readonly tail?: (context: TailContext<Job>) => Observable<ReadonlyArray<Out>>
  /** What comes when the job is over and its log is drained. */
  readonly settle?: (status: FinalStatus<Ref, Job>, connections: ConnectionSetup) => Observable<Out>
}

/** A job, and how a stream looks at it. */
export interface JobEventsSetup<Ref, Job, Out> {
  readonly source: JobSource<Ref, Job, unknown, never>
  readonly ref: Ref
  readonly key: string
  readonly options: WatchOptions<Ref, Job>
  readonly view: View<Ref, Job, Out>
  /** True where the job was submitted a moment ago: a 404 is then waited out for a while. */
  readonly isNew?: boolean | undefined
}

/**
 * Watches a job and tails its log, as far as the view asks for it: the one pipeline of all streams.
 *
 * The status is read first, because the log of a job that is over needs no live connection. The deadline is for everything.
 */
export const jobEvents = <Ref, Job, Out>(setup: JobEventsSetup<Ref, Job, Out>): Observable<Out> =>
  new Observable((subscriber) => new JobEvents(setup, subscriber).start())

class JobEvents<Ref, Job, Out> implements ConnectionSetup, Observer<JobSnapshot<Job>> {
  readonly scheduler: SchedulerLike
  readonly #setup: JobEventsSetup<Ref, Job, Out>
  readonly #subscriber: Subscriber<Out>
  readonly #observed: Record<string, number> = {}
  #clock: (() => number) | undefined
  #deadline: number | undefined
  #last: JobStatus<Ref, Job> | undefined
  #closed: Subject<void> | undefined
  #over: ReplaySubject<void> | undefined
  #firstAt = 0

  constructor(setup: JobEventsSetup<Ref, Job, Out>, subscriber: Subscriber<Out>) {
    const { source, options, view, isNew } = setup
    this.#setup = setup
    this.#subscriber = subscriber
    this.scheduler = options.scheduler ?? source.scheduler ?? asyncScheduler
    if (options.deadline !== undefined || view.tail !== undefined || isNew) this.#clock = elapsed(this.scheduler)
    if (view.tail !== undefined) this.#closed = new Subject()
  }

  start(): void {
    const { source, ref, options } = this.#setup
    this.#startDeadline()
    if (this.#subscriber.closed) return
    const retry = this.#retryWhileNew(() => this.#last === undefined)
    const watched: WatchOptions<Ref, Job> = {
      ...options,
      scheduler: this.scheduler,
      ...(retry && { retry }),
      onConnection: (connection) => this.#tell(connection),
    }
    const watch = (pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> =>
      source.watch !== undefined
        ? defer(() => source.watch?.(ref, watched, pollNow) ?? EMPTY)
        : poll(source, ref, watched, pollNow)
    const snapshots = withCancellation({ source, ref, options, connections: this }, watch, this.#closed)
    subscribeInto(this.#subscriber, snapshots, this)
  }

  // As the observer of the snapshots: one object less for each of thousands of watches.

  next(snapshot: JobSnapshot<Job>): void {
    this.#guard(() => this.#next(snapshot))
  }

  error(error: unknown): void {
    this.#fail(error, true)
  }

  complete(): void {
    if (this.#last === undefined || !isFinal(this.#last.phase)) this.#fail(cutShort(this.#setup.key))
  }

  /** For the log and for cancellations; a watch decides about its own failures. */
  get retry(): StreamRetry {
    const { source, options } = this.#setup
    const retry = this.#retryWhileNew(() => true)
    return new StreamRetry(source, { ...options, ...(retry && { retry }) })
  }

  report(change: ConnectionChange): void {
    this.#tell({ _tag: 'Connection', ref: this.#setup.ref, ...change })
  }

  #next(snapshot: JobSnapshot<Job>): void {
    if (this.#last !== undefined && isFinal(this.#last.phase)) return
    if (this.#isLate()) return
    const { job, phase } = snapshot
    const wrong = phaseError(snapshot)
    if (wrong !== undefined) throw wrong
    this.#observe(phase)
    const { source, ref, view } = this.#setup
    const before = this.#last
    if (before?.phase === phase && (source.same ?? isEqual)(before.job, job)) return
    const status: JobStatus<Ref, Job> = { _tag: 'Status', ref, job, phase }
    this.#last = status
    if (view.onStatus !== undefined) this.#subscriber.next(view.onStatus(status))
    if (this.#subscriber.closed) return
    if (before === undefined && view.tail !== undefined) return this.#startTail(view.tail, status)
    if (isFinalStatus(status)) this.#finish(status)
  }

  #startTail(tail: NonNullable<View<Ref, Job, Out>['tail']>, first: JobStatus<Ref, Job>): void {
    const over = new ReplaySubject<void>(1)
    this.#over = over
    this.#firstAt = this.#clock?.() ?? 0
    if (isFinal(first.phase)) over.next()
    const retry = this.retry
    const connections: ConnectionSetup = { scheduler: this.scheduler, retry, report: (change) => this.report(change) }
    const context: TailContext<Job> = {
      scheduler: this.scheduler,
      connection: (channel) => new ConnectionState(channel, connections),
      over,
      onClosed: () => this.#closed?.next(),
      job: () => this.#last?.job ?? first.job,
      age: () => (this.#clock?.() ?? 0) - this.#firstAt,
    }
    subscribeInto(this.#subscriber, tail(context), {
      next: (batch) => {
        for (const element of batch) this.#subscriber.next(element)
      },
      error: (error: unknown) => this.#fail(error),
      complete: () => {
        if (this.#last !== undefined && isFinalStatus(this.#last)) this.#settle(this.#last)
      },
    })
  }

  #finish(status: FinalStatus<Ref, Job>): void {
    if (this.#over === undefined) return this.#settle(status)
    this.#over.next()
    this.#over.complete()
  }

  #settle(status: FinalStatus<Ref, Job>): void {
    const { settle } = this.#setup.view
    if (settle === undefined) return this.#subscriber.complete()
    subscribeInto(this.#subscriber, settle(status, this), {
      next: (last) => this.#subscriber.next(last),
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#subscriber.complete(),
    })
  }

  #tell(connection: Connection<Ref>): void {
    const { channel, state, error } = connection
    if (state !== 'open') this.#observe(`${channel === 'status' ? '' : `${channel}: `}${nameOf(error)}`)
    this.#guard(() => {
      const { options, view } = this.#setup
      options.onConnection?.(connection)
      if (view.onConnection !== undefined) this.#subscriber.next(view.onConnection(connection))
      this.#isLate()
    })
  }

  #observe(what: string): void {
    this.#observed[what] = (this.#observed[what] ?? 0) + 1
  }

  /** What a function of the caller throws ends the stream. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  #fail(error: unknown, isStatus = false): void {
    if (!isApiError(error)) return this.#subscriber.error(error)
    const explained = isStatus && this.#last !== undefined ? explainGone(error) : error
    const isFirst = Object.keys(this.#observed).length === 0
    this.#subscriber.error(isFirst ? explained : withObservedResponses(explained, { ...this.#observed }))
  }

  // ---- time

  /** The retry options of the stream, with which a 404 is waited out while the job is new. */
  #retryWhileNew(isUnseen: () => boolean): RetryOptions | undefined {
    const { source, options, isNew } = this.#setup
    if (!isNew) return options.retry
    const { when } = options.retry ?? {}
    return {
      ...options.retry,
      when: (error) =>
        (error._tag === 'HttpError' && error.status === 404 && isUnseen() && (this.#clock?.() ?? 0) < newFor) ||
        (when?.(error) ?? (isTransient(error) || source.transient?.(error) === true)),
    }
  }

  #startDeadline(): void {
    const { deadline } = this.#setup.options
    if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) return
    const limit = typeof deadline === 'number' ? deadline : Math.max(0, deadline.getTime() - this.scheduler.now())
    this.#deadline = limit
    this.#watchDeadline(limit)
  }

  #watchDeadline(deadline: number): void {
    if (this.#isLate()) return
    const rest = Math.ceil(deadline - (this.#clock?.() ?? 0))
    this.#subscriber.add(this.scheduler.schedule(() => this.#watchDeadline(deadline), clampTimer(rest)))
  }

  /** Fails past the deadline. A machine that slept may be past it before the timer is. */
  #isLate(): boolean {
    const deadline = this.#deadline
    if (deadline === undefined || (this.#clock?.() ?? 0) < deadline) return false
    this.#fail(new DeadlineError({ method: 'GET', path: this.#setup.key, deadline, last: this.#last }))
    return true
  }
}

/** The snapshots of a job that is polled by itself. */
function poll<Ref, Job>(
  source: JobSource<Ref, Job, unknown, never>,
  ref: Ref,
  options: WatchOptions<Ref, Job>,
  pollNow?: Observable<unknown>,
): Observable<JobSnapshot<Job>> {
  const { random, scheduler = asyncScheduler } = options
  return defer(() => {
    return new Poller(source, { scheduler, random }).watch(ref, options, pollNow)
  })
}

export const isFinalStatus = <Ref, Job>(status: JobStatus<Ref, Job>): status is FinalStatus<Ref, Job> =>
  isFinal(status.phase)

const nameOf = (error: ApiError | undefined): string =>
  error === undefined ? 'closed' : 'status' in error ? `${error._tag} ${error.status}` : error._tag

/** A 404 of a job that was read before says so. */
const explainGone = (error: ApiError): ApiError =>
  error._tag === 'HttpError' && error.status === 404
    ? new HttpError({ ...error, body: error.body, advice: error.advice ?? 'the job was there before: was it deleted?' })
    : error

/** The error of a stream whose source's own `watch` completes before the job is over. */
const cutShort = (path: string): ApiError =>
  new NetworkError({ method: 'GET', path, cause: 'the watch of the source completed before the job was over' })
