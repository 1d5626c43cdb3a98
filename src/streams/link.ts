import { none, some } from '../core/option.ts'
import { defer, type Observable, retry, type SchedulerLike, take, tap, throwError, throwIfEmpty, timer } from 'rxjs'
import { type Backoff, backoff } from '../core/backoff.ts'
import { type ApiError, isApiError, isTransient, NetworkError } from '../core/index.ts'
import { askedToWait } from '../core/transient.ts'
import type { ConnectionChange, ConnectionKind } from './connection.ts'

// The first wait is short, because most failures are; the cap keeps an outage from being hammered.
export const growth: Pick<Backoff, 'base' | 'cap'> = { base: 1_000, cap: 30_000 }

/** One answer of a source's read; none at all is a failure of the connection. */
export function answerOf<A>(to: ConnectionKind, read: () => Observable<A>): Observable<A> {
  const silent = (): NetworkError => new NetworkError({ method: 'GET', path: to, cause: 'the source gave no value' })
  return defer(read).pipe(take(1), throwIfEmpty(silent))
}

/** How a stream bears failures. */
export interface Patience {
  readonly scheduler: SchedulerLike
  /** How many failures in a row end it. */
  readonly maxFailures: number
  /** A number from 0 up to 1, for the jitter of the waits; Math.random unless given. */
  readonly random?: (() => number) | undefined
  /** True for an error that passes at this service although it would end a stream elsewhere. */
  readonly transient?: ((error: ApiError) => boolean) | undefined
  readonly report: (change: ConnectionChange) => void
}

/** One of a stream's connections to its service: it counts the failures in a row and tells when its state changes. */
export class Link {
  readonly #to: ConnectionKind
  readonly #patience: Patience
  #failures = 0
  #open: boolean

  /** @param open whether the connection is known to be well, so that this is not told again */
  constructor(to: ConnectionKind, patience: Patience, open = false) {
    this.#to = to
    this.#patience = patience
    this.#open = open
  }

  /** The clock of its waits. */
  get scheduler(): SchedulerLike {
    return this.#patience.scheduler
  }

  /** Notes an answer; told only when it is the first one or the first after a failure. */
  succeeded(): void {
    if (!this.#open) this.#patience.report({ to: this.#to, state: 'open', attempt: 0, waitMs: 0, error: none })
    this.#open = true
    this.#failures = 0
  }

  /** Notes a failure and gives the wait before the next try in milliseconds, or undefined when there is none. */
  failed(error: unknown): number | undefined {
    if (!isApiError(error)) return undefined
    const { transient, maxFailures, random } = this.#patience
    this.#failures++
    if (!(isTransient(error) || transient?.(error) === true) || this.#failures > maxFailures) return undefined
    const waitMs = askedToWait(error) ?? backoff({ ...growth, random }, this.#failures)
    this.#open = false
    this.#patience.report({ to: this.#to, state: 'retrying', attempt: this.#failures, waitMs, error: some(error) })
    return waitMs
  }

  /** Notes that an open connection closed or failed and is opened again; that need not be a failure. */
  dropped(error: unknown, waitMs: number): void {
    this.#open = false
    this.#failures++
    const cause = isApiError(error) ? some(error) : none
    this.#patience.report({ to: this.#to, state: 'retrying', attempt: this.#failures, waitMs, error: cause })
  }

  /** Notes that this way is given up for another one. */
  fellBack(error: unknown, waitMs: number): void {
    this.#open = false
    const attempt = this.#failures
    this.#patience.report({
      to: this.#to,
      state: 'fallback',
      attempt,
      waitMs,
      error: isApiError(error) ? some(error) : none,
    })
  }

  /** One answer of `read`, which is repeated while it fails in passing. */
  once<A>(read: () => Observable<A>): Observable<A> {
    return answerOf(this.#to, read).pipe(
      tap(() => this.succeeded()),
      retry({ delay: (error: unknown) => this.retryAfter(error) }),
    )
  }

  /** Notes a failure; emits when it is time for the next try, or fails with the error when there is none. */
  retryAfter(error: unknown): Observable<unknown> {
    const waitMs = this.failed(error)
    return waitMs === undefined ? throwError(() => error) : timer(waitMs, this.#patience.scheduler)
  }
}
