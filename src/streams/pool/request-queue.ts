import { defer, finalize, type Observable, type SchedulerLike, Subscription, tap } from 'rxjs'
import { clampTimer, elapsed } from '../../core/index.ts'
import type { RateLimiter } from './rate-limiter.ts'

// Of so many requests one is a poll, so that what else is asked for cannot hold them back.
const pollTurns = 4

/**
 * `poll` is one of many reads; all else that is due goes before them. `cancel` goes first, and takes no place of `maxConcurrent`. Nor
 * does `live`: such a connection may take long to open.
 */
export type RequestKind = 'cancel' | 'live' | 'call' | 'poll'

/** Something that wants to send requests at some time. */
export interface QueueItem {
  readonly kind: RequestKind
  /** How many requests it may send. */
  readonly requests: number
  /** How many jobs it serves. */
  readonly serves: number
  /** Since when it waits, and until when it wants to, by the queue's clock. */
  readonly since: number
  readonly dueAt: number
  /** Sends what it wants, by {@link RequestQueue.run}, or nothing. It is not in the queue any more. */
  send(): void
}

const takesPlace = ({ kind }: Pick<QueueItem, 'kind'>): boolean => kind === 'call' || kind === 'poll'

/**
 * When which request begins: one timer and one rate limit for all.
 *
 * Of the polls that are due, the one goes first that has waited longest in proportion to the wait that it wanted. So under a small
 * budget a young job keeps its advantage over an old one, and nothing waits for ever.
 */
export class RequestQueue {
  /** Milliseconds since the queue was made; never goes back. */
  readonly now: () => number
  readonly limiter: RateLimiter
  readonly #scheduler: SchedulerLike
  readonly #onChange: () => void
  readonly #items = new Set<QueueItem>()
  #timer: Subscription | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #isSending = false
  #sent = 0
  /** How many were due and could not be sent when the queue was last worked off. */
  waiting = 0
  /** How long after it was due the last request began, in milliseconds. */
  lag = 0

  constructor(scheduler: SchedulerLike, limiter: RateLimiter, onChange: () => void) {
    this.#scheduler = scheduler
    this.#onChange = onChange
    this.limiter = limiter
    this.now = elapsed(scheduler)
  }

  /** Has an item sent when it is due, instead of at any other time. */
  add(item: QueueItem): void {
    this.#items.add(item)
    this.#arm(item.dueAt)
  }

  remove(item: QueueItem): void {
    this.#items.delete(item)
    if (this.#items.size === 0) this.#disarm()
  }

  /** Runs the request of an item that is sent. It counts until its first value or its end; `sent` tells how many requests it was. */
  run<A>(item: Pick<QueueItem, 'kind' | 'requests'>, source: Observable<A>, sent: (value: A) => number): Observable<A> {
    return defer(() => {
      const running = this.limiter.begin(this.now(), item.requests, takesPlace(item))
      const answered = (count: number): void => {
        this.limiter.answered(this.now(), running, count)
        if (this.waiting > 0) this.#arm(this.now())
        this.#onChange()
      }
      return source.pipe(
        tap((value) => answered(sent(value))),
        finalize(() => answered(item.requests)),
      )
    })
  }

  /** Sets the one timer, unless it fires by then: firing too early costs less than setting it anew at each change. */
  #arm(at: number): void {
    if (this.#isSending || at >= this.#timerAt || this.#items.size === 0) return
    this.#disarm()
    this.#timerAt = at
    // A queueScheduler runs what is due before it returns: the subscription is closed then.
    const timer = new Subscription()
    this.#timer = timer
    timer.add(this.#scheduler.schedule(() => this.#send(), clampTimer(Math.ceil(at - this.now()))))
  }

  #disarm(): void {
    this.#timer?.unsubscribe()
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #send(): void {
    this.#disarm()
    this.#isSending = true
    let next = this.#sendNext()
    while (next === undefined) next = this.#sendNext()
    this.#isSending = false
    this.#arm(next)
    this.#onChange()
  }

  /** Sends the first of those that may be sent now; else gives the time at which that may change. */
  #sendNext(): number | undefined {
    const now = this.now()
    const placeFreeAt = this.limiter.placeFreeAt(now)
    let first: QueueItem | undefined
    let most = Number.NEGATIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    this.waiting = 0
    for (const item of this.#items) {
      if (item.dueAt <= now) this.waiting++
      const at = item.dueAt <= now && takesPlace(item) ? placeFreeAt : item.dueAt
      if (at > now) next = Math.min(next, at)
      else if (this.#priorityOf(item, now) > most) {
        first = item
        most = this.#priorityOf(item, now)
      }
    }
    if (first === undefined) return next
    const at = this.limiter.availableAt(now, first.requests)
    if (at > now) return Math.min(next, at)
    this.#items.delete(first)
    this.#sent++
    this.lag = now - first.dueAt
    first.send()
    return undefined
  }

  /** How long an item has waited in proportion to the wait that it wanted; negative for those whose turn it is not. */
  #priorityOf({ kind, serves, since, dueAt }: QueueItem, now: number): number {
    if (kind === 'cancel') return Number.POSITIVE_INFINITY
    const priority = (serves * (now - since + 1)) / Math.max(dueAt - since, 1)
    const isTurn = (kind === 'poll') === (this.#sent % pollTurns === 0)
    return isTurn ? priority : -1 / priority
  }
}
