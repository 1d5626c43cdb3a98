import { asyncScheduler, defer, finalize, type Observable, type SchedulerLike, Subscription, tap } from 'rxjs'
import { clampTimer, elapsed } from '../../core/index.ts'
import { isApiError } from '../errors.ts'
import type { PollInterval, RateLimit } from '../types.ts'

// One more than a minute has, because times are whole milliseconds.
const minute = 60_001

// The part of the budget that may be spent at once. The rest is spread, so that a later job need not wait for the next minute.
const burst = 1 / 4

// A request without an answer for so many milliseconds gives up its place, so that others are not blocked by what hangs.
const slowAfter = 5_000

// For how many milliseconds an answer pauses all requests: at most, and a 429 without Retry-After, longer after each that follows soon.
const longestPause = 900_000
const pauseAfter429 = 1_000

// A 429 halves the rate; without another one it is the whole budget again after at most so many milliseconds.
const recovery = 300_000

// Of so many requests one is a poll, or a check, so that what else is asked for cannot hold them back.
const pollTurns = 4
const checkTurns = 17

/** How many requests a pool may send, and how often it polls. */
export interface PoolOptions {
  /** The most requests in any sixty seconds, wherever they begin. At least as many as one `status` of the source may send. */
  readonly requestsPerMinute: number
  /**
   * How long to wait between two reads of a job whose watch does not say. Default: 5 % of the job's age, 0.5 s to 15 s, and down to a
   * quarter of that where one list reads several jobs.
   */
  readonly pollInterval?: number | PollInterval
  /**
   * The most requests without an answer at a time. Default 10. A live connection that opens and a cancellation do not count, nor does a
   * request that has no answer after five seconds. Of those there may be as many again; then all others go one at a time.
   */
  readonly maxConcurrent?: number
  /** The scheduler of the one timer. Default: the source's, else asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** A number from 0 up to 1, for the jitter of the backoff. Default Math.random. */
  readonly random?: () => number
}

/**
 * `cancel` goes first, and takes no place of `maxConcurrent`. Nor does `live`: such a connection may take long to open. `poll` is one
 * of many reads: all of these go before it. `check` goes last, and takes nothing from the part of the budget that may go at once.
 */
export type RequestKind = 'cancel' | 'live' | 'call' | 'poll' | 'check'

/** Something that wants to send requests at some time. */
export interface QueueItem {
  readonly kind: RequestKind
  /** How many requests it may send. */
  readonly requests: number
  /** How many jobs it serves. Default 1. */
  readonly serves?: number
  /** Since when it waits, and until when it wants to, by the queue's clock. */
  readonly since: number
  readonly dueAt: number
  /** Sends what it wants, by {@link RequestQueue.run}, or nothing. It is not in the queue any more. */
  send(): void
}

/** Requests that begin together, and the jobs that they are for. */
export interface Requests extends Pick<QueueItem, 'kind' | 'requests'> {
  readonly asked?: ReadonlyArray<unknown>
}

/** What was sent together, or may have been. */
interface SentRequests extends Requests {
  readonly begunAt: number
  countUntil: number
  isAnswered: boolean
}

const takesPlace = ({ kind }: Requests): boolean => kind !== 'cancel' && kind !== 'live'

const sum = (sent: ReadonlyArray<SentRequests>): number => sent.reduce((total, { requests }) => total + requests, 0)

/**
 * When which request begins, by one timer: at most so many in any sixty seconds, wherever they begin, and so many at a time.
 *
 * A request counts from its begin until a minute after its answer, so that the limit also holds by the service's clock. One without
 * an answer counts for two minutes.
 *
 * Of the polls that are due, the one goes first that has waited longest in proportion to the wait that it wanted. So under a small
 * budget a young job keeps its advantage over an old one, and nothing waits for ever.
 */
