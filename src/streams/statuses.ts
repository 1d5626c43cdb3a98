import type { Observer, Subscriber, SubscriptionLike, TeardownLogic } from 'rxjs'
import type { Connection } from './connection.ts'
import type { Reading } from './job-source.ts'
import type { JobStatus } from './job-status.ts'
import { isFinal } from './phase.ts'
import { cutShort } from './readings.ts'
import { type Same, tellsNothing } from './same.ts'
import { TrailKeeper } from './trail.ts'
import type { WatchOptions } from './watch-options.ts'

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
  readonly #path: string
  #last: Reading<Ref, Job> | undefined

  constructor(subscriber: Subscriber<JobStatus<Ref, Job>>, same: Same<Job>, path: string) {
    super()
    this.#path = path
    this.#subscriber = subscriber
    this.#same = same
  }

  get closed(): boolean {
    return this.#subscriber.closed
  }

  /** The options of a watch, with this told of its connections. What the caller's function throws is an error of its watch only. */
  heard(options: WatchOptions<Job, Ref>): WatchOptions<Job, Ref> {
    const { onConnection } = options
    // Bound where that is enough: half the memory of a closure, and it keeps no options.
    const noticed = this.noticed.bind(this)
    if (onConnection === undefined) return { ...options, onConnection: noticed }
    const both = (connection: Connection<Ref>): void => {
      noticed(connection)
      try {
        onConnection(connection)
      } catch (thrown) {
        this.error(thrown)
      }
    }
    return { ...options, onConnection: both }
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
    if (isFinal(reading.phase)) this.#subscriber.complete()
  }

  error(error: unknown): void {
    this.#subscriber.error(this.onto(error))
  }

  /** The final phase is the end: what completes before it is cut short. */
  complete(): void {
    if (!this.closed) this.error(cutShort(this.#path))
  }
}

const statusOf = <Ref, Job>({ ref, job, phase }: Reading<Ref, Job>): JobStatus<Ref, Job> => ({
  _tag: 'Status',
  ref,
  job,
  phase,
})
