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

/** Called with the limit that was exceeded, in milliseconds. */
type OnTimeout = (after: number, waitingFor: 'response' | 'body') => void

// No timer fired: nothing is judged.
const notYet = Infinity

/** Watches over one response with one timer. All times are in milliseconds. */
export class Watchdog {
  readonly #scheduler: SchedulerLike
  readonly #onTimeout: OnTimeout
  readonly #passed: () => number
  readonly #longestWait: number
  #whole: number
  #idle = Infinity
  #heard = 0
  #timer: Subscription | undefined

  /**
   * @param whole until the response is there
   * @param idle the shortest silence that may be a fault later on: no wait is longer, so that no timer is ever too late
   */
  constructor(scheduler: SchedulerLike, whole: number, idle: number, onTimeout: OnTimeout) {
    this.#scheduler = scheduler
    this.#onTimeout = onTimeout
    this.#passed = elapsed(scheduler)
    this.#whole = whole
    this.#longestWait = clampTimer(idle)
    this.#watch(notYet)
  }

  /** A piece of the body came. */
  heard(): void {
    this.#heard = this.#passed()
  }

  /** From now on the whole response may take `whole` since the request, the silence between two pieces `idle`. */
  limit(whole: number, idle: number): void {
    this.#whole = whole
    this.#idle = idle
    this.heard()
    this.#watch(notYet)
  }

  stop(): void {
    this.#timer?.unsubscribe()
    this.#timer = undefined
  }

  /** @param late by how much the timer fired late: the process did not run. What arrived meanwhile is read before a timeout is judged. */
  #watch(late: number): void {
    const now = this.#passed()
    const left = Math.min(this.#whole, this.#heard + this.#idle) - now
    if (left === Infinity) return this.stop()
    if (left > 0) return this.#wait(Math.min(left, this.#longestWait), now)
    const isWhole = now >= this.#whole
    const limit = isWhole ? this.#whole : this.#idle
    if (late > 0) this.#wait(Math.min(late, limit), Infinity)
    else this.#onTimeout(limit, isWhole ? 'response' : 'body')
  }

  #wait(wait: number, from: number): void {
    this.#timer ??= this.#scheduler.schedule(() => {
      this.stop()
      this.#watch(this.#passed() - from - wait)
    }, wait)
  }
}
