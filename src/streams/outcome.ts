import { catchError, filter, map, mergeMap, type Observable, of, type OperatorFunction, throwError } from 'rxjs'
import { isObject, typeName } from '../core/index.ts'
import { checkStream, outcomeTable } from './check.ts'
import { type ConnectionOptions, ConnectionState } from './connection.ts'
import { isApiError } from './errors.ts'
import {
  type AnyJobSource,
  type FailureOf,
  type FinalStatus,
  isFinalStatus,
  type JobOf,
  type JobSource,
  type JobStatus,
  type Outcome,
  type RefOf,
  type WatchOptions,
} from './types.ts'

/** How the reasons of failures are read. */
export interface FetchErrorsOptions<Ref = unknown>
  extends Pick<WatchOptions<Ref>, 'retry' | 'scheduler' | 'random' | 'onConnection'> {
  /** How many reasons are read at a time. Default 4. Outcomes come as they are known, not in the order in which the jobs ended. */
  readonly concurrency?: number
}

// The reason of a failure is worth fewer attempts than the job itself.
const maxAttempts = 5

/**
 * The outcome of a job that is over: reads the reason where it failed. Where that cannot be read the outcome says so; it fails only
 * with what is no ApiError.
 */
export function outcomeOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { ref, job, phase }: FinalStatus<Ref, Job>,
  options: ConnectionOptions,
): Observable<Outcome<Ref, Job, Failure>> {
  const links = source.links?.(ref, job)
  const end = { ref, job, ...(links && { links }) }
  if (phase !== 'failed') return of({ phase, ...end })
  const own = { ...options, retry: options.retry !== false && { maxAttempts, ...options.retry } }
  // The job was read: the connection is open.
  return new ConnectionState('status', source, ref, own, true)
    .firstWithRetry(() => source.failure(ref, job))
    .pipe(
      map((failure): Outcome<Ref, Job, Failure> => ({ phase, ...end, ...(failure !== undefined && { failure }) })),
      catchError((error: unknown) =>
        isApiError(error) ? of({ phase, ...end, failureError: error }) : throwError(() => error),
      ),
    )
}

const isStatus = (value: unknown): boolean => isObject(value) && '_tag' in value && value._tag === 'Status'

/** @throws TypeError for what is no status: a reference, a line and other events would pass as final, having no phase */
function isEnd<Ref, Job>(status: JobStatus<Ref, Job>): status is FinalStatus<Ref, Job> {
  if (isStatus(status)) return isFinalStatus(status)
  throw new TypeError(`thenFetchErrors: it takes the statuses of thenWatch, was ${typeName(status)}`)
}

/**
 * One {@link Outcome} for each final status, with the reason of a failure; other statuses are dropped.
 *
 * A reason that cannot be read is the outcome's `failureError` and does not fail the stream. Costs at most one request a failed job.
 *
 * @throws TypeError for an invalid source or option
 *
 * @example
 * ```ts
 * import { thenFetchErrors, thenWatch } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const outcomes = cx
 *   .postInfrastructureascodeJobs({ acceleratorId: 'a' })
 *   .pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))
 * ```
 */
export function thenFetchErrors<S extends AnyJobSource>(
  source: S,
  options: FetchErrorsOptions<RefOf<S>> = {},
): OperatorFunction<JobStatus<RefOf<S>, JobOf<S>>, Outcome<RefOf<S>, JobOf<S>, FailureOf<S>>> {
  const { source: checked } = checkStream('thenFetchErrors', source, options, outcomeTable)
  const { concurrency = 4, ...own } = { scheduler: checked.scheduler, ...options }
  const outcomes = mergeMap((status: FinalStatus<RefOf<S>, JobOf<S>>) => outcomeOf(checked, status, own), concurrency)
  return (statuses) => statuses.pipe(filter(isEnd), outcomes)
}
