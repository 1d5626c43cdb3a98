import { asyncScheduler, type Observable, type SchedulerLike } from 'rxjs'
import { every, proportional } from '../cadence.ts'
import type { JobLog } from '../job-log.ts'
import type { JobSource } from '../job-source.ts'
import { isFinal } from '../phase.ts'
import type { WatchOptions } from '../watch-options.ts'
import { Agenda } from './agenda.ts'
import { Budget } from './budget.ts'
import { checkPool } from './check-pool.ts'
import { inTurn } from './call.ts'
import { Pool } from './pool.ts'
import type { PoolStats } from './pool-stats.ts'

/** How much a pool may ask, and how often. */
export interface PoolOptions {
  /** The most requests in any sixty seconds, wherever they begin. At least what one look of the source may send. */
  readonly requestsPerMinute: number
  /** Milliseconds between two looks at a job whose watch has no cadence. Default: 5 % of the job's age, 0.5 s to 15 s. */
  readonly every?: number
  /** The most requests without an answer at a time; an open connection counts until it is open. Default 10. */
  readonly maxConcurrent?: number
  /** The clock of the one timer. Default: the source's, else asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** A number from 0 up to 1 for the jitter of the backoff. Default Math.random. */
  readonly random?: () => number
}

/** What a pool adds to its source. */
export interface Pooled {
  /**
   * What the pool does: now, and at each change. It costs nothing unless it is subscribed to, and then one small object a
   * change; `auditTime` makes that a dashboard's pace.
   */
  readonly stats: Observable<PoolStats>
}

/**
 * A source like the one given, behind which any number of watches and tails share their polls and one budget.
 *
 * - A job is looked at once for all who watch it, as often as the most eager of them asks. A late one is told the current
 *   value at once. Who leaves takes their share along, and the last one the timer and the request; an error of the job
 *   is told to all who watch it, a cadence that throws or too many failures (`maxFailures`) only to whom it concerns.
 * - Where the source has lists, one list call a tick serves all jobs that it shows, and the tick is that of its youngest
 *   job. What a list does not show, or shows as over, is looked at by itself; a list that cannot be had is done without.
 * - No sixty seconds, wherever they begin, have more requests than allowed: looks, lists, log reads, openings of live
 *   connections, `failure` and `cancel`. A request counts from when it begins until a minute after its answer, so that
 *   this holds for the service's clock as well. A quarter of the budget may go at once, the rest is spread. Retry-After
 *   and the source's `limits` hold everything back. What does not go through the port is not counted: a token that is
 *   fetched, a submit, another process.
 * - When more is due than the budget allows, who asks for more looks gets more, and nobody waits for ever: see
 *   `docs/decisions.md`.
 *
 * Cold: it holds no timer and no connection while nobody subscribes. With subscribers it has one timer, whatever their
 * number; a `deadline`, a tail that polls its log and a live connection have their own beside it. A watch that waits
 * costs less than 1 kB. A job's age counts from the pool's first look at it, and the default cadence is without jitter.
 *
 * @throws TypeError at the call for numbers that can never work
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
 * const load = jobs.stats // requests in the last minute, watches, lag, paused until
 * ```
 */
export function pooled<Ref, Job, Failure, Submitted, S extends JobSource<Ref, Job, Failure, Submitted>>(
  source: S & JobSource<Ref, Job, Failure, Submitted>,
  options: PoolOptions,
): S & Pooled {
  checkPool(source, options)
  const { requestsPerMinute, maxConcurrent = 10, random = Math.random } = options
  const { requests = 1, cancel, log } = source

  const scheduler = options.scheduler ?? source.scheduler ?? asyncScheduler
  const agenda = new Agenda(scheduler, new Budget({ requestsPerMinute, maxConcurrent }))
  // Without jitter: the shortest wait of many jobs is what counts, and of many at random that is the shortest possible.
  const cadence = options.every === undefined ? proportional({ random: () => 1 }) : every(options.every)
  const pool = new Pool<Ref, Job>({ source, agenda, cadence, random })

  const pooledLog = ({ window, since, live, full, ...rest }: JobLog<Ref>): JobLog<Ref> => ({
    ...rest,
    window: (ref, lines) => inTurn(pool, () => window(ref, lines)),
    ...(since === undefined ? {} : { since: (ref, next) => inTurn(pool, () => since(ref, next)) }),
    ...(live === undefined ? {} : { live: (ref) => inTurn(pool, () => live(ref)) }),
    ...(full === undefined ? {} : { full: (ref) => inTurn(pool, () => full(ref)) }),
  })

  return {
    ...source,
    scheduler,
    stats: pool.stats,
    watch: (ref: Ref, how: WatchOptions<Job, Ref>, nudge?: Observable<unknown>) => pool.watch(ref, how, nudge),
    status: (ref: Ref) =>
      inTurn(
        pool,
        () => source.status(ref),
        requests,
        ({ phase }) => (isFinal(phase) ? requests : 1),
      ),
    failure: (ref: Ref, job: Job) => inTurn(pool, () => source.failure(ref, job)),
    ...(cancel === undefined ? {} : { cancel: (ref: Ref) => inTurn(pool, () => cancel(ref)) }),
    ...(log === undefined ? {} : { log: pooledLog(log) }),
  }
}
