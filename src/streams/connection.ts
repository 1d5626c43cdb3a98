import { defer, type Observable, retry, type SchedulerLike, take, tap, throwError, throwIfEmpty, timer } from 'rxjs'
import {
  isRequestError,
  isTransient,
  NetworkError,
  type RequestError,
  type RetryOptions,
  RetryPolicy,
} from '../core/index.ts'
import { type ApiError, isApiError } from './errors.ts'
import type { Connection, ConnectionChannel } from './types.ts'

/** A change of a connection's state, before it is known which job it is about. */
export type ConnectionChange = Omit<Connection, '_tag' | 'ref'>

/** What the connections of one stream have in common. */
export interface ConnectionSetup {
  /** The scheduler of its waits. */
  readonly scheduler: SchedulerLike
  readonly retry: StreamRetry
  /** Called at each change. It must not throw. */
  report(change: ConnectionChange): void
}

/** What decides about the failures of a stream, of its options. */
export interface StreamRetryOptions {
  readonly retry?: RetryOptions | undefined
  readonly random?: (() => number) | undefined
}

/** Which failures a stream waits out, and for how long. */
export class StreamRetry {
  readonly #policy: RetryPolicy
  readonly #when: (error: RequestError) => boolean
  readonly #transient: ((error: ApiError) => boolean) | undefined

  constructor(
    source: { readonly transient?: (error: ApiError) => boolean },
    { retry = {}, random }: StreamRetryOptions,
  ) {
    this.#policy = new RetryPolicy({ ...retry, when: always }, random)
    this.#when = retry.when ?? isTransient
    this.#transient = retry.when === undefined ? source.transient : undefined
  }

  /**
   * Milliseconds to wait after that many failures in a row; undefined where the error is final.
   *
   * A body that does not fit is waited out where earlier ones did: it may come from a proxy or a page of maintenance.
   */
  nextWait(error: unknown, failures: number, hadAnswer: boolean): number | undefined {
    if (!isRequestError(error)) return undefined
    const isPassing = hadAnswer && error._tag === 'DecodeError'
    if (!isPassing && !this.#when(error) && this.#transient?.(error) !== true) return undefined
    return this.#policy.nextWait(error, failures)
  }
}

const always = (): boolean => true

/** One connection of a stream: counts its failures in a row and reports when its state changes. */
export class ConnectionState {
  readonly #channel: ConnectionChannel
  readonly #setup: ConnectionSetup
  #failures = 0
  #isOpen: boolean
  #hadAnswer = false

  /** @param isOpen true where the connection is known to work, so that this is not reported again */
  constructor(channel: ConnectionChannel, setup: ConnectionSetup, isOpen = false) {
    this.#channel = channel
    this.#setup = setup
    this.#isOpen = isOpen
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Notes an answer. Reported only where it is the first one, or the first after a failure. */
  succeeded(): void {
    this.#failures = 0
    this.#hadAnswer = true
    if (!this.#isOpen) this.#report('open', 0)
  }

  /** Counts a failure: milliseconds until the next try, or undefined where the error ends the stream. Reports nothing. */
  nextWait(error: unknown): number | undefined {
    return this.#setup.retry.nextWait(error, ++this.#failures, this.#hadAnswer)
  }

  /** Reports that the connection is tried again in so many milliseconds. */
  retrying(retryInMs: number, error?: unknown): void {
    this.#report('retrying', retryInMs, error)
  }

  /** Reports that this connection is given up for another way. */
  fellBack(retryInMs: number, error?: unknown): void {
    this.#report('fallback', retryInMs, error)
  }

  /** One answer of `read`, which is repeated while it fails with what passes by itself. */
  once<A>(read: () => Observable<A>): Observable<A> {
    return firstValue(this.#channel, read).pipe(
      tap(() => this.succeeded()),
      retry({ delay: (error: unknown) => this.retryAfter(error) }),
    )
  }

  /** Counts and reports a failure; emits when it is time for the next try, or fails where there is none. */
  retryAfter(error: unknown): Observable<unknown> {
    const wait = this.nextWait(error)
    if (wait === undefined) return throwError(() => error)
    this.retrying(wait, error)
    return timer(wait, this.#setup.scheduler)
  }

  #report(state: Connection['state'], retryInMs: number, error?: unknown): void {
    this.#isOpen = state === 'open'
    const attempt = state === 'retrying' ? Math.max(1, this.#failures) : this.#failures
    this.#setup.report({ channel: this.#channel, state, attempt, retryInMs, ...(isApiError(error) && { error }) })
  }
}

/** The first value of `read`; none at all is a NetworkError. */
export function firstValue<A>(channel: ConnectionChannel, read: () => Observable<A>): Observable<A> {
  const empty = (): ApiError =>
    new NetworkError({ method: 'GET', path: channel, cause: 'the source completed without a value' })
  return defer(read).pipe(take(1), throwIfEmpty(empty))
}
