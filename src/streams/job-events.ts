import {
  asyncScheduler,
  defer,
  EMPTY,
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
  type RequestError,
  type RetryOptions,
  subscribeInto,
  withObservedResponses,
} from '../core/index.ts'
import { withCancellation } from './cancellation.ts'
import { phaseError } from './check.ts'
import { type ConnectionSetup, ConnectionState, StreamRetry } from './connection.ts'
import { isEqual } from './equal.ts'
import { type ApiError, DeadlineError, isApiError } from './errors.ts'
import { pollJob } from './pool/index.ts'
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

/** What a tail gets of the job whose log it reads. */
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

/** A job, and what a stream emits of it. */
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

/** The observer of the snapshots: one object less for each of thousands of watches. */
class JobEvents<Ref, Job, Out> implements Observer<JobSnapshot<Job>> {
  readonly #setup: JobEventsSetup<Ref, Job, Out>
  readonly #subscriber: Subscriber<Out>
  readonly #scheduler: SchedulerLike
  readonly #observed: Record<string, number> = {}
  readonly #deadline: number
  /** Milliseconds since the stream began; 0 where nothing depends on it. */
  readonly #age: () => number
  #last: JobStatus<Ref, Job> | undefined
  /** Asks for a read of the status. */
  #pollNow: Subject<void> | undefined
  #over: ReplaySubject<void> | undefined

  constructor(setup: JobEventsSetup<Ref, Job, Out>, subscriber: Subscriber<Out>) {
    const { source, options, view, isNew } = setup
    const { deadline = Number.POSITIVE_INFINITY, scheduler = source.scheduler ?? asyncScheduler } = options
    this.#setup = setup
    this.#subscriber = subscriber
    this.#scheduler = scheduler
    this.#deadline = typeof deadline === 'number' ? deadline : Math.max(0, deadline.getTime() - scheduler.now())
    this.#age = isNew || view.tail || this.#deadline < Number.POSITIVE_INFINITY ? elapsed(scheduler) : ageless
    if (view.tail !== undefined) this.#pollNow = new Subject()
  }

