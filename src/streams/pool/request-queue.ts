import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import { clampTimer, elapsed, subscribeInto } from '../../core/index.ts'
import type { RateLimiter } from './rate-limiter.ts'

/** Something that wants to send requests at some time. */
export interface QueueItem {
  /** When it began to wait, and for how long it wants to, in milliseconds of the queue's clock. */
  since: number
  wait: number
  /** How many requests it may send. */
  readonly requests: number
  /** How many jobs its request serves. Default 1. */
  readonly serves?: number
  /** Goes before all others and takes no place: a cancellation. */
  readonly isUrgent?: boolean
  /** Takes no place of `maxConcurrent`: a live connection. */
  readonly isOpenEnded?: boolean
  /** Sends what it wants, by {@link RequestQueue.run}, or nothing. It is not in the queue any more. */
  send(): void
}

/** When a request begins. */
export interface PollQueue {
  /** Milliseconds since the queue was made; never goes back. */
  readonly now: () => number
  /** Has an item sent `wait` milliseconds after `since`, by default from now on, instead of at any other time. */
  add(item: QueueItem, wait: number, since?: number): void
  remove(item: QueueItem): void
  /** Runs the request of an item that is sent. */
  run<A>(item: QueueItem, source: Observable<A>, sent: (value: A) => number): Observable<A>
}

const never = Number.POSITIVE_INFINITY

/**
 * When which request begins: one timer and one rate limit for all.
 *
 * Of those that are due, the item goes first that has waited longest in proportion to the wait that it wanted. So under a small
 * budget a young job keeps its advantage over an old one, and nothing waits for ever.
 */
export class RequestQueue implements PollQueue {
  readonly now: () => number
  readonly limiter: RateLimiter
  readonly #scheduler: SchedulerLike
  readonly #onChange: () => void
  readonly #items = new Set<QueueItem>()
  #timer: Subscription | undefined
  #timerAt = never
  #isSending = false
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

  add(item: QueueItem, wait: number, since: number = this.now()): void {
    item.since = since
    item.wait = wait
    this.#items.add(item)
    this.#arm(since + wait)
  }

  remove(item: QueueItem): void {
    this.#items.delete(item)
    if (this.#items.size === 0) this.#disarm()
  }

  /** The request counts until its first value or its end. */
  run<A>(
    { requests, isUrgent, isOpenEnded }: QueueItem,
    source: Observable<A>,
    sent: (value: A) => number,
  ): Observable<A> {
    const { limiter } = this
    return new Observable((subscriber) => {
      const running = limiter.begin(this.now(), requests, !(isUrgent || isOpenEnded))
      const end = (used: number): void => {
        limiter.end(this.now(), running, used)
        if (this.waiting > 0) this.#arm(this.now())
        this.#onChange()
      }
      subscriber.add(() => end(requests))
      subscribeInto(subscriber, source, {
        next: (value) => {
          end(sent(value))
          subscriber.next(value)
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
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
    this.#timerAt = never
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
    const freeAt = this.limiter.placeFreeAt(now)
    let first: QueueItem | undefined
    let next = never
    let most = 0
    this.waiting = 0
    for (const item of this.#items) {
      const due = item.since + item.wait
      if (due <= now) this.waiting++
      const at = due > now || item.isUrgent || item.isOpenEnded ? due : freeAt
      if (at > now) next = Math.min(next, at)
      else if (priorityOf(item, now) > most) {
        most = priorityOf(item, now)
        first = item
      }
    }
    if (first === undefined) return next
    const at = this.limiter.availableAt(now, first.requests)
    if (at > now) return Math.min(next, at)
    this.#items.delete(first)
    this.lag = now - first.since - first.wait
    first.send()
    return undefined
  }
}

/** How long an item has waited in proportion to the wait that it wanted. */
const priorityOf = ({ since, wait, serves = 1, isUrgent }: QueueItem, now: number): number =>
  isUrgent ? never : ((now - since + 1) / Math.max(wait, 1)) * serves
