import { asyncScheduler, map, Observable, type SchedulerLike, startWith, Subject, type Subscription } from 'rxjs'
import { StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import { adaptiveInterval, intervalOf } from '../intervals.ts'
import type { JobSnapshot, JobSource, PollInterval, WatchOptions } from '../types.ts'
import { ListBatch } from './list-batch.ts'
import { type PollContext, PolledJob } from './polled-job.ts'
import { RateLimiter } from './rate-limiter.ts'
import { RequestQueue } from './request-queue.ts'

// The longest that an answer about one job holds back the others, in milliseconds.
const longestPause = 900_000

/** How many requests a pool may send, and how often it polls. */
export interface PoolOptions {
  /** The most requests in any sixty seconds, wherever they begin. At least as many as one `status` of the source may send. */
  readonly requestsPerMinute: number
  /**
   * How long to wait between two reads of a job whose watch does not say. Default: 5 % of the job's age, 0.5 s to 15 s, and down to a
   * quarter of that where one list reads several jobs.
   */
  readonly pollInterval?: number | PollInterval
  /**
   * The most requests without an answer at a time. Default 10. A live connection that opens and a cancellation do not count, nor does a
   * request that has no answer after five seconds, of which there may be as many again.
   */
  readonly maxConcurrent?: number
  /** The scheduler of the one timer. Default: the source's, else asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** A number from 0 up to 1, for the jitter of the backoff. Default Math.random. */
  readonly random?: () => number
}

/** What a pool does now. */
export interface PoolStats {
  /** Requests that count against the budget. */
  readonly requests: number
  /** Requests that have no answer yet. */
  readonly inFlight: number
  /** Watches that are subscribed. */
  readonly watches: number
  /** The jobs that they watch. */
  readonly jobs: number
  /** Requests that are due and wait for the budget. */
  readonly waiting: number
  /** Milliseconds between when the last request was due and when it began. */
  readonly lag: number
  /** Until when the service asked for no requests, by the pool's scheduler; absent while requests may be sent. */
  readonly pausedUntil?: number
}

/** Watches of a source's jobs: each job is polled once for all who watch it, as often as the most eager of them asks. */
export class Poller<Ref, Job> implements PollContext<Ref, Job> {
  readonly source: JobSource<Ref, Job, unknown, never>
  readonly scheduler: SchedulerLike
  readonly interval: PollInterval
  readonly isDefault: boolean
  readonly queue: RequestQueue
  readonly retry: StreamRetry
  readonly stats: Observable<PoolStats>
  readonly #random: (() => number) | undefined
  readonly #changes = new Subject<void>()
  readonly #jobs = new Map<string, PolledJob<Ref, Job>>()
  readonly #batches = new Map<string, ListBatch<Ref, Job>>()
  #users = 0
  #reportedUntil = 0
  #limits: Subscription | undefined

  constructor(source: JobSource<Ref, Job, unknown, never>, options: PoolOptions) {
    const { requestsPerMinute, maxConcurrent = 10, pollInterval, random } = options
    this.source = source
    this.scheduler = options.scheduler ?? source.scheduler ?? asyncScheduler
    // Without jitter: of many jobs of one list the shortest wait counts.
    this.interval = pollInterval === undefined ? adaptiveInterval({ random: () => 1 }) : intervalOf(pollInterval)
    this.isDefault = pollInterval === undefined
    const limiter = new RateLimiter(requestsPerMinute, maxConcurrent)
    this.queue = new RequestQueue(this.scheduler, limiter, () => this.#changed())
    this.retry = new StreamRetry(source, { random })
    this.stats = this.#changes.pipe(
      startWith(undefined),
      map(() => this.#stats()),
    )
    this.#random = random
  }

  /** Each change of a job and more, the final snapshot last. `pollNow` asks for a read at once. */
  watch(ref: Ref, options: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> {
    return new Observable((subscriber) => {
      const key = this.source.keyOf(ref)
      const job = this.#jobs.get(key) ?? new PolledJob(this, ref, key)
      this.#jobs.set(key, job)
      this.enter()
      const { retry, random = this.#random } = options
      const isPlain = retry === undefined && random === this.#random
      const own = isPlain ? this.retry : new StreamRetry(this.source, { retry, random })
      const watcher = job.watch(subscriber, options, own, pollNow)
      const now = this.queue.now()
      const until = this.queue.limiter.pausedUntil(now)
      if (until !== undefined) watcher.retrying(until - now)
    })
  }

  /** Counts a user of the source's rate limit. */
  enter(): void {
    if (this.#users++ === 0) {
      this.#limits = this.source.limits?.subscribe({
        next: (limit) => {
          this.queue.limiter.applyLimit(this.queue.now(), limit)
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

  batchOf(ref: Ref, last?: Job): ListBatch<Ref, Job> | undefined {
    const { list } = this.source
    const name = list?.scopeOf(ref, last)
    if (list === undefined || name === undefined) return undefined
    const batch =
      this.#batches.get(name) ??
      new ListBatch(
        (refs) => list.read(name, refs),
        this,
        () => this.#batches.delete(name),
      )
    this.#batches.set(name, batch)
    return batch
  }

  pause(error: unknown, wait?: number): boolean {
    if (isApiError(error) && 'status' in error) {
      const { status, retryAfter = 0 } = error
      const { limiter, now } = this.queue
      if (status === 429 || retryAfter > 0) limiter.pause(now() + Math.min(wait ?? retryAfter, longestPause))
    }
    return this.#reportPause(error)
  }

  forget(key: string): void {
    this.#jobs.delete(key)
  }

  #stats(): PoolStats {
    const { limiter, waiting, lag, now } = this.queue
    const jobs = [...this.#jobs.values()]
    const until = limiter.pausedUntil(now())
    return {
      requests: limiter.used(now()),
      inFlight: limiter.inFlight,
      watches: jobs.reduce((sum, { watchers }) => sum + watchers.length, 0),
      jobs: jobs.length,
      waiting,
      lag,
      ...(until !== undefined && { pausedUntil: this.scheduler.now() + until - now() }),
    }
  }

  #changed(): void {
    this.#reportPause()
    this.#changes.next()
  }

  /** Reports to all watches that nothing is read for a while, once for each pause; true while there is one. */
  #reportPause(error?: unknown): boolean {
    const now = this.queue.now()
    const until = this.queue.limiter.pausedUntil(now)
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
