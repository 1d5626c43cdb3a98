import { defer, Observable, tap } from 'rxjs'
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
import { isFinal, type JobLog, type JobSnapshot, type JobSource, type WatchOptions } from '../types.ts'
import { Poller, type PoolOptions, type PoolStats } from './poller.ts'
import type { QueueItem } from './request-queue.ts'

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
 *   request. A job that its list does not show is read by itself. Because a list may be stale, its jobs
 *   are also read by themselves, each of them every 45 s, but no more than one after each list: a list that such a read contradicts, or
 *   that cannot be had, is done without for a minute.
 * - No sixty seconds, wherever they begin, have more requests than `requestsPerMinute`: reads of status, lists and logs, openings of
 *   live connections, `failure` and `cancel`. A quarter of the budget may go at once, the rest is spread. Retry-After (up to 15 minutes)
 *   and the source's `limits` pause all; each watch gets a `retrying` connection event.
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
  const poller = new Poller(source, options)
  const { requests = 1, cancel, log } = source
  const once: Once = (read, how = {}) => oneRequest(poller, read, how)
  const sent = ({ phase }: JobSnapshot<Job>): number => (isFinal(phase) ? requests : 1)
  return {
    ...source,
    scheduler: poller.scheduler,
    stats: poller.stats,
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
          const pause = (error: unknown): unknown => poller.pause(error)
          subscriber.add(
            queue
              .run(item, request, sent)
              .pipe(tap({ error: pause }))
              .subscribe(subscriber),
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

function pooledLog<Ref>({ read, after, stream, download, ...limits }: JobLog<Ref>, once: Once): JobLog<Ref> {
  return {
    ...limits,
    read: (ref, maxLines) => once(() => read(ref, maxLines)),
    ...(after && { after: (ref, offset) => once(() => after(ref, offset)) }),
    ...(stream && { stream: (ref) => once(() => stream(ref), { isOpenEnded: true }) }),
    ...(download && { download: (ref) => once(() => download(ref)) }),
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
