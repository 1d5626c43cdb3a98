import { Observable, type SchedulerLike, type Subscription } from 'rxjs'
import { StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import type { JobSnapshot, PollInterval, WatchOptions } from '../types.ts'
import { type Batch, type PollContext, PolledJob, type PolledSource, Watcher } from './polled-job.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { RequestQueue } from './request-queue.ts'

// The longest that an answer about one job holds back the others, in milliseconds.
const longestPause = 900_000

/** What a poller is made of. */
export interface PollerSetup<Ref, Job> {
  readonly source: PolledSource<Ref, Job>
  readonly scheduler: SchedulerLike
  /** For watches that have none of their own. */
  readonly interval: PollInterval<Job>
  /** Whether that is the default one. Default true. */
  readonly isDefault?: boolean
  readonly random?: (() => number) | undefined
  /** How many requests it may send. Without one each is sent when it is due. */
  readonly limiter?: RateLimiter
  /** The list that shows a job, where lists are used. */
  readonly batchOf?: (context: PollContext<Ref, Job>, ref: Ref, last?: Job) => Batch<Ref, Job> | undefined
  readonly onChange?: () => void
}

/** Watches of a source's jobs: each job is polled once for all who watch it, as often as the most eager of them asks. */
export class Poller<Ref, Job> implements PollContext<Ref, Job> {
  readonly source: PolledSource<Ref, Job>
  readonly scheduler: SchedulerLike
  readonly interval: PollInterval<Job>
  readonly isDefault: boolean
  readonly random: (() => number) | undefined
  readonly queue: RequestQueue
  readonly #setup: PollerSetup<Ref, Job>
  readonly #jobs = new Map<string, PolledJob<Ref, Job>>()
  readonly #retry: StreamRetry
  #users = 0
  #toldUntil = 0
  #limits: Subscription | undefined

  constructor(setup: PollerSetup<Ref, Job>) {
    const { source, scheduler, interval, isDefault = true, random, limiter } = setup
    this.source = source
    this.scheduler = scheduler
    this.interval = interval
    this.isDefault = isDefault
    this.random = random
    this.queue = new RequestQueue(scheduler, limiter, () => this.#changed())
    this.#setup = setup
    this.#retry = new StreamRetry(source, random === undefined ? {} : { random })
  }

  get jobs(): number {
    return this.#jobs.size
  }

  get watches(): number {
    let watches = 0
    for (const job of this.#jobs.values()) watches += job.watchers.length
    return watches
  }

  /** Each change of a job and more, the final snapshot last. `pollNow` asks for a read at once. */
  watch(ref: Ref, options: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> {
    return new Observable((subscriber) => {
      const key = this.source.keyOf(ref)
      const job = this.#jobs.get(key) ?? new PolledJob(this, ref, key)
      this.#jobs.set(key, job)
      const isPlain = options.retry === undefined && options.random === undefined
      const watcher = new Watcher(
        job,
        subscriber,
        options,
        isPlain
          ? this.#retry
          : new StreamRetry(this.source, { ...(this.random && { random: this.random }), ...options }),
      )
      this.enter()
      subscriber.add(watcher)
      const nudges = pollNow?.subscribe({
        next: () => job.pollNow(),
        error: (error: unknown) => subscriber.error(error),
      })
      if (nudges !== undefined) subscriber.add(nudges)
      if (subscriber.closed) return
      job.join(watcher)
      const now = this.queue.now()
      const until = this.queue.limiter?.pausedUntil(now)
      if (until !== undefined) watcher.retrying(until - now, undefined, until)
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

  batchOf(ref: Ref, last?: Job): Batch<Ref, Job> | undefined {
    return this.#setup.batchOf?.(this, ref, last)
  }

  pauseAfter(error: unknown, wait: number, job?: PolledJob<Ref, Job>): number | undefined {
    const { limiter, now } = this.queue
    if (limiter === undefined || !isApiError(error) || !('status' in error)) return undefined
    if (error.status !== 429 && !((error.retryAfter ?? 0) > 0)) return undefined
    limiter.pause(now() + Math.min(wait, longestPause))
    return this.#tellPause(error, job)
  }

  forget(job: PolledJob<Ref, Job>): void {
    this.#jobs.delete(job.key)
  }

  #changed(): void {
    this.#tellPause()
    this.#setup.onChange?.()
  }

  /** Tells all watches, but those of one job, that nothing is read for a while; once for each pause. */
  #tellPause(error?: unknown, from?: PolledJob<Ref, Job>): number | undefined {
    const now = this.queue.now()
    const until = this.queue.limiter?.pausedUntil(now)
    if (until === undefined || until - now <= 2 * (this.#toldUntil - now)) return until
    this.#toldUntil = until
    for (const job of this.#jobs.values()) {
      if (job !== from) for (const watcher of job.watchers) watcher.retrying(until - now, error, until)
    }
    return until
  }
}
