import {
  asyncScheduler,
  defaultIfEmpty,
  defer,
  EMPTY,
  from,
  ignoreElements,
  type Observable,
  type Observer,
  of,
  type SchedulerLike,
  Subject,
  type Subscriber,
  take,
  tap,
} from 'rxjs'
import {
  clampTimer,
  type Demand,
  describe,
  elapsed,
  HttpError,
  isObject,
  nameOf,
  NetworkError,
  type RequestError,
  type RetryOptions,
  subscribeInto,
  withObservedResponses,
} from '../core/index.ts'
import { ConnectionState, retryOf } from './connection.ts'
import { DeadlineError, isApiError } from './errors.ts'
import type { outcomeOf } from './outcome.ts'
import { pollJob } from './pool/index.ts'
import {
  type Connection,
  type FinalStatus,
  isFinalStatus,
  type JobEvent,
  type JobLog,
  type JobSnapshot,
  type JobSource,
  type JobStatus,
  type LogElement,
  type LogStart,
  type Phase,
  type TailOptions,
} from './types.ts'

// For so many milliseconds a job that was just submitted may be unknown to a service that is consistent only in the end.
const newFor = 15_000

// Milliseconds. A deadline that passed longer ago than the first passed while the process did not run: then the status is read once more
// before the stream ends, which may take as long as the second.
const sleptFor = 1_000
const lastReadFor = 30_000

const phases = new Set<Phase>(['queued', 'running', 'unknown', 'succeeded', 'failed', 'cancelled', 'skipped', 'ended'])

/** @throws TypeError for what is no phase: a job would be watched for ever, or be over */
export function checkPhase(phase: Phase): Phase {
  if (phases.has(phase)) return phase
  throw new TypeError(`the source gave the phase ${describe(phase)}; there are ${[...phases].join(', ')}`)
}

/** A job, and how it is watched. */
export interface WatchedJob<Ref, Job, Failure> {
  readonly source: JobSource<Ref, Job, Failure, never>
  readonly ref: Ref
  readonly key: string
  readonly options: TailOptions<Ref, Job>
  /** Whether more of the log is wanted. */
  readonly demand: Demand
  /** True where the job was submitted a moment ago: a 404 is then retried for a while. */
  readonly isNew: boolean
}

/** What a tail gets of the job whose log it reads. */
export interface TailContext<Ref, Job> extends WatchedJob<Ref, Job, unknown> {
  readonly log: JobLog<Ref>
  readonly scheduler: SchedulerLike
  readonly connection: (channel: 'log' | 'live') => ConnectionState
  /** Emits when the job is over; a late subscriber gets it, too. */
  readonly jobEnd: Observable<unknown>
  /** Reads the status at once. */
  readonly onClosed: () => void
  /** The job as last read. */
  readonly job: () => Job
  /** Milliseconds since the stream began. */
  readonly age: () => number
}

/** The log of a job while it is written, in batches. */
export type Tail<Ref, Job> = (context: TailContext<Ref, Job>) => Observable<ReadonlyArray<LogElement<Ref>>>

/** What a stream emits of a job's events. */
export interface View<Ref, Job, Failure, Out extends JobEvent<Ref, Job, Failure>> {
  readonly shows: (event: JobEvent<Ref, Job, Failure>) => event is Out
  /** Checks where the log begins. */
  readonly checkStart?: (caller: string, from: LogStart | undefined, jobKey: string) => void
  /** The job's log, subscribed to with the first status. The stream ends after it, whether the job is over or not. */
  readonly tail?: Tail<Ref, Job>
  /** How the job ended: asked for when it is over and its log is drained. */
  readonly outcome?: typeof outcomeOf
}

/**
 * Watches a job, cancels it and tails its log, as far as the options and the view ask for that: the one pipeline of all streams.
 *
 * The status is read first, because the log of a job that is over needs no live connection. The deadline is for everything. It observes
 * the snapshots itself: one object less for each of thousands of watches.
 */
