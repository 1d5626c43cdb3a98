import type { Observer, Subscriber, SubscriptionLike, TeardownLogic } from 'rxjs'
import type { Reading } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { type Same, tellsNothing } from './same.ts'
import { TrailKeeper } from './trail.ts'

/**
 * Makes statuses of readings, drops those that tell nothing new, and counts all of them for the error that may come.
 *
 * One small object a watch, where operators are a dozen and three times the memory: there may be ten thousand watches.
 * It ends with the subscriber behind it, so what is added to it is added there; rxjs takes what looks like a subscriber
 * as it is, and would otherwise only wrap one around it.
 */
export class Statuses<Ref, Job> extends TrailKeeper implements Observer<Reading<Ref, Job>>, SubscriptionLike {
  readonly #subscriber: Subscriber<JobStatus<Ref, Job>>
  readonly #same: Same<Job>
  #last: Reading<Ref, Job> | undefined

  constructor(subscriber: Subscriber<JobStatus<Ref, Job>>, same: Same<Job>) {
    super()
    this.#subscriber = subscriber
    this.#same = same
  }

  get closed(): boolean {
    return this.#subscriber.closed
  }

  /** The last one that was told. */
  get last(): JobStatus<Ref, Job> | undefined {
    return this.#last && statusOf(this.#last)
  }

  add(teardown: TeardownLogic): void {
    this.#subscriber.add(teardown)
  }

  remove(teardown: Exclude<TeardownLogic, void>): void {
    this.#subscriber.remove(teardown)
  }

  unsubscribe(): void {
    this.#subscriber.unsubscribe()
  }

  next(reading: Reading<Ref, Job>): void {
    this.looked(reading.phase)
    try {
      if (this.#last !== undefined && tellsNothing(this.#last, reading, this.#same)) return
    } catch (error) {
      return this.error(error)
    }
    this.#last = reading
    this.#subscriber.next(statusOf(reading))
  }

  error(error: unknown): void {
    this.#subscriber.error(this.onto(error))
  }

  complete(): void {
    this.#subscriber.complete()
  }
}

const statusOf = <Ref, Job>({ ref, job, phase }: Reading<Ref, Job>): JobStatus<Ref, Job> => ({
  _tag: 'Status',
  ref,
  job,
  phase,
})
