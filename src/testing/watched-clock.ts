import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

/** A clock that knows how many of its timers are set. */
export class WatchedClock implements SchedulerLike {
  readonly #clock: SchedulerLike
  readonly #armed = new Set<Subscription>()

  constructor(clock: SchedulerLike) {
    this.#clock = clock
  }

  /** How many timers were ever set. */
  set = 0

  /** How many timers are set and neither due nor stopped. */
  get armed(): number {
    return this.#armed.size
  }

  now(): number {
    return this.#clock.now()
  }

  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay: number, state: T): Subscription
  schedule<T>(work: Work<T>, delay?: number, state?: T): Subscription
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    this.set++
    return new Timer(this.#clock, this.#armed, work).schedule(state, delay)
  }
}

/** One timer; rxjs's own actions do not tell when they are done. */
class Timer<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: SchedulerLike
  readonly #armed: Set<Subscription>
  readonly #work: Work<T>
  #due: Subscription | undefined

  constructor(clock: SchedulerLike, armed: Set<Subscription>, work: Work<T>) {
    super()
    this.#clock = clock
    this.#armed = armed
    this.#work = work
  }

  schedule(state?: T, delay = 0): this {
    if (this.closed) return this
    this.#due?.unsubscribe()
    this.#armed.add(this)
    this.#due = this.#clock.schedule(() => {
      this.#armed.delete(this)
      this.#work.call(this, state)
    }, delay)
    return this
  }

  override unsubscribe(): void {
    this.#armed.delete(this)
    this.#due?.unsubscribe()
    super.unsubscribe()
  }
}

/**
 * A clock whose timers the laws see. For a source that waits by a clock of its own, as a pool does: give it this one, and
 * hand it over as the `scheduler` of the setup. Law 7 would else see nobody wait.
 *
 * @example
 * ```ts
 * import { pooled } from 'rxjobs'
 * import { fakeJob, jobSourceLaws, watchedClock } from 'rxjobs/testing'
 *
 * const laws = jobSourceLaws(async () => {
 *   const fake = fakeJob("q 1s r 'one' 5s x 2s 'two' 1m s")
 *   const scheduler = watchedClock(fake.scheduler)
 *   return { ...fake, scheduler, source: pooled(fake.source, { requestsPerMinute: 600, scheduler }) }
 * })
 * for (const { check } of laws.slice(0, 7)) await check()
 * ```
 */
export function watchedClock(clock: SchedulerLike): SchedulerLike {
  return watched(clock)
}

/** The same clock, watched once. */
export const watched = (clock: SchedulerLike): WatchedClock =>
  clock instanceof WatchedClock ? clock : new WatchedClock(clock)