  start(): void {
    const { source, ref, options } = this.#setup
    if (this.#deadline < Number.POSITIVE_INFINITY) this.#awaitDeadline()
    if (this.#subscriber.closed) return
    const watched = this.#watchOptions()
    const watch = (pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> =>
      defer(() => (source.watch ? source.watch(ref, watched, pollNow) : pollJob(source, ref, watched, pollNow)))
    const snapshots = withCancellation(
      { source, ref, options, connections: () => this.#connections() },
      watch,
      this.#pollNow,
    )
    subscribeInto(this.#subscriber, snapshots, this)
  }

  next(snapshot: JobSnapshot<Job>): void {
    this.#guard(() => this.#snapshot(snapshot))
  }

  /** A 404 of a job that was read before says so. */
  error(error: unknown): void {
    const isGone = this.#last && isApiError(error) && error._tag === 'HttpError' && error.status === 404
    if (!isGone) return this.#fail(error)
    const { advice = 'the job was there before: was it deleted?', body, ...fields } = error
    this.#fail(new HttpError({ ...fields, body, advice }))
  }

  complete(): void {
    if (this.#last !== undefined && isFinal(this.#last.phase)) return
    const cause = 'the watch of the source completed before the job was over'
    this.#fail(new NetworkError({ method: 'GET', path: this.#setup.key, cause }))
  }

  #snapshot(snapshot: JobSnapshot<Job>): void {
    const { source, ref, view } = this.#setup
    const { job, phase } = snapshot
    const before = this.#last
    if ((before && isFinal(before.phase)) || this.#isLate()) return
    const wrong = phaseError(snapshot)
    if (wrong !== undefined) throw wrong
    this.#observe(phase)
    if (before?.phase === phase && (source.same ?? isEqual)(before.job, job)) return
    const status: JobStatus<Ref, Job> = { _tag: 'Status', ref, job, phase }
    this.#last = status
    if (view.onStatus !== undefined) this.#subscriber.next(view.onStatus(status))
    if (this.#subscriber.closed) return
    if (before === undefined && view.tail !== undefined) return this.#startTail(view.tail, status)
    if (!isFinalStatus(status)) return
    if (this.#over === undefined) return this.#settle(status)
    this.#over.next()
    this.#over.complete()
  }

  #startTail(tail: NonNullable<View<Ref, Job, Out>['tail']>, first: JobStatus<Ref, Job>): void {
    const over = new ReplaySubject<void>(1)
    this.#over = over
    if (isFinal(first.phase)) over.next()
    const connections = this.#connections()
    const firstAge = this.#age()
    const log = tail({
      scheduler: this.#scheduler,
      connection: (channel) => new ConnectionState(channel, connections),
      over,
      onClosed: () => this.#pollNow?.next(),
      job: () => this.#last?.job ?? first.job,
      age: () => this.#age() - firstAge,
    })
    subscribeInto(this.#subscriber, log, {
      next: (batch) => {
        for (const element of batch) this.#subscriber.next(element)
      },
      error: (error: unknown) => this.#fail(error),
      complete: () => {
        if (this.#last !== undefined && isFinalStatus(this.#last)) this.#settle(this.#last)
      },
    })
  }

  #settle(status: FinalStatus<Ref, Job>): void {
    const { settle } = this.#setup.view
    subscribeInto(this.#subscriber, settle?.(status, this.#connections()) ?? EMPTY, {
      next: (last) => this.#subscriber.next(last),
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#subscriber.complete(),
    })
  }

  /** For the log, the outcome and cancellations; a watch has its own. */
  #connections(): ConnectionSetup {
    const { source, ref, options } = this.#setup
    return {
      scheduler: this.#scheduler,
      retry: new StreamRetry(source, { retry: this.#retryOptions(false), random: options.random }),
      report: (change) => this.#connection({ _tag: 'Connection', ref, ...change }),
    }
  }

  #connection(connection: Connection<Ref>): void {
    const { channel, state, error } = connection
    if (state !== 'open') this.#observe(`${channel === 'status' ? '' : `${channel}: `}${nameOf(error)}`)
    const { options, view } = this.#setup
    this.#guard(() => {
      options.onConnection?.(connection)
      if (view.onConnection !== undefined) this.#subscriber.next(view.onConnection(connection))
      this.#isLate()
    })
  }

  /** Beside the rest of `start`, so that its closure keeps nothing else alive. */
  #watchOptions(): WatchOptions<Ref, Job> & { readonly scheduler: SchedulerLike } {
    const retry = this.#retryOptions(true)
    return {
      ...this.#setup.options,
      scheduler: this.#scheduler,
      ...(retry && { retry }),
      onConnection: (connection) => this.#connection(connection),
    }
  }

  /** The retry options of the stream, with which a 404 is waited out while the job is new: of its status until it was read once. */
  #retryOptions(isStatus: boolean): RetryOptions | undefined {
    const { source, options, isNew } = this.#setup
    if (!isNew) return options.retry
    const isPassing = (error: RequestError): boolean => isTransient(error) || source.transient?.(error) === true
    const { when = isPassing } = options.retry ?? {}
    const isNotYet = (error: RequestError): boolean =>
      error._tag === 'HttpError' && error.status === 404 && this.#age() < newFor && !(isStatus && this.#last)
    return { ...options.retry, when: (error) => isNotYet(error) || when(error) }
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

  #fail(error: unknown): void {
    const isExplained = isApiError(error) && Object.keys(this.#observed).length > 0
    this.#subscriber.error(isExplained ? withObservedResponses(error, { ...this.#observed }) : error)
  }

  #awaitDeadline(): void {
    if (this.#isLate()) return
    const rest = clampTimer(Math.ceil(this.#deadline - this.#age()))
    this.#subscriber.add(this.#scheduler.schedule(() => this.#awaitDeadline(), rest))
  }

  /** Fails past the deadline. A machine that slept may be past it before the timer is. */
  #isLate(): boolean {
    if (this.#age() < this.#deadline) return false
    const [deadline, last] = [this.#deadline, this.#last]
    this.#fail(new DeadlineError({ method: 'GET', path: this.#setup.key, deadline, last }))
    return true
  }
}

const ageless = (): number => 0

export const isFinalStatus = <Ref, Job>(status: JobStatus<Ref, Job>): status is FinalStatus<Ref, Job> =>
  isFinal(status.phase)

const nameOf = (error: ApiError | undefined): string =>
  error === undefined ? 'closed' : 'status' in error ? `${error._tag} ${error.status}` : error._tag