export abstract class RequestQueue {
  readonly options: PoolOptions
  readonly scheduler: SchedulerLike
  /** Milliseconds since the queue was made; never goes back. */
  readonly now: () => number
  readonly #items = new Set<QueueItem>()
  /** Those that count, the oldest first. */
  #sent: ReadonlyArray<SentRequests> = []
  #turn = 0
  #pausedUntil = 0
  /** The part of the budget that the last 429 left, and when it came. */
  #share = 1
  #refusedAt = 0
  #remaining = Number.POSITIVE_INFINITY
  #resetAt = 0
  #timer = new Subscription()
  #timerAt = Number.POSITIVE_INFINITY
  /** How long after it was due the last request began, in milliseconds. */
  protected lag = 0

  constructor(options: PoolOptions, scheduler: SchedulerLike = asyncScheduler) {
    this.options = options
    this.scheduler = options.scheduler ?? scheduler
    this.now = elapsed(this.scheduler)
  }

  /** Called after each change, with the error that caused it and the jobs that learn of the error by themselves. */
  abstract changed(error?: unknown, asked?: ReadonlyArray<unknown>): void

  /** Has an item sent when it is due. */
  add(item: QueueItem): void {
    this.#items.add(item)
    this.#arm(item.dueAt)
  }

  remove(item: QueueItem): void {
    this.#items.delete(item)
    if (this.#items.size === 0) this.#disarm()
  }

  /** Runs the request of an item that is sent. It counts until its first value or its end; `cost` tells how many requests it was. */
  run<A>(
    { kind, requests, asked }: Requests,
    source: Observable<A>,
    cost: (value: A) => number = () => requests,
  ): Observable<A> {
    return defer(() => {
      const begunAt = this.now()
      const sent = { kind, requests, begunAt, countUntil: begunAt + 2 * minute, isAnswered: false }
      this.#sent = [...this.#sent, sent]
      this.#remaining -= requests
      const answered = (count: number): void => {
        if (sent.isAnswered) return
        this.#remaining += requests - count
        Object.assign(sent, { requests: count, countUntil: this.now() + minute, isAnswered: true })
        if (this.waiting > 0) this.#arm(this.now())
        this.changed()
      }
      return source.pipe(
        tap({ next: (value) => answered(cost(value)), error: (error: unknown) => this.#pause(error, begunAt, asked) }),
        finalize(() => answered(requests)),
      )
    })
  }

  /** Begins nothing before a Retry-After is over. One that is too long concerns only the request that it answers. */
  #pause(error: unknown, begunAt: number, asked?: ReadonlyArray<unknown>): void {
    if (!isApiError(error) || !('status' in error)) return
    const { status, retryAfter = 0 } = error
    const now = this.now()
    // Of those that were under way together only the first tells something new.
    if (status === 429 && begunAt >= this.#refusedAt) {
      this.#share = Math.max(1 / 120, this.#rate(now) / this.options.requestsPerMinute / 2)
      this.#refusedAt = now
    }
    const wait = status === 429 || retryAfter > 0 ? Math.max(retryAfter, pauseAfter429 / (2 * this.#share)) : 0
    const { random = Math.random } = this.options
    // Several processes should not begin again at the same moment.
    if (wait <= longestPause) this.#pausedUntil = Math.max(this.#pausedUntil, now + wait * (1 + random() / 10))
    this.changed(error, asked)
  }

  /** How many requests a minute may have now: fewer after a 429, because others use the same limit of the service. */
  #rate(now: number): number {
    return this.options.requestsPerMinute * Math.min(1, this.#share + (now - this.#refusedAt) / recovery)
  }

  /** Applies what the service says of its own limit, which others may use up, too; not what makes no sense. */
  protected applyLimit({ allowed, used, resetIn }: RateLimit): void {
    const remaining = allowed - used
    if (!(allowed > 0 && used >= 0 && resetIn > 0 && resetIn <= longestPause) || !Number.isFinite(remaining)) return
    // Whether those in flight are in the service's count is not known.
    this.#remaining = remaining - sum(this.open)
    this.#resetAt = this.now() + resetIn
    this.changed()
  }

  /** Until when the service asked for no requests; undefined where so many may be sent. */
  pausedUntil(count = 1): number | undefined {
    const until = Math.max(this.#pausedUntil, this.#remaining < count ? this.#resetAt : 0)
    return until > this.now() ? until : undefined
  }

  /** Those that have no answer yet. */
  protected get open(): ReadonlyArray<SentRequests> {
    return this.#sent.filter(({ isAnswered }) => !isAnswered)
  }

  /** How many requests are due and wait. */
  protected get waiting(): number {
    const now = this.now()
    return [...this.#items].filter(({ dueAt }) => dueAt <= now).length
  }

  /** How many requests count now. */
  protected used(): number {
    const now = this.now()
    this.#sent = this.#sent.filter(({ countUntil }) => countUntil > now)
    return sum(this.#sent)
  }

  /** When the rate may allow so many requests: now, or later. */
  #availableAt(now: number, count: number): number {
    const rate = Math.max(count, this.#rate(now))
    const used = this.used()
    const earliest = this.pausedUntil(count) ?? now
    const free = rate - used
    const last = this.#sent.at(-1)
    const spent = sum(this.#sent.filter(({ kind }) => kind !== 'check'))
    if (!last || (free >= count && spent < rate * burst && rate >= this.options.requestsPerMinute)) return earliest
    const nextFreeAt = Math.min(...this.#sent.map(({ countUntil }) => countUntil))
    if (free < count) return Math.max(earliest, nextFreeAt)
    const { begunAt } = last
    return Math.max(earliest, begunAt + Math.max(minute / rate, (nextFreeAt - begunAt) / (free + 1)))
  }

  /** When a place is free: now, or later. However many hang, one is left for the others. */
  #placeFreeAt(now: number): number {
    const begun = this.open.filter(takesPlace).map(({ begunAt }) => begunAt)
    const { maxConcurrent = 10 } = this.options
    const slow = begun.filter((at) => at <= now - slowAfter).length
    const places = Math.max(1, Math.min(maxConcurrent, 2 * maxConcurrent - slow))
    return Math.max(now, (begun.slice(slow).at(-places) ?? -slowAfter) + slowAfter)
  }

  /** Sets the one timer, unless it fires by then: firing too early costs less than setting it anew at each change. */
  #arm(at: number): void {
    if (at >= this.#timerAt || this.#items.size === 0) return
    this.#disarm()
    this.#timerAt = at
    // A queueScheduler runs what is due before it returns: the subscription is closed then.
    const timer = new Subscription()
    this.#timer = timer
    timer.add(this.scheduler.schedule(() => this.#send(), clampTimer(Math.ceil(at - this.now()))))
  }

  #disarm(): void {
    this.#timer.unsubscribe()
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  /** Sends the item that goes first, and runs again at once. Where none may be sent, it runs again when that may change. */
  #send(): void {
    this.#disarm()
    const now = this.now()
    const placeFreeAt = this.#placeFreeAt(now)
    let first: QueueItem | undefined
    let most = 0
    let next = Number.POSITIVE_INFINITY
    for (const item of this.#items) {
      const at = item.dueAt <= now && takesPlace(item) ? placeFreeAt : item.dueAt
      if (at > now) next = Math.min(next, at)
      else {
        const priority = this.#priorityOf(item, now)
        if (!first || priority > most) [first, most] = [item, priority]
      }
    }
    const at = first ? this.#availableAt(now, first.requests) : next
    if (first && at <= now) {
      this.#items.delete(first)
      this.#turn++
      this.lag = now - first.dueAt
      first.send()
    }
    this.#arm(Math.min(next, at))
    this.changed()
  }

  /** How long an item has waited in proportion to the wait that it wanted; negative for those whose turn it is not. */
  #priorityOf({ kind, serves = 1, since, dueAt }: QueueItem, now: number): number {
    if (kind === 'cancel') return Number.POSITIVE_INFINITY
    const priority = (serves * (now - since + 1)) / Math.max(dueAt - since, 1)
    const turn = this.#turn % checkTurns === 0 ? 'check' : this.#turn % pollTurns === 0 ? 'poll' : 'call'
    if (turn === (kind === 'live' ? 'call' : kind)) return priority
    return kind === 'check' ? Number.NEGATIVE_INFINITY : -1 / priority
  }
}
