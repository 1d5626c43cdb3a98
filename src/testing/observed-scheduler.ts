import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

/** A scheduler that counts its timers. */
export class ObservedScheduler implements SchedulerLike {
  readonly #scheduler: SchedulerLike
  readonly #pending = new Set<Subscription>()

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  /** How many timers were set so far. */
  total = 0

  /** How many timers are set, and neither due nor stopped. */
  get pending(): number {
    return this.#pending.size
  }

  now(): number {
    return this.#scheduler.now()
  }

  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay: number, state: T): Subscription
  schedule<T>(work: Work<T>, delay?: number, state?: T): Subscription
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    this.total++
    return new Timer(this.#scheduler, this.#pending, work).schedule(state, delay)
  }
}

/** One timer. rxjs's own actions do not tell when they are done. */
class Timer<T> extends Subscription implements SchedulerAction<T> {
  readonly #scheduler: SchedulerLike
  readonly #pending: Set<Subscription>
  readonly #work: Work<T>
  #action: Subscription | undefined

  constructor(scheduler: SchedulerLike, pending: Set<Subscription>, work: Work<T>) {
    super()
    this.#scheduler = scheduler
    this.#pending = pending
    this.#work = work
  }

  schedule(state?: T, delay = 0): this {
    if (this.closed) return this
    this.#action?.unsubscribe()
    this.#pending.add(this)
    this.#action = this.#scheduler.schedule(() => {
      this.#pending.delete(this)
      this.#work.call(this, state)
    }, delay)
    return this
  }

  override unsubscribe(): void {
    this.#pending.delete(this)
    this.#action?.unsubscribe()
    super.unsubscribe()
  }
}

/**
 * A scheduler whose timers the suite can count. For a source that waits by its own scheduler, as a pool does: pass this one to it and
 * as the `scheduler` of the setup. Otherwise G7 cannot see it wait.
 *
 * @example
 * ```ts
 * import { pooled } from 'rxjobs'
 * import { fakeJob, jobSourceConformance, observedScheduler } from 'rxjobs/testing'
 *
 * const checks = jobSourceConformance(async () => {
 *   const fake = fakeJob("q 1s r 'one' 5s x 2s 'two' 1m s")
 *   const scheduler = observedScheduler(fake.scheduler)
 *   return { ...fake, scheduler, source: pooled(fake.source, { requestsPerMinute: 600, scheduler }) }
 * })
 * for (const { check } of checks.slice(0, 7)) await check()
 * ```
 */
export const observedScheduler = (scheduler: SchedulerLike): ObservedScheduler =>
  scheduler instanceof ObservedScheduler ? scheduler : new ObservedScheduler(scheduler)
