import { defer, Observable, type SchedulerLike, type Subscriber, type Subscription, type Unsubscribable } from 'rxjs'
import { boundTo } from '../core/bound-to.ts'
import { NetworkError } from '../core/index.ts'
import { bounded } from '../core/retry-after.ts'
import { type Cadence, waitOf } from './cadence.ts'
import type { JobSource, Reading } from './job-source.ts'
import { Link } from './link.ts'
import { cadenceOf, clockOf, patienceOf } from './options.ts'
import { judge, type Settling } from './settling.ts'
import type { WatchOptions } from './watch-options.ts'

// A nudge may come each time that a tail closes: after the first they are followed no sooner than this, in milliseconds.
const betweenNudges = 500

/** What a stream fails with when its source's own `watch` ends and the job has not. */
export const cutShort = (path: string): NetworkError =>
  new NetworkError({ method: 'GET', path, cause: 'the watch ended before the job did' })

/** Each of two timers, with what it wakes as its state: a closure would be one more object in each watch that waits. */
const look = (looks: { look(): void }): void => looks.look()
const follow = (looks: { follow(): void }): void => looks.follow()

/** The looks at one job. One object, and one timer, is all that waits: there may be thousands. */
class Looks<Ref, Job, Failure, Submitted> implements Unsubscribable {
  readonly #source: JobSource<Ref, Job, Failure, Submitted>
  readonly #ref: Ref
  readonly #scheduler: SchedulerLike
  readonly #cadence: Cadence<Job>
  readonly #link: Link
  readonly #subscriber: Subscriber<Reading<Ref, Job>>
  #attempt = 0
  #firstSeen: number | undefined
  #settling: Settling | undefined
  #wait: Subscription | undefined
  /** Whether a nudge came since the last look began, when it will be followed, and when one was for the last time. */
  #nudged = false
  #early: Subscription | undefined
  #followed = Number.NEGATIVE_INFINITY

  constructor(
    source: JobSource<Ref, Job, Failure, Submitted>,
    ref: Ref,
    options: WatchOptions<Job, Ref>,
    subscriber: Subscriber<Reading<Ref, Job>>,
  ) {
    this.#source = source
    this.#ref = ref
    this.#scheduler = clockOf(source, options)
    this.#cadence = cadenceOf(options)
    this.#link = new Link('status', patienceOf(source, ref, options))
    this.#subscriber = subscriber
  }

  /** Looks now instead of waiting any longer. */
  look(): void {
    this.unsubscribe()
    this.#attempt++
    this.#link
      .once(() => {
        this.#nudged = false
        return this.#source.status(this.#ref)
      })
      .pipe(boundTo(this.#subscriber))
      .subscribe({
        next: (read) => {
          try {
            this.#saw(read)
          } catch (thrown) {
            this.#subscriber.error(thrown)
          }
        },
        error: (error: unknown) => this.#subscriber.error(error),
      })
  }

  nudge(): void {
    this.#nudged = true
    if (this.#wait !== undefined) this.#hurry()
  }

  follow(): void {
    this.#followed = this.#scheduler.now()
    this.look()
  }

  /** Ends the wait. */
  unsubscribe(): void {
    this.#wait?.unsubscribe()
    this.#early?.unsubscribe()
    this.#wait = this.#early = undefined
  }

  #saw(read: Reading<Ref, Job>): void {
    const now = this.#scheduler.now()
    this.#firstSeen ??= now
    const { reading, over, rest, settling } = judge(read, this.#settling, now)
    this.#settling = settling
    // Not later than the cadence: a job that goes on is seen as soon as ever.
    const attempt = this.#attempt
    const wait = over ? undefined : Math.min(rest, waitOf(this.#cadence, reading.job, now - this.#firstSeen, attempt))
    this.#subscriber.next(reading)
    if (this.#subscriber.closed) return
    if (wait === undefined) return this.#subscriber.complete()
    const timer = this.#scheduler.schedule(look, wait, this)
    // A queue scheduler does not wait for what is due at once: the timer is over by now, and others may be set.
    if (this.#attempt !== attempt) return
    this.#wait = timer
    if (this.#nudged) this.#hurry()
  }

  #hurry(): void {
    if (this.#early !== undefined) return
    const attempt = this.#attempt
    const soon = bounded(this.#followed + betweenNudges - this.#scheduler.now())
    const timer = this.#scheduler.schedule(follow, soon, this)
    if (this.#attempt === attempt) this.#early = timer
  }
}

/**
 * Looks at a job again and again until it is over, one look at a time, the wait counted from the answer. The last
 * reading is the final one, and only that one has a final phase: one that must settle counts as running until then.
 * What a source with a `watch` gives is passed on as it is.
 *
 * @param nudge asks for a look now instead of after the wait; during a look it is followed by another one
 */
export function readings<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  ref: Ref,
  options: WatchOptions<Job, Ref>,
  nudge?: Observable<unknown>,
): Observable<Reading<Ref, Job>> {
  const { watch } = source
  if (watch !== undefined) return defer(() => watch(ref, options, nudge))
  return new Observable((subscriber) => {
    const looks = new Looks(source, ref, options, subscriber)
    subscriber.add(looks)
    nudge?.pipe(boundTo(subscriber)).subscribe({
      next: () => looks.nudge(),
      error: (error: unknown) => subscriber.error(error),
    })
    if (!subscriber.closed) looks.look()
  })
}
