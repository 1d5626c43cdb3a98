import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  finalize,
  find,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { isRequestError, type RequestError, withObservedResponses } from '../../core/index.ts'
import type { Genesys } from './genesys.ts'
import { type AcceleratorInput, postInfrastructureascodeJobs } from './endpoints.ts'
import type { InfrastructureascodeJob } from './models.ts'

/** How {@link submitOnce} finds a job whose response was lost. */
export interface SubmitOnceOptions {
  /** Leaves out jobs of other users: the id as in `submittedBy`. Default: the one in an earlier response, else any user. */
  readonly submittedBy?: string
}

type Job = InfrastructureascodeJob

/** What the calls of one client know of each other. */
class Submissions {
  /** The calls whose job is not known yet. */
  readonly pending = new Set<AcceleratorInput>()
  /** The ids of jobs that are accounted for. */
  readonly known = new Set<string>()
  user: string | undefined

  remember({ id, submittedBy }: Job): void {
    this.user = submittedBy?.id ?? this.user
    if (id !== undefined) this.known.add(id)
    const [oldest] = this.known
    if (this.known.size > 1_000 && oldest !== undefined) this.known.delete(oldest)
  }
}

const submissionsOf = new WeakMap<Genesys, Submissions>()

// Half a minute in all: the service may still be working on the request, and its history may lag.
const waits = [500, 1_000, 2_000, 4_000, 8_000, 15_000]

/** True for an error that leaves open whether the job was created. An error of the token request does not. */
function leavesOpen(error: unknown): error is RequestError {
  if (!isRequestError(error) || error.path !== postInfrastructureascodeJobs.path) return false
  if (error._tag === 'HttpError') return error.status === 408 || error.status >= 500
  return error._tag !== 'AuthError'
}

/** The job of the history that must be the submitted one, or why none must. */
function choose(
  input: AcceleratorInput,
  earlier: ReadonlyArray<Job>,
  after: ReadonlyArray<Job>,
  { pending, known, user: ownUser }: Submissions,
  user = ownUser,
): Job | string {
  const isLike = ({ acceleratorId = input.acceleratorId, dryRun = false }: Partial<AcceleratorInput>): boolean =>
    acceleratorId === input.acceleratorId && dryRun === (input.dryRun ?? false)
  const earlierIds = new Set(earlier.map(({ id }) => id))
  const candidates = after.filter(
    (job) =>
      job.id !== undefined &&
      !earlierIds.has(job.id) &&
      !known.has(job.id) &&
      isLike(job) &&
      (user === undefined || job.submittedBy === undefined || job.submittedBy.id === user),
  )
  const [job, ...others] = candidates
  if (job === undefined) return 'history without it'
  const ids = candidates.map(({ id }) => id).join(', ')
  if (others.length > 0) return `history with several that may be it: ${ids}`
  if ([...pending].filter(isLike).length > 1) return `history with one that may be it or another that is open: ${ids}`
  const reachesBack = earlier.length === 0 || after.some(({ id }) => id !== undefined && earlierIds.has(id))
  return reachesBack ? job : `history that does not reach back, with one that may be it: ${ids}`
}

/**
 * Creates a job, at most once, and finds it where the response was lost: reads the history before the POST and, where the POST ended
 * without a response of the service (no connection, a timeout, 408, 5xx, an unreadable body), up to six times in the half minute
 * after it. It never posts again. Costs one request more than `postInfrastructureascodeJobs`.
 *
 * A job of the history is emitted only where it must be the submitted one: the only new one of that accelerator and `dryRun`, in a
 * history that reaches back to earlier jobs, while no other call with this client is pending for the same. Otherwise it fails with
 * the error of the POST, whose `observedResponses` say what the history showed, with the ids of the candidates. The job may still
 * appear later. The history does not show parameters: another user's job on the same accelerator in the same seconds looks the
 * same, and is left out only as far as `submittedBy` tells.
 *
 * @throws TypeError synchronously for invalid parameters
 *
 * @example
 * ```ts
 * import { thenWatch } from 'rxjobs'
 * import { accessToken, genesys, submitOnce } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * const statuses = submitOnce(cx, { acceleratorId: 'queue-with-agents' }).pipe(thenWatch(cx.jobs))
 * ```
 */
export function submitOnce(
  cx: Genesys,
  input: AcceleratorInput,
  { submittedBy }: SubmitOnceOptions = {},
): Observable<InfrastructureascodeJob> {
  const { acceleratorId } = input
  const post = cx.postInfrastructureascodeJobs(input, { retry: false })
  const newest = { sortBy: 'dateSubmitted', sortOrder: 'desc', maxResults: 100 } as const
  const history = cx.getInfrastructureascodeJobs({ ...newest, acceleratorId })
  const submissions = submissionsOf.get(cx) ?? new Submissions()
  submissionsOf.set(cx, submissions)

  /** Reads the history after each of the waits until it shows the job; else fails with the error of the POST. */
  const findJob = (error: RequestError, earlier: ReadonlyArray<Job>): Observable<Job> => {
    const responses: Record<string, number> = {}
    const read = history.pipe(
      map((after) => choose(input, earlier, after, submissions, submittedBy)),
      catchError((failed: unknown) =>
        isRequestError(failed) ? of(`history that failed: ${failed._tag}`) : throwError(() => failed),
      ),
    )
    return from(waits).pipe(
      concatMap((wait) => timer(wait, cx.jobs.scheduler ?? asyncScheduler).pipe(mergeMap(() => read))),
      find((found) => {
        if (typeof found === 'string') responses[found] = (responses[found] ?? 0) + 1
        return typeof found !== 'string'
      }),
      map((found) => {
        if (typeof found === 'object') return found
        throw withObservedResponses(error, responses)
      }),
    )
  }

  return defer(() => {
    const own = { ...input }
    return history.pipe(
      tap(() => submissions.pending.add(own)),
      mergeMap((earlier) =>
        post.pipe(
          catchError((error: unknown) => (leavesOpen(error) ? findJob(error, earlier) : throwError(() => error))),
        ),
      ),
      tap((job) => submissions.remember(job)),
      finalize(() => submissions.pending.delete(own)),
    )
  })
}
