import { defer, type Observable, retry, type SchedulerLike, take, tap, throwError, throwIfEmpty, timer } from 'rxjs'
import {
  isRequestError,
  isTransient,
  NetworkError,
  type RequestError,
  type RetryOptions,
  retryPolicy,
} from '../core/index.ts'
import { type ApiError, isApiError } from './errors.ts'
import type { Connection, ConnectionChannel, JobSource } from './types.ts'

/** What the connections of a stream need of its options. */
export interface ConnectionOptions {
  /** The scheduler of all waits. Default asyncScheduler. */
  readonly scheduler?: SchedulerLike | undefined
  readonly retry?: RetryOptions | false | undefined
  readonly random?: (() => number) | undefined
  /** Called at each change. It must not throw. A method, so that it may take the `ref` that it is given together with. */
  onConnection?(connection: Connection): void
}

/** What a source says about which of its errors pass by themselves. */
type Judge = Pick<JobSource<never, never, unknown>, 'transient'>

/** How a stream retries. Without a `when` of the caller, the kind of the error and the source decide what is retried. */
export function retryOf({ transient }: Judge, retry: ConnectionOptions['retry'] = {}): RetryOptions {
  const byKind = (error: RequestError): boolean => isTransient(error) || transient?.(error) === true
  const { when = byKind, ...limits }: RetryOptions = retry || { maxAttempts: 1 }
  return { ...limits, when }
}

// In a stream with a valid answer so many bodies in a row that do not fit are retried: they may come from a proxy or be a maintenance page.
const oddAnswers = 2

// The least wait after one, in milliseconds: a page that is there for a second must not be met three times.
const oddWait = 1_000

/** One connection of a stream: counts its failures in a row and reports when its state changes. */
export class ConnectionState {
  readonly #channel: ConnectionChannel
  readonly #source: Judge
  readonly #ref: unknown
  readonly #options: ConnectionOptions
  #failures = 0
  #isOpen: boolean
  #oddLeft: number

  /** @param isOpen true where the connection is known to work, so that this is not reported again */
  constructor(channel: ConnectionChannel, source: Judge, ref: unknown, options: ConnectionOptions, isOpen = false) {
    this.#channel = channel
    this.#source = source
    this.#ref = ref
    this.#options = options
    this.#isOpen = isOpen
    // The log is read in a stream that has read the status. A count for each: a log that is none is not excused by the status.
    this.#oddLeft = isOpen || channel === 'log' ? oddAnswers : 0
  }

  /** Notes an answer. Only the first one, and the first after a failure, are reported. */
  succeeded(): void {
    this.#failures = 0
    this.#oddLeft = oddAnswers
    if (!this.#isOpen) this.#report('open', 0)
  }

  /** Counts a failure: milliseconds until the next try, or undefined where the error ends the stream. Reports nothing. */
  countFailure(error: unknown): number | undefined {
    this.#failures++
    if (!isRequestError(error)) return undefined
    const retry = retryOf(this.#source, this.#options.retry)
    const isOdd = error._tag === 'DecodeError' && this.#oddLeft-- > 0
    const wait = retryPolicy(isOdd ? { ...retry, when: () => true } : retry, this.#options.random)(
      error,
      this.#failures,
    )
    return isOdd && wait !== undefined ? Math.max(wait, oddWait) : wait
  }

  /** Reports that the connection is tried again in so many milliseconds. */
  retrying(retryInMs: number, error?: unknown): void {
    this.#report('retrying', retryInMs, error)
  }

  /** Reports that this connection is given up for another way. */
  fellBack(retryInMs: number, error?: unknown): void {
    this.#report('fallback', retryInMs, error)
  }

  /** The first value of `read`, which is retried after transient failures. */
  firstWithRetry<A>(read: () => Observable<A>): Observable<A> {
    return firstValue(this.#channel, read).pipe(
      tap(() => this.succeeded()),
      retry({ delay: (error: unknown) => this.retryDelay(error) }),
    )
  }

  /** Counts and reports a failure; emits when it is time for the next try, or fails where there is none. */
  retryDelay(error: unknown): Observable<unknown> {
    const wait = this.countFailure(error)
    if (wait === undefined) return throwError(() => error)
    this.retrying(wait, error)
    return timer(wait, this.#options.scheduler)
  }

  #report(state: Connection['state'], retryInMs: number, error?: unknown): void {
    this.#isOpen = state === 'open'
    const attempt = state === 'retrying' ? Math.max(1, this.#failures) : this.#failures
    const known = { ref: this.#ref, channel: this.#channel, state, attempt, retryInMs }
    this.#options.onConnection?.({ _tag: 'Connection', ...known, ...(isApiError(error) && { error }) })
  }
}

/** The first value of `read`; none at all is a NetworkError. */
export function firstValue<A>(channel: ConnectionChannel, read: () => Observable<A>): Observable<A> {
  const empty = (): ApiError =>
    new NetworkError({ method: 'GET', path: channel, cause: 'the source completed without a value' })
  return defer(read).pipe(take(1), throwIfEmpty(empty))
}