export class JobEvents<Ref, Job, Failure, Out extends JobEvent<Ref, Job, Failure>>
  implements Observer<JobSnapshot<Job>>
{
  readonly #watched: WatchedJob<Ref, Job, Failure>
  readonly #view: View<Ref, Job, Failure, Out>
  readonly #subscriber: Subscriber<Out>
  readonly #options: TailOptions<Ref, Job> & { readonly scheduler: SchedulerLike }
  readonly #deadline: number
  /** Milliseconds since the stream began. */
  readonly #age: () => number
  readonly #observed: Record<string, number> = {}
  #last: JobStatus<Ref, Job> | undefined
  /** Asks for a read of the status. */
  readonly #pollNow: Subject<void> | undefined
  /** Emits when the job is over, where its log is tailed. */
  #over: Subject<void> | undefined
  /** After the deadline: how many reads of the status may still come. Infinity before it. */
  #readsLeft = Number.POSITIVE_INFINITY

  constructor(watched: WatchedJob<Ref, Job, Failure>, view: View<Ref, Job, Failure, Out>, subscriber: Subscriber<Out>) {
    const { source, options, isNew } = watched
    const { deadline = Number.POSITIVE_INFINITY, scheduler = source.scheduler ?? asyncScheduler } = options
    this.#watched = watched
    this.#view = view
    this.#subscriber = subscriber
    this.#deadline = typeof deadline === 'number' ? deadline : Math.max(0, deadline.getTime() - scheduler.now())
    this.#age = elapsed(scheduler)
    this.#options = {
      ...options,
      scheduler,
      ...(isNew && { retry: this.#patient(retryOf(source, options.retry)) }),
      onConnection: (connection) => this.#connection(connection),
    }
    if (view.tail || options.cancelOn || deadline !== Number.POSITIVE_INFINITY) this.#pollNow = new Subject()
  }

  start(): void {
    const { source, ref } = this.#watched
    const [options, pollNow, age] = [this.#options, this.#pollNow, this.#age]
    const { cancelOn, cancelOnUnsubscribe } = options
    this.#awaitDeadline()
    if (this.#subscriber.closed) return
    // That request outlives the stream: only onConnection learns how it goes.
    if (cancelOnUnsubscribe) {
      this.#subscriber.add(() => this.#final ?? this.#cancelled().subscribe({ error: () => undefined }))
    }
    if (cancelOn) {
      this.#subscribe(cancelOn.pipe(take(1)), () => this.#subscribe(this.#cancelled(), () => pollNow?.next()))
    }
    const snapshots = defer(() => source.watch?.(ref, options, pollNow) ?? pollJob(source, ref, options, pollNow, age))
    subscribeInto(this.#subscriber, snapshots, this)
  }

  next(snapshot: JobSnapshot<Job>): void {
    this.#guard(() => {
      this.#snapshot(snapshot)
      if (this.#final || !this.#checkDeadline()) return
      if (--this.#readsLeft > 0) this.#pollNow?.next()
      else this.#expire()
    })
  }

  /** A 404 of a job that was read before says so, unless it has advice of the service. */
  error(error: unknown): void {
    const isGone = this.#last && isApiError(error) && error._tag === 'HttpError' && error.status === 404
    if (!isGone) return this.#fail(error)
    const { advice: own, body, ...fields } = error
    const advice = (error.missing !== 'endpoint' && own) || 'the job was there before: was it deleted?'
    this.#fail(new HttpError({ ...fields, body, advice }))
  }

  complete(): void {
    if (this.#final) return
    const cause = 'the watch of the source completed before the job was over'
    this.#fail(new NetworkError({ method: 'GET', path: this.#watched.key, cause }))
  }

  /** The last status, where the job is over. */
  get #final(): FinalStatus<Ref, Job> | undefined {
    return this.#last && isFinalStatus(this.#last) ? this.#last : undefined
  }

  #snapshot({ job, phase }: JobSnapshot<Job>): void {
    const { source, ref } = this.#watched
    const last = this.#last
    if (this.#final) return
    this.#observe(checkPhase(phase))
    if (last?.phase === phase && (source.same ?? isEqual)(last.job, job)) return
    const status: JobStatus<Ref, Job> = { _tag: 'Status', ref, job, phase }
    this.#last = status
    this.#emit(status)
    const { tail } = this.#view
    if (last === undefined && tail && source.log) return this.#tail(tail, source.log, status)
    if (!isFinalStatus(status)) return
    if (this.#over) this.#over.next()
    else this.#settle(status)
  }

  #tail(tail: Tail<Ref, Job>, log: JobLog<Ref>, first: JobStatus<Ref, Job>): void {
    const { source, ref } = this.#watched
    const over = new Subject<void>()
    this.#over = over
    const elements = tail({
      ...this.#watched,
      log,
      scheduler: this.#options.scheduler,
      connection: (channel) => new ConnectionState(channel, source, ref, this.#options),
      jobEnd: defer(() => (this.#final ? of(undefined) : over)),
      onClosed: () => this.#pollNow?.next(),
      job: () => this.#last?.job ?? first.job,
      age: this.#age,
    })
    this.#subscribe(
      elements,
      (batch) => batch.forEach((element) => this.#emit(element)),
      () => (this.#final ? this.#settle(this.#final) : this.#subscriber.complete()),
    )
  }

  #settle(status: FinalStatus<Ref, Job>): void {
    const { source, ref } = this.#watched
    this.#subscribe(
      this.#view.outcome?.(source, status, this.#options) ?? EMPTY,
      (outcome) => this.#emit({ _tag: 'Settled', ref, outcome }),
      () => this.#subscriber.complete(),
    )
  }

  /** Asks for the cancellation until the service accepts it; emits then. */
  #cancelled(): Observable<unknown> {
    const { source, ref } = this.#watched
    const connection = new ConnectionState('cancel', source, ref, this.#options)
    const attempt = (): Observable<unknown> =>
      from(source.cancel?.(ref) ?? EMPTY).pipe(ignoreElements(), defaultIfEmpty(undefined))
    return connection.firstWithRetry(attempt).pipe(tap({ error: (error: unknown) => connection.fellBack(0, error) }))
  }

  #connection(connection: Connection<Ref>): void {
    const { channel, state, error } = connection
    // Only a cancellation goes on after the end.
    if (this.#subscriber.closed && channel !== 'cancel') return
    if (state !== 'open')
      this.#observe(`${channel === 'status' ? '' : `${channel}: `}${error ? nameOf(error) : 'closed'}`)
    this.#guard(() => {
      this.#watched.options.onConnection?.(connection)
      this.#emit(connection)
      this.#checkDeadline()
    })
  }

  /** Retries also while a job that was submitted a moment ago is not found. */
  #patient(retry: RetryOptions): RetryOptions {
    const isNotYet = (error: RequestError): boolean =>
      error._tag === 'HttpError' && error.status === 404 && this.#age() < newFor
    return { ...retry, when: (error) => isNotYet(error) || retry.when?.(error) === true }
  }

  #emit(event: JobEvent<Ref, Job, Failure>): void {
    if (this.#view.shows(event)) this.#subscriber.next(event)
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

  #subscribe<A>(source: Observable<A>, next: (value: A) => void, complete = (): void => undefined): void {
    subscribeInto(this.#subscriber, source, { next, complete, error: (error: unknown) => this.#fail(error) })
  }

  #fail(error: unknown): void {
    const isExplained = isApiError(error) && Object.keys(this.#observed).length > 0
    const history = { elapsed: this.#age(), lastPhase: this.#last?.phase }
    this.#subscriber.error(isExplained ? withObservedResponses(error, { ...this.#observed }, history) : error)
  }

  #awaitDeadline(): void {
    if (this.#deadline === Number.POSITIVE_INFINITY || this.#checkDeadline()) return
    const rest = clampTimer(Math.ceil(this.#deadline - this.#age()))
    this.#subscriber.add(this.#options.scheduler.schedule(() => this.#awaitDeadline(), rest))
  }

  /**
   * Ends the stream where the deadline has passed, and returns whether it has. If the process did not run at that time, the status is read
   * first, because the job may be over: twice, because the first response may belong to a request from before.
   */
  #checkDeadline(): boolean {
    const late = this.#age() - this.#deadline
    if (late < 0 || this.#readsLeft < Number.POSITIVE_INFINITY) return late >= 0
    if (late < sleptFor) this.#expire()
    else {
      this.#readsLeft = 2
      this.#subscriber.add(this.#options.scheduler.schedule(() => this.#expire(), lastReadFor))
      this.#pollNow?.next()
    }
    return true
  }

  #expire(): void {
    const path = this.#watched.key
    this.#fail(new DeadlineError({ method: 'GET', path, deadline: this.#deadline, last: this.#last }))
  }
}

const inOrder = (_key: string, value: unknown): unknown =>
  isObject(value) && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value

/** True where two values have the same JSON, whatever the order of the keys; also where they are nested too deep to compare. */
export function isEqual(one: unknown, other: unknown): boolean {
  try {
    return [undefined, inOrder].some((order) => JSON.stringify(one, order) === JSON.stringify(other, order))
  } catch {
    return true
  }
}
