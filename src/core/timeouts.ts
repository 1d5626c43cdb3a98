import type { SchedulerLike, Subscription } from 'rxjs'
import { clampTimer } from './retry.ts'

/**
 * Milliseconds since now, by a clock that may be set meanwhile.
 *
 * rxjs's schedulers give the time of day. Set back, it would hold a timeout of seconds open for hours; here what passed between
 * two calls is nothing at worst. Set forward it counts, because that cannot be told from a machine that slept.
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

// A timer that fires so much too late, in milliseconds, shows that the process did not run. What arrived meanwhile is read before
// the timeout is judged, for as long as the second of the two.
const lateness = 100
const grace = 1_000

/** Told when a response takes too long. */
export interface TimeoutListener {
  readonly timedOut: (after: number, waitingFor: 'response' | 'body') => void
}

/** Watches over one response with one timer. All times are in milliseconds. */
export class Watchdog {
  readonly #scheduler: SchedulerLike
  readonly #listener: TimeoutListener
  readonly #passed: () => number
  #whole: number
  #idle = Infinity
  #heard = 0
  #isHeld = false
  /** Until when nothing is judged, because the timer fired late. */
  #graceEnd = 0
  #timer: Subscription | undefined
  #due = Infinity

  /**
   * @param timeout until the response is there
   * @param idleTimeout the shortest silence of a body that may be a fault, as far as is known before the head
   */
  constructor(scheduler: SchedulerLike, timeout: number, idleTimeout: number, listener: TimeoutListener) {
    this.#scheduler = scheduler
    this.#listener = listener
    this.#passed = elapsed(scheduler)
    this.#whole = timeout
    // Early enough for the body, too, so that one timer does for most responses.
    this.#watch(Math.min(timeout, idleTimeout))
  }

  /** A piece of the body came. */
  heard(): void {
    this.#heard = this.#passed()
  }

  /** The head came. The whole response may take `whole` from the request on, the silence between two pieces `idle`. */
  headed(whole: number, idle: number): void {
    this.#whole = whole
    this.#idle = idle
    this.heard()
    this.#watch(this.#left())
  }

  /** While the consumer wants no more of the body, silence is of our own making and no clock runs. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.heard()
    this.#watch(this.#left())
  }

  stop(): void {
    this.#timer?.unsubscribe()
  }

  #left(): number {
    return Math.max(this.#graceEnd, Math.min(this.#whole, this.#heard + this.#idle)) - this.#passed()
  }

  /** Sees to it that the clock is looked at in time. A timer that is early enough stays. */
  #watch(latest: number): void {
    const wait = this.#isHeld ? Infinity : latest
    const due = this.#passed() + wait
    if (this.#due <= due && wait !== Infinity) return
    this.stop()
    this.#due = due
    if (wait === Infinity) return
    this.#timer = this.#scheduler.schedule(() => this.#check(), clampTimer(wait))
  }

  #check(): void {
    const isLate = this.#passed() - this.#due > lateness
    const left = this.#left()
    this.#due = Infinity
    if (left > 0) {
      this.#watch(left)
    } else if (isLate && this.#graceEnd === 0) {
      this.#graceEnd = this.#passed() + grace
      this.#watch(grace)
    } else {
      const isWhole = this.#passed() >= this.#whole
      this.#listener.timedOut(isWhole ? this.#whole : this.#idle, isWhole ? 'response' : 'body')
    }
  }
}
