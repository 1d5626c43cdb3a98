import type { SchedulerLike, Subscription } from 'rxjs'
import { clampTimer } from './retry.ts'

/**
 * Milliseconds since now, by a clock that may be set meanwhile.
 *
 * rxjs's schedulers give the time of day. Set back, it would hold a timeout of seconds open for hours; here what passed between
 * two calls is nothing at worst. Set forward it counts, because that cannot be distinguished from a machine that slept.
 */
export function elapsed(scheduler: SchedulerLike): () => number {
  let last = scheduler.now()
  let passed = 0
  return () => {
    const now = scheduler.now()
    passed += Math.max(0, now - last)
    last = now
    return passed
  }
}

/** Told when a response takes too long. */
export interface TimeoutListener {
  readonly timedOut: (after: number, waitingFor: 'response' | 'body') => void
}

/**
 * Watches over one response with one timer. All times are in milliseconds, without those in which the process did not run, as a
 * timer that fires late shows: what arrived meanwhile is read before a timeout is judged.
 */
export class Watchdog {
  readonly #scheduler: SchedulerLike
  readonly #listener: TimeoutListener
  readonly #passed: () => number
  readonly #longestWait: number
  #whole: number
  #idle = Infinity
  #heard = 0
  #isHeld = false
  #asleep = 0
  #timer: Subscription | undefined

  /**
   * @param timeout until the response is there
   * @param idleTimeout the shortest silence of a body that may be a fault: no wait is longer, so that no timer is ever too late
   */
  constructor(scheduler: SchedulerLike, timeout: number, idleTimeout: number, listener: TimeoutListener) {
    this.#scheduler = scheduler
    this.#listener = listener
    this.#passed = elapsed(scheduler)
    this.#whole = timeout
    this.#longestWait = clampTimer(idleTimeout)
    this.#watch()
  }

  /** A piece of the body came. */
  heard(): void {
    this.#heard = this.#now()
  }

  /** The head came. The whole response may take `whole` from the request on, the silence between two pieces `idle`. */
  headed(whole: number, idle: number): void {
    this.#whole = whole
    this.#idle = idle
    this.heard()
    this.#watch()
  }

  /** While the consumer wants no more of the body, silence is of our own making and no clock runs. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.heard()
    this.#watch()
  }

  stop(): void {
    this.#timer?.unsubscribe()
    this.#timer = undefined
  }

  #now(): number {
    return this.#passed() - this.#asleep
  }

  #watch(): void {
    const now = this.#now()
    const left = this.#isHeld ? Infinity : Math.min(this.#whole, this.#heard + this.#idle) - now
    if (left === Infinity) return this.stop()
    const wait = Math.min(left, this.#longestWait)
    if (left > 0) this.#timer ??= this.#scheduler.schedule(() => this.#check(now + wait), wait)
    else if (now >= this.#whole) this.#listener.timedOut(this.#whole, 'response')
    else this.#listener.timedOut(this.#idle, 'body')
  }

  #check(due: number): void {
    this.stop()
    this.#asleep += Math.max(0, this.#now() - due)
    this.#heard = Math.min(this.#heard, due)
    this.#watch()
  }
}
