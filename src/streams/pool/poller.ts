import { Observable, type SchedulerLike, type Subscription } from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import { StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import { adaptiveInterval, intervalOf, waitAfter } from '../intervals.ts'
import type { JobSnapshot, PollInterval, WatchOptions } from '../types.ts'
import type { ListBatch } from './list-batch.ts'
import { type PollContext, PolledJob, type PolledSource } from './polled-job.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { RequestQueue } from './request-queue.ts'
import { Watcher } from './watcher.ts'

// The longest that an answer about one job holds back the others, in milliseconds.
const longestPause = 900_000

// A status that nobody knows is read as rarely as an old job's.
const slowest = 15_000

/** How a poller polls. */
export interface PollerOptions<Ref, Job> {
  readonly scheduler: SchedulerLike
  /** For watches that have none of their own. Default {@link adaptiveInterval}, shorter where a list reads several jobs. */
  readonly pollInterval?: number | PollInterval | undefined
  readonly random?: (() => number) | undefined
  /** How many requests it may send. Without one each is sent when it is due. */
  readonly limiter?: RateLimiter
  /** The list that shows a job, where lists are used. */
  readonly batchOf?: (poller: Poller<Ref, Job>, ref: Ref, last?: Job) => ListBatch<Ref, Job> | undefined
  readonly onChange?: () => void
}

/** Watches of a source's jobs: each job is polled once for all who watch it, as often as the most eager of them asks. */
export class Poller<Ref, Job> implements PollContext<Ref, Job> {
  readonly source: PolledSource<Ref, Job>
  readonly scheduler: SchedulerLike
  readonly queue: RequestQueue
  readonly retry: StreamRetry
  readonly #options: PollerOptions<Ref, Job>
  readonly #interval: PollInterval
  readonly #jobs = new Map<string, PolledJob<Ref, Job>>()
  #users = 0
  #reportedUntil = 0
  #limits: Subscription | undefined

  constructor(source: PolledSource<Ref, Job>, options: PollerOptions<Ref, Job>) {
    const { scheduler, random, limiter } = options
    this.source = source
    this.scheduler = scheduler
    this.#options = options
    this.queue = new RequestQueue(scheduler, limiter, () => this.#changed())
    this.retry = new StreamRetry(source, { random })
    // Without jitter in a pool: of many jobs of one list the shortest wait counts.
    this.#interval = adaptiveInterval({ random: limiter === undefined ? (random ?? Math.random) : () => 1 })
  }

  get jobs(): number {
    return this.#jobs.size
  }

  get watches(): number {
    return [...this.#jobs.values()].reduce((sum, { watchers }) => sum + watchers.length, 0)
  }

  /** Each change of a job and more, the final snapshot last. `pollNow` asks for a read at once. */
  watch(ref: Ref, options: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> {
    const { retry, random = this.#options.random } = options
    return new Observable((subscriber) => {
      const key = this.source.keyOf(ref)
      const job = this.#jobs.get(key) ?? new PolledJob(this, ref, key)
      this.#jobs.set(key, job)
      const isPlain = retry === undefined && options.random === undefined
      const own = isPlain ? this.retry : new StreamRetry(this.source, { retry, random })
      const watcher = new Watcher(job, subscriber, options, own)
      this.enter()
      subscriber.add(watcher)
      if (pollNow !== undefined) {
        const error = (thrown: unknown): void => subscriber.error(thrown)
        subscribeInto(subscriber, pollNow, { next: () => job.pollNow(), error })
      }
      if (subscriber.closed) return
      job.join(watcher)
      const now = this.queue.now()
      const until = this.queue.limiter?.pausedUntil(now)
      if (until !== undefined) watcher.retrying(until - now)
    })
  }

  /** Counts a user of the source's rate limit. */
  enter(): void {
    if (this.#users++ === 0) {
      this.#limits = this.source.limits?.subscribe({
        next: (limit) => {
          this.queue.limiter?.applyLimit(this.queue.now(), limit)
          this.#changed()
        },
        error: () => undefined,
      })
    }
    this.#changed()
  }

  /** A user is gone. */
  unsubscribe(): void {
    if (--this.#users === 0) this.#limits?.unsubscribe()
    this.#changed()
  }

  defaultWait(snapshot: JobSnapshot<Job>, age: number, attempt: number, listed: number): number {
    const { job, phase } = snapshot
    const { pollInterval } = this.#options
    if (pollInterval !== undefined) return waitAfter(intervalOf(pollInterval), job, age, attempt)
    // A list that reads several jobs is read up to four times as often: never more requests than one for each.
    return phase === 'unknown' ? slowest : waitAfter(this.#interval, job, age, attempt) / Math.min(4, listed)
  }

  batchOf(ref: Ref, last?: Job): ListBatch<Ref, Job> | undefined {
    return this.#options.batchOf?.(this, ref, last)
  }

  pause(error: unknown, wait: number): boolean {
    const { limiter, now } = this.queue
    if (limiter === undefined) return false
    const asksAll = isApiError(error) && 'status' in error && (error.status === 429 || (error.retryAfter ?? 0) > 0)
    if (asksAll) limiter.pause(now() + Math.min(wait, longestPause))
    return this.#reportPause(error)
  }

  forget(key: string): void {
    this.#jobs.delete(key)
  }

  #changed(): void {
    this.#reportPause()
    this.#options.onChange?.()
  }

  /** Reports to all watches that nothing is read for a while, once for each pause; true while there is one. */
  #reportPause(error?: unknown): boolean {
    const now = this.queue.now()
    const until = this.queue.limiter?.pausedUntil(now)
    if (until === undefined) return false
    if (until - now > 2 * (this.#reportedUntil - now)) {
      this.#reportedUntil = until
      for (const { watchers } of this.#jobs.values()) {
        for (const watcher of watchers) watcher.retrying(until - now, error)
      }
    }
    return true
  }
}
