import { asyncScheduler, defer, map, Observable, type SchedulerLike, startWith, Subject } from 'rxjs'
import {
  aCount,
  aFunction,
  aScheduler,
  BackpressuredObservable,
  checkOptions,
  type OptionTable,
  withDemand,
} from '../../core/index.ts'
import { checkSource, pollIntervalCheck } from '../check.ts'
import {
  isFinal,
  type JobLog,
  type JobSnapshot,
  type JobSource,
  type PollInterval,
  type WatchOptions,
} from '../types.ts'
import { Poller } from './poller.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { QueueItem } from './request-queue.ts'

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

/** What a pool adds to its source. */
export interface Pooled {
  /** What the pool does: now, and at each change. It costs nothing unless it is subscribed to. */
  readonly stats: Observable<PoolStats>
}

/**
 * A source like the one given, behind which any number of watches and tails share their polls and one budget.
 *
 * - A job is polled once for all who watch it, as often as the most eager of them asks. A late one is given the current snapshot at
 *   once. An error of the job ends the watches of that job; what a function of one watch throws ends that watch.
 * - Where the source has lists, one list serves all jobs that it shows. A final row that is not `partial` ends a watch without another
 *   request. A job that its list does not show is read by itself. A list that is stale delays an end by about a minute, as far as a
 *   fifth of the budget suffices to check its jobs; a list that cannot be had is done without.
 * - No sixty seconds, wherever they begin, have more requests than `requestsPerMinute`: reads of status, lists and logs, openings of
 *   live connections, `failure` and `cancel`. A quarter of the budget may go at once, the rest is spread. Retry-After (up to 15 minutes)
 *   and the source's `limits` pause all; each watch is told by a `retrying` connection event.
 * - When more is due than the budget allows, the job goes first that has waited longest in proportion to its interval. A cancellation
 *   goes before all.
 *
 * Cold: it holds no timer and no connection while nobody subscribes, and one timer while somebody does. A watch that waits takes less
 * than 2 kB. A submit, a token that is fetched, and other processes are not counted.
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
  checkPool(source, options)
  const { requests = 1, cancel, log } = source
  const { requestsPerMinute, maxConcurrent = 10, pollInterval, random } = options
  const scheduler = options.scheduler ?? source.scheduler ?? asyncScheduler
  const limiter = new RateLimiter(requestsPerMinute, maxConcurrent)
  const changes = new Subject<void>()
  const onChange = (): void => changes.next()
  const poller = new Poller({ source, scheduler, pollInterval, random, limiter, onChange })
  const once: Once = (read, how = {}) => oneRequest(poller, read, how)
  const sent = ({ phase }: JobSnapshot<Job>): number => (isFinal(phase) ? requests : 1)
  return {
    ...source,
    scheduler,
    stats: changes.pipe(
      startWith(undefined),
      map(() => statsOf(poller, scheduler)),
    ),
    watch: (ref: Ref, how: WatchOptions<Ref, Job>, pollNow?: Observable<unknown>) => poller.watch(ref, how, pollNow),
    status: (ref, how) => oneRequest(poller, () => source.status(ref, how), { requests }, sent),
    failure: (ref: Ref, job: Job) => once(() => source.failure(ref, job)),
    ...(cancel && { cancel: (ref: Ref) => once(() => cancel(ref), { isUrgent: true }) }),
    ...(log && { log: pooledLog(log, once) }),
  }
}

type Once = <A>(read: () => Observable<A>, how?: Partial<QueueItem>) => Observable<A>

/** What the source does, when the queue sends it; it can be held back as before. */
function oneRequest<Ref, Job, A>(
  poller: Poller<Ref, Job>,
  read: () => Observable<A>,
  how: Partial<QueueItem>,
  sent: (value: A) => number = () => how.requests ?? 1,
): Observable<A> {
  const { queue } = poller
  return new BackpressuredObservable((demand) => {
    const request = defer(() => withDemand(read(), demand))
    return new Observable((subscriber) => {
      const item: QueueItem = {
        since: 0,
        wait: 0,
        requests: 1,
        ...how,
        send: () => {
          subscriber.add(
            queue.run(item, request, sent).subscribe({
              next: (value) => subscriber.next(value),
              error: (error: unknown) => {
                poller.pause(error, retryAfterOf(error))
                subscriber.error(error)
              },
              complete: () => subscriber.complete(),
            }),
          )
        },
      }
      poller.enter()
      subscriber.add(poller)
      subscriber.add(() => queue.remove(item))
      queue.add(item, 0)
    })
  })
}

const retryAfterOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'retryAfter' in error && typeof error.retryAfter === 'number'
    ? error.retryAfter
    : 0

function pooledLog<Ref>({ read, after, stream, download, ...limits }: JobLog<Ref>, once: Once): JobLog<Ref> {
  return {
    ...limits,
    read: (ref, maxLines) => once(() => read(ref, maxLines)),
    ...(after && { after: (ref, offset) => once(() => after(ref, offset)) }),
    ...(stream && { stream: (ref) => once(() => stream(ref), { isOpenEnded: true }) }),
    ...(download && { download: (ref) => once(() => download(ref)) }),
  }
}

function statsOf<Ref, Job>({ queue, watches, jobs }: Poller<Ref, Job>, scheduler: SchedulerLike): PoolStats {
  const { limiter, waiting, lag } = queue
  const now = queue.now()
  const until = limiter.pausedUntil(now)
  return {
    requests: limiter.used(now),
    inFlight: limiter.inFlight,
    watches,
    jobs,
    waiting,
    lag,
    ...(until !== undefined && { pausedUntil: scheduler.now() + until - now }),
  }
}

const poolTable: OptionTable = {
  requestsPerMinute: null,
  pollInterval: pollIntervalCheck,
  maxConcurrent: aCount,
  scheduler: aScheduler,
  random: aFunction,
}

/** @throws TypeError for what is no source, and for options that can never work */
function checkPool(source: { readonly requests?: number }, options: PoolOptions): void {
  checkSource('pooled', source)
  checkOptions('pooled', options, poolTable)
  const { requests = 1 } = source
  const { requestsPerMinute } = options
  if (Number.isInteger(requestsPerMinute) && requestsPerMinute >= requests) return
  throw new TypeError(`pooled: requestsPerMinute must be a whole number from ${requests} up, was ${requestsPerMinute}`)
}
