import type { Subscriber, Unsubscribable } from 'rxjs'
import type { ApiError } from '../../core/index.ts'
import { none, some } from '../../core/option.ts'
import { type Cadence, waitOf } from '../cadence.ts'
import type { Reading } from '../job-source.ts'
import type { WatchOptions } from '../watch-options.ts'
import type { WatchedJob } from './watched-job.ts'

/** One subscription to a pooled watch: what it asks for, and how it is told. */
export class Watcher<Ref, Job> implements Unsubscribable {
  readonly #subscriber: Subscriber<Reading<Ref, Job>>
  // Not the options: there may be ten thousand watchers, each with options of its own.
  readonly #cadence: Cadence<Job> | undefined
  readonly #maxFailures: number
  readonly #onConnection: WatchOptions<Job, Ref>['onConnection']
  readonly #job: WatchedJob<Ref, Job>
  /** How long after the last look it asks for the next one, in whole milliseconds. */
  wait = 0
  #failures = 0
  #open = false

  constructor(subscriber: Subscriber<Reading<Ref, Job>>, options: WatchOptions<Job, Ref>, job: WatchedJob<Ref, Job>) {
    this.#subscriber = subscriber
    this.#cadence = options.cadence
    this.#maxFailures = options.maxFailures ?? 20
    this.#onConnection = options.onConnection
    this.#job = job
  }

  /** Notes an answer, and asks the watcher's cadence for its wish. A cadence that throws ends this watch only. */
  answered(job: Job, age: number, attempt: number, fallback: Cadence<Job>): void {
    this.#failures = 0
    if (!this.#open) {
      this.#open = true
      this.#onConnection?.({ ref: this.#job.ref, to: 'status', state: 'open', attempt: 0, waitMs: 0, error: none })
    }
    try {
      this.wait = Math.ceil(waitOf(this.#cadence ?? fallback, job, age, attempt))
    } catch (error) {
      this.#subscriber.error(error)
    }
  }

  /** Notes a failure that passes; it ends this watch when it was one too many for it. */
  failed(error: ApiError, waitMs: number): void {
    this.#failures++
    if (this.#failures > this.#maxFailures) return this.#subscriber.error(error)
    this.#open = false
    this.#onConnection?.({
      ref: this.#job.ref,
      to: 'status',
      state: 'retrying',
      attempt: this.#failures,
      waitMs,
      error: some(error),
    })
  }

  /** Called by the subscription when it ends, however it does. */
  unsubscribe(): void {
    this.#job.leave(this)
  }

  next(reading: Reading<Ref, Job>): void {
    this.#subscriber.next(reading)
  }

  /** Tells the last reading. */
  over(reading: Reading<Ref, Job>): void {
    this.#subscriber.next(reading)
    this.#subscriber.complete()
  }

  error(error: unknown): void {
    this.#subscriber.error(error)
  }
}
