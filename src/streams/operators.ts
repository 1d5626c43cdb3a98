import { asyncScheduler, filter, mergeMap, type Observable, type OperatorFunction, throwError } from 'rxjs'
import { BackpressuredObservable, DecodeError, typeName, withDemand } from '../core/index.ts'
import { checkLog, checkStream, mergeTable, outcomeTable, tailTable, watchTable } from './check.ts'
import { isFinalStatus } from './job-events.ts'
import { followStream, tailStream, watchStream } from './job-streams.ts'
import { outcomeOf } from './outcome.ts'
import type {
  AnyJobSource,
  AnyLoggedSource,
  FailureOf,
  JobEvent,
  JobOf,
  JobStatus,
  LogElement,
  MergeOptions,
  Outcome,
  RefOf,
  SubmittedOf,
  TailOptions,
  WatchOptions,
} from './types.ts'

/** How each of many submitted jobs is watched. */
export interface EachWatchOptions<S> extends WatchOptions<RefOf<S>, JobOf<S>, S>, MergeOptions {}

/** How the log of each of many submitted jobs is tailed. */
export interface EachTailOptions<S> extends TailOptions<RefOf<S>, JobOf<S>, S>, MergeOptions {}

/** How the reasons of failures are read. */
export interface FetchErrorsOptions<Ref = unknown>
  extends Pick<WatchOptions<Ref>, 'retry' | 'scheduler' | 'random' | 'onConnection'> {
  /** How many reasons are read at a time. Default 4. Outcomes come as they are known, not in the order in which the jobs ended. */
  readonly concurrency?: number
}

/**
 * Watches each job that the source Observable submits: {@link watchJob} for each, merged. A deadline is for each job.
 *
 * A 404 in the first 15 s is waited out, because a service may not yet know a job that it just accepted. An answer that names no job
 * is a DecodeError.
 *
 * @throws TypeError for an invalid source or option
 *
 * @example
 * ```ts
 * import { thenWatch } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const statuses = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' }).pipe(thenWatch(cx.jobs))
 * ```
 */
export function thenWatch<S extends AnyJobSource>(
  source: S,
  options: EachWatchOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, JobStatus<RefOf<S>, JobOf<S>>> {
  const checked = checkStream('thenWatch', source, options, { ...watchTable, ...mergeTable })
  const watch = (ref: RefOf<S>): Observable<JobStatus<RefOf<S>, JobOf<S>>> =>
    watchStream('thenWatch', checked.source, ref, checked.options, true)
  return eachSubmitted(checked.source, watch, options)
}

/**
 * Tails the log of each job that the source Observable submits: {@link tailLog} for each, merged. Every line has its job's `ref`. A
 * 404 in the first 15 s is waited out.
 *
 * @throws TypeError for an invalid source or option
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import { thenTail } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const lines = of({ guid: 'a-guid', key: 'a-key' }).pipe(thenTail(pc.jobs))
 * ```
 */
export function thenTail<S extends AnyLoggedSource>(
  source: S,
  options: EachTailOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, LogElement<RefOf<S>>> {
  const checked = checkStream('thenTail', source, options, { ...tailTable, ...mergeTable })
  const logged = checkLog('thenTail', checked.source)
  const tail = (ref: RefOf<S>): Observable<LogElement<RefOf<S>>> =>
    tailStream('thenTail', logged, ref, checked.options, true)
  return heldBack(checked.source, tail, options)
}

/**
 * Follows each job that the source Observable submits: {@link followJob} for each, merged. Every event has its job's `ref`; `Settled`
 * is the last one of each. A 404 in the first 15 s is waited out.
 *
 * @throws TypeError for an invalid source or option
 *
 * @example
 * ```ts
 * import { thenFollow } from 'rxjobs'
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const events = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' }).pipe(thenFollow(cx.jobs))
 * ```
 */
export function thenFollow<S extends AnyJobSource>(
  source: S,
  options: EachTailOptions<S> = {},
): OperatorFunction<SubmittedOf<S>, JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>> {
  const checked = checkStream('thenFollow', source, options, { ...tailTable, ...mergeTable })
  const follow = (ref: RefOf<S>): Observable<JobEvent<RefOf<S>, JobOf<S>, FailureOf<S>>> =>
    followStream('thenFollow', checked.source, ref, checked.options, true)
  return heldBack(checked.source, follow, options)
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
  const checked = checkStream('thenFetchErrors', source, options, outcomeTable)
  const { concurrency = 4 } = options
  const scheduler = options.scheduler ?? checked.source.scheduler ?? asyncScheduler
  return (statuses) =>
    statuses.pipe(
      filter(isFinalStatus),
      mergeMap((status) => {
        const { ref } = status
        return outcomeOf(checked.source, status, options, {
          scheduler,
          report: (change) => options.onConnection?.({ _tag: 'Connection', ref, ...change }),
        })
      }, concurrency),
    )
}

/** Goes on with each job that was submitted, and merges what comes of them. An answer that names no job is a DecodeError. */
function eachSubmitted<Ref, Submitted, A>(
  source: { readonly refOf: (submitted: Submitted) => Ref | undefined },
  go: (ref: Ref) => Observable<A>,
  { concurrency = Number.POSITIVE_INFINITY }: MergeOptions = {},
): OperatorFunction<Submitted, A> {
  // Its values may be an echoed secret.
  const unnamed = (submitted: unknown): DecodeError => {
    const issue = { path: '', expected: 'an answer that names the job', actual: typeName(submitted) }
    return new DecodeError({ method: 'refOf', path: '(submitted)', issues: [issue] })
  }
  return mergeMap((submitted) => {
    const ref = source.refOf(submitted)
    return ref === undefined ? throwError(() => unnamed(submitted)) : go(ref)
  }, concurrency)
}

/** As {@link eachSubmitted}, for streams that can be held back: so can what comes of it. */
function heldBack<Ref, Submitted, A>(
  source: { readonly refOf: (submitted: Submitted) => Ref | undefined },
  go: (ref: Ref) => Observable<A>,
  options: MergeOptions,
): OperatorFunction<Submitted, A> {
  return (submitted) =>
    new BackpressuredObservable((demand) =>
      withDemand(submitted, demand).pipe(eachSubmitted(source, (ref) => withDemand(go(ref), demand), options)),
    )
}
