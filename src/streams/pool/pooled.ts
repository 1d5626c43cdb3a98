import { BehaviorSubject, catchError, defer, distinctUntilChanged, EMPTY, map, Observable, switchMap, tap } from 'rxjs'
import {
  aCount,
  aFunction,
  aScheduler,
  BackpressuredObservable,
  checkOptions,
  type Demand,
  type OptionTable,
  typeName,
  withDemand,
} from '../../core/index.ts'
import { checkSource, pollIntervalCheck } from '../check.ts'
import { adaptiveInterval } from '../intervals.ts'
import { type JobLog, type JobSnapshot, type JobSource, type PollInterval, type WatchOptions } from '../types.ts'
import { Watcher } from './polled-job.ts'
import { type PoolOptions, type QueueItem, type RequestKind, RequestQueue } from './request-queue.ts'
import { type ListBatch, type PoolContext, SharedJob, statusCost } from './shared-job.ts'

// A pause that becomes longer by less than this is reported once.
const sameFor = 1_000

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

/** What a pool adds to its source. */
export interface Pooled {
  /** What the pool does: now, and at each change. It costs nothing unless it is subscribed to. */
  readonly stats: Observable<PoolStats>
  /**
   * Has a request of yours wait for the budget and count in it: a submit, a single read, a token. Subscribing to what it gives asks for
   * its turn. It counts once, however often the call retries by itself.
   */
  readonly request: <A>(request: Observable<A>) => Observable<A>
}

/**
 * A source like the one given, behind which any number of watches and tails share their polls and one budget.
 *
 * - A job is polled once for all who watch it, as often as the most eager of them asks. A late one is given the current snapshot at
 *   once. An error of the job ends the watches of that job; what a function of one watch throws ends that watch.
 * - Where the source has lists, one list serves all jobs that it shows. A final row that is not `partial` ends a watch without another
 *   request. A job that its list does not show is read by itself. Because a list may be stale, its jobs are also read by
 *   themselves, each of them every 40 s, for at most half of the budget and after all else that is due: so no wrong row delays an
 *   end by more than a minute. A list is not used for a minute when it shows a job as running that such a read found over, when it
 *   shows none of its jobs, and when it cannot be read.
 * - No sixty seconds, wherever they begin, have more requests than `requestsPerMinute`: reads of status, lists and logs, openings of
 *   live connections, `failure`, `cancel`, and each {@link Pooled.request}. A quarter of the budget may go at once, the rest is spread evenly.
 * - Retry-After and the source's `limits` pause all, for at most 15 minutes; a longer Retry-After concerns only what asked. Each watch
 *   gets a `retrying` connection event. A 429 halves the rate, which grows back within five minutes.
 * - When more is due than the budget allows, the job goes first that has waited longest in proportion to its interval. A cancellation
 *   goes before all.
 *
 * Cold: it holds no timer and no connection while nobody subscribes, and one timer while somebody does. A watch that waits takes less
 * than 2 kB. A token that is fetched is not counted.
 *
 * @throws TypeError for an invalid source or option
 *
 * @example
 * ```ts
 * import { from, mergeMap } from 'rxjs'
 * import { pooled, watchJob } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const jobs = pooled(cx.jobs, { requestsPerMinute: 300 })
 * const statuses = from(['id-1', 'id-2']).pipe(mergeMap((jobId) => watchJob(jobs, { jobId })))
 * const load = jobs.stats // requests in the last minute, watches, lag, pause
 * ```
 */
export function pooled<Ref, Job, Failure, Submitted, S extends JobSource<Ref, Job, Failure, Submitted>>(
  source: S & JobSource<Ref, Job, Failure, Submitted>,
  options: PoolOptions,
): S & Pooled {
  checkSource('pooled', source)
  checkOptions('pooled', options, poolTable)
  const { requests = 1, cancel, list, log } = source
  const { requestsPerMinute } = options
  if (!Number.isInteger(requestsPerMinute) || requestsPerMinute < requests) {
    const was = typeName(requestsPerMinute)
    throw new TypeError(`pooled: requestsPerMinute must be a whole number from ${requests} up, was ${was}`)
  }
  const pool = new Pool(source, options)
  return {
    ...source,
    scheduler: pool.scheduler,
    stats: pool.stats,
    request: (request) => pool.call(() => request, 'live'),
    watch: (ref: Ref, how: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>) => pool.watch(ref, how, pollNow),
    status: (ref, how) => pool.call(() => source.status(ref, how), 'call', requests, statusCost(requests)),
    failure: (ref: Ref, job: Job) => pool.call(() => source.failure(ref, job)),
    ...(list && { list: { ...list, read: (scope, refs) => pool.call(() => list.read(scope, refs)) } }),
    ...(cancel && { cancel: (ref: Ref) => pool.call(() => cancel(ref), 'cancel') }),
    ...(log && { log: pool.log(log) }),
  }
}

