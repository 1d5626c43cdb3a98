import { Observable, type SchedulerLike, type Subscription } from 'rxjs'
import { StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import { adaptiveInterval, intervalOf } from '../intervals.ts'
import type { JobSnapshot, JobSource, PollInterval, WatchOptions } from '../types.ts'
import { ListBatch } from './list-batch.ts'
import { type PollContext, PolledJob } from './polled-job.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { RequestQueue } from './request-queue.ts'

// The longest that an answer about one job holds back the others, in milliseconds.
const longestPause = 900_000

/** What is polled, and how. */
export interface PollerSetup<Ref, Job> {
  readonly source: JobSource<Ref, Job, unknown, never>
  readonly scheduler: SchedulerLike
  /** For watches that have none of their own. Default {@link adaptiveInterval}, shorter where a list reads several jobs. */
  readonly pollInterval: number | PollInterval | undefined
  readonly random: (() => number) | undefined
  readonly limiter: RateLimiter
  readonly onChange: () => void
}

/** Watches of a source's jobs: each job is polled once for all who watch it, as often as the most eager of them asks. */
export class Poller<Ref, Job> implements PollContext<Ref, Job> {
  readonly source: JobSource<Ref, Job, unknown, never>
  readonly scheduler: SchedulerLike
  readonly interval: PollInterval
  readonly isDefault: boolean
  readonly queue: RequestQueue
  readonly retry: StreamRetry
  readonly #random: (() => number) | undefined
  readonly #onChange: () => void
  readonly #jobs = new Map<string, PolledJob<Ref, Job>>()
  readonly #batches = new Map<string, ListBatch<Ref, Job>>()
  #users = 0
  #reportedUntil = 0
  #limits: Subscription | undefined

  constructor({ source, scheduler, pollInterval, random, limiter, onChange }: PollerSetup<Ref, Job>) {
    this.source = source
    this.scheduler = scheduler
    // Without jitter: of many jobs of one list the shortest wait counts.
    this.interval = pollInterval === undefined ? adaptiveInterval({ random: () => 1 }) : intervalOf(pollInterval)
    this.isDefault = pollInterval === undefined
    this.queue = new RequestQueue(scheduler, limiter, () => this.#changed())
    this.retry = new StreamRetry(source, { random })
    this.#random = random
    this.#onChange = onChange
  }

  get jobs(): number {
    return this.#jobs.size
  }

  get watches(): number {
    return [...this.#jobs.values()].reduce((sum, { watchers }) => sum + watchers.length, 0)
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
    const batch = this.#batches.get(name) ?? new ListBatch(name, list, this, () => this.#batches.delete(name))
    this.#batches.set(name, batch)
    return batch
  }

  pause(error: unknown, wait: number): boolean {
    const { limiter, now } = this.queue
    const asksAll = isApiError(error) && 'status' in error && (error.status === 429 || (error.retryAfter ?? 0) > 0)
    if (asksAll) limiter.pause(now() + Math.min(wait, longestPause))
    return this.#reportPause(error)
  }

  forget(key: string): void {
    this.#jobs.delete(key)
  }

  #changed(): void {
    this.#reportPause()
    this.#onChange()
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
