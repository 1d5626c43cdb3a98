import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { aString, checkOptions, isRequestError, type RequestError, withObservedResponses } from '../../core/index.ts'
import type { Genesys } from './genesys.ts'
import { type AcceleratorInput, postInfrastructureascodeJobs } from './endpoints.ts'
import type { InfrastructureascodeJob as Job } from './models.ts'

/** How {@link submitOnce} finds a job whose response was lost. */
export interface SubmitOnceOptions {
  /**
   * The user who submits, by the id that jobs have as `submittedBy.id`. Default: the one that an earlier POST of `submitOnce` with
   * this client was answered with. Where neither is known, no job of the history is taken.
   */
  readonly submittedBy?: string
}

/** What the calls of one client know of each other. */
interface Submissions {
  /** The calls whose job is not known yet. */
  readonly pending: Set<AcceleratorInput>
  /** The ids of the last jobs that are accounted for. */
  known: ReadonlyArray<string | undefined>
  /** Who submits, as the last response to a POST says. */
  user: string | undefined
}

const submissionsOf = new WeakMap<Genesys, Submissions>()

// Half a minute in all: the service may still be working on the request, and its history may lag.
const waits = [500, 1_000, 2_000, 4_000, 8_000, 15_000]

/** True for an error that leaves open whether the job was created. An error of the token request does not. */
function leavesOpen(error: unknown): error is RequestError {
  if (!isRequestError(error) || !error.path.endsWith(postInfrastructureascodeJobs.path)) return false
  if (error._tag === 'HttpError') return error.status === 408 || error.status >= 500
  return error._tag !== 'AuthError'
}

/**
 * Creates a job, at most once, and finds it where the response was lost: reads the history before the POST and, where the POST ended
 * without a response of the service (no connection, a timeout, 408, 5xx, an unreadable body), up to six times in the half minute
 * after it. It never posts again. Costs one request more than `postInfrastructureascodeJobs`.
 *
 * A job of the history is emitted only where it must be the submitted one: the only new one of that accelerator and `dryRun`,
 * submitted by the user of this client, in a history that reaches back to earlier jobs, while no other call with this client is
 * pending for the same. Who the user is comes from the option `submittedBy`, else from an earlier response. Otherwise, and where
 * the user is not known, it fails with the error of the POST, whose `observedResponses` say what the history showed, with the ids
 * of the candidates. The job may still appear later. The history does not show parameters: a job that another process submits as
 * the same user, on the same accelerator and in the same seconds, cannot be distinguished.
 *
 * @throws TypeError synchronously for invalid parameters and options
 *
 * @example
 * ```ts
 * import { thenWatch } from 'rxjobs'
 * import { accessToken, genesys, submitOnce } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const submittedBy = 'the id of the user whose token it is'
 * const statuses = submitOnce(cx, { acceleratorId: 'queue-with-agents' }, { submittedBy }).pipe(thenWatch(cx.jobs))
 * ```
 */
export function submitOnce(cx: Genesys, input: AcceleratorInput, options: SubmitOnceOptions = {}): Observable<Job> {
  checkOptions('submitOnce', options, { submittedBy: aString })
  const post = cx.postInfrastructureascodeJobs(input, { retry: false })
  const newest = { sortBy: 'dateSubmitted', sortOrder: 'desc', maxResults: 100 } as const
  const history = cx.getInfrastructureascodeJobs({ ...newest, acceleratorId: input.acceleratorId })
  const submissions = submissionsOf.get(cx) ?? { pending: new Set(), known: [], user: undefined }
  submissionsOf.set(cx, submissions)

  /** The job of the history that must be the submitted one, or why none must. */
  function choose(before: ReadonlyArray<Job>, after: ReadonlyArray<Job>): Job | string {
    const { pending, known } = submissions
    const user = options.submittedBy ?? submissions.user
    const earlier = new Set(before.map(({ id }) => id))
    const isLike = ({ acceleratorId = input.acceleratorId, dryRun = false }: Partial<AcceleratorInput>): boolean =>
      acceleratorId === input.acceleratorId && dryRun === (input.dryRun ?? false)
    const mayBeOurs = ({ submittedBy: by }: Job): boolean => !user || !by?.id || by.id === user
    const isNew = ({ id }: Job): boolean => id !== undefined && !earlier.has(id) && !known.includes(id)
    const candidates = after.filter((job) => isNew(job) && isLike(job) && mayBeOurs(job))
    const [job] = candidates
    if (job === undefined) return 'history without it'
    const reachesBack = before.length === 0 || after.some(({ id }) => id !== undefined && earlier.has(id))
    const isOnly = candidates.length === 1 && reachesBack && [...pending].filter(isLike).length === 1
    if (user && isOnly && job.submittedBy?.id === user) return job
    const missing = user ? '' : ' (whose is not known: give submittedBy)'
    return `history with what may be it: ${candidates.map(({ id }) => id).join(', ')}${missing}`
  }

  /** Reads the history after each of the waits until it shows the job; else fails with the error of the POST. */
  const findJob = (error: RequestError, before: ReadonlyArray<Job>): Observable<Job> => {
    const responses: Record<string, number> = {}
    const read = history.pipe(
      map((after) => choose(before, after)),
      catchError((failed: unknown) =>
        isRequestError(failed) ? of(`history that failed: ${failed._tag}`) : throwError(() => failed),
      ),
      mergeMap((found) => {
        if (typeof found === 'object') return of(found)
        responses[found] = (responses[found] ?? 0) + 1
        return EMPTY
      }),
    )
    const { scheduler = asyncScheduler } = cx.jobs
    return concat(
      from(waits).pipe(concatMap((wait) => timer(wait, scheduler).pipe(mergeMap(() => read)))),
      throwError(() => withObservedResponses(error, responses)),
    ).pipe(take(1))
  }

  return defer(() => {
    const own = { ...input }
    return history.pipe(
      tap(() => submissions.pending.add(own)),
      mergeMap((before) =>
        post.pipe(
          tap(({ submittedBy: by }) => (submissions.user = by?.id || submissions.user)),
          catchError((error: unknown) => (leavesOpen(error) ? findJob(error, before) : throwError(() => error))),
        ),
      ),
      tap(({ id }) => (submissions.known = [id, ...submissions.known].slice(0, 1_000))),
      finalize(() => submissions.pending.delete(own)),
    )
  })
}