/** What a pool does for its source: the watches of its jobs, and its other requests. */
class Pool<Ref, Job> extends RequestQueue implements PoolContext<Ref, Job> {
  readonly source: JobSource<Ref, Job, unknown, never>
  // Without jitter: of many jobs of one list the shortest wait counts.
  readonly interval: PollInterval = adaptiveInterval({ random: () => 1 })
  readonly jobs = new Map<string, SharedJob<Ref, Job>>()
  readonly batches = new Map<string, ListBatch<Ref, Job>>()
  readonly #changes = new BehaviorSubject<void>(undefined)
  readonly stats = this.#changes.pipe(map(() => this.#stats()))
  #toldUntil = 0

  constructor(source: JobSource<Ref, Job, unknown, never>, options: PoolOptions) {
    super(options, source.scheduler)
    this.source = source
    // The source's limits are subscribed to while the pool is used.
    const limits = (source.limits ?? EMPTY).pipe(
      tap((limit) => this.applyLimit(limit)),
      catchError(() => EMPTY),
    )
    const isUsed = this.#changes.pipe(
      map(() => this.jobs.size + this.open.length > 0),
      distinctUntilChanged(),
    )
    isUsed.pipe(switchMap((isNow) => (isNow ? limits : EMPTY))).subscribe()
  }

  /** Each change of a job and more, the final snapshot last. `pollNow` asks for a read at once. */
  watch(ref: Ref, options: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>): Observable<JobSnapshot<Job>> {
    return new Observable((subscriber) => {
      const key = this.source.keyOf(ref)
      const job = this.jobs.get(key) ?? new SharedJob(this, ref, key)
      const { random } = this.options
      job.watch(new Watcher(job, subscriber, random ? { random, ...options } : options), pollNow)
      this.changed()
    })
  }

  /** What the source does, when the queue sends it; it can be held back as before. */
  call<A>(
    read: () => Observable<A>,
    kind: RequestKind = 'call',
    requests = 1,
    cost?: (value: A) => number,
  ): Observable<A> {
    const connect = (demand: Demand): Observable<A> =>
      new Observable((subscriber) => {
        const request = defer(() => withDemand(read(), demand))
        const send = (): void => subscriber.add(this.run(item, request, cost).subscribe(subscriber))
        const now = this.now()
        const item: QueueItem = { since: now, dueAt: now, kind, requests, send }
        subscriber.add(() => this.remove(item))
        this.add(item)
      })
    return new BackpressuredObservable(connect)
  }

  log({ read, after, stream, download, ...limits }: JobLog<Ref>): JobLog<Ref> {
    return {
      ...limits,
      read: (ref, maxLines) => this.call(() => read(ref, maxLines)),
      ...(after && { after: (ref, offset) => this.call(() => after(ref, offset)) }),
      ...(stream && { stream: (ref) => this.call(() => stream(ref), 'live') }),
      ...(download && { download: (ref) => this.call(() => download(ref)) }),
    }
  }

  #stats(): PoolStats {
    const until = this.pausedUntil()
    return {
      requests: this.used(),
      inFlight: this.open.length,
      watches: [...this.jobs.values()].reduce((sum, { watchers }) => sum + watchers.length, 0),
      jobs: this.jobs.size,
      waiting: this.waiting,
      lag: this.lag,
      ...(until !== undefined && { pausedUntil: this.scheduler.now() + until - this.now() }),
    }
  }

  /** Reports each pause once to all watches but those of the jobs that learn of it by their own failure. */
  override changed(error?: unknown, asked: ReadonlyArray<unknown> = []): void {
    const now = this.now()
    const until = this.pausedUntil() ?? 0
    if (until > Math.max(now, this.#toldUntil + (this.#toldUntil > now ? sameFor : 0))) {
      this.#toldUntil = until
      const others = [...this.jobs.values()].filter((job) => !asked.includes(job))
      for (const watcher of others.flatMap(({ watchers }) => watchers)) watcher.retrying(until - now, error)
    }
    this.#changes.next()
  }
}

const poolTable: OptionTable = {
  requestsPerMinute: null,
  pollInterval: pollIntervalCheck,
  maxConcurrent: aCount,
  scheduler: aScheduler,
  random: aFunction,
}
