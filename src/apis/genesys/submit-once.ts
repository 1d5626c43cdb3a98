import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  filter,
  finalize,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  take,
  tap,
  throwError,
  throwIfEmpty,
  timer,
} from 'rxjs'
import { type ApiError, type Client, isApiError, withTrail } from '../../core/index.ts'
import type { InfrastructureascodeJob } from './infrastructureascode-job.ts'
import { type AcceleratorInput, getInfrastructureascodeJobs, postInfrastructureascodeJobs } from './jobs.ts'

/** How {@link Genesys.submitOnce} finds a job whose answer was lost. */
export interface SubmitOnceOptions {
  /** Leaves out what others submit: the id as in `submittedBy`. Default: the one in an earlier answer, else anyone's. */
  readonly submittedBy?: string
}

type Job = InfrastructureascodeJob

/** A submission whose job is not known yet, told apart from others by all that the history shows of one. */
interface Doubt {
  readonly acceleratorId: string
  readonly dryRun: boolean
}

const shown = 100
const remembered = 1_000
// Half a minute in all: the service may still be at work on what it did not answer, and its history may lag.
const waits = [500, 1_000, 2_000, 4_000, 8_000, 15_000]

/** True for an error that leaves open whether the job was created; one of the token request does not. */
function leavesOpen(error: unknown): error is ApiError {
  if (!isApiError(error) || error.path !== postInfrastructureascodeJobs.path) return false
  if (error._tag === 'HttpError') return error.status === 408 || error.status >= 500
  return error._tag === 'NetworkError' || error._tag === 'TimeoutError' || error._tag === 'DecodeError'
}

const idsOf = (jobs: ReadonlyArray<Job>): ReadonlySet<string> => new Set(jobs.flatMap(({ id }) => id ?? []))

/** Makes the submit guard of one client. What it knows of the client's own jobs lives in it. */
export function onceSubmitter(
  client: Client,
  scheduler: SchedulerLike = asyncScheduler,
): (input: AcceleratorInput, options?: SubmitOnceOptions) => Observable<Job> {
  const doubts = new Set<Doubt>()
  const answered = new Set<string>()
  let self: string | undefined

  const history = (acceleratorId: string): Observable<ReadonlyArray<Job>> => {
    const newest = { sortBy: 'dateSubmitted', sortOrder: 'desc', maxResults: shown } as const
    return client.run(getInfrastructureascodeJobs, { ...newest, acceleratorId })
  }

  function remember({ id, submittedBy }: Job): void {
    self = submittedBy?.id ?? self
    if (id !== undefined) answered.add(id)
    const [oldest] = answered
    if (answered.size > remembered && oldest !== undefined) answered.delete(oldest)
  }

  /** The job that must be the one, or why none must. */
  function judge(doubt: Doubt, before: ReadonlySet<string>, after: ReadonlyArray<Job>, by?: string): Job | string {
    const isNew = ({ id }: Job): boolean => id !== undefined && !before.has(id) && !answered.has(id)
    const fits = (job: Job): boolean =>
      (job.acceleratorId ?? doubt.acceleratorId) === doubt.acceleratorId &&
      job.dryRun === doubt.dryRun &&
      (by === undefined || job.submittedBy === undefined || job.submittedBy.id === by)
    const [one, ...more] = after.filter((job) => isNew(job) && fits(job))
    if (one === undefined) return 'history without it'
    const ids = [one, ...more].map(({ id }) => id).join(', ')
    if (more.length > 0) return `history with several that may be it: ${ids}`
    const rivals = [...doubts].filter((d) => d.acceleratorId === doubt.acceleratorId && d.dryRun === doubt.dryRun)
    if (rivals.length > 1) return `history with one that may be it or another that is open: ${ids}`
    const joins = before.size === 0 || after.some(({ id }) => id !== undefined && before.has(id))
    return joins ? one : `history that does not reach back, with one that may be it: ${ids}`
  }

  function find(error: ApiError, doubt: Doubt, before: ReadonlySet<string>, by: string | undefined): Observable<Job> {
    const trail: Record<string, number> = {}
    const look = (): Observable<Job | string> =>
      history(doubt.acceleratorId).pipe(
        map((after) => judge(doubt, before, after, by ?? self)),
        catchError((failed: unknown) =>
          isApiError(failed) ? of(`history that failed: ${failed._tag}`) : throwError(() => failed),
        ),
      )
    return from(waits).pipe(
      concatMap((wait) => timer(wait, scheduler).pipe(mergeMap(look))),
      tap((found) => {
        if (typeof found === 'string') trail[found] = (trail[found] ?? 0) + 1
      }),
      filter((found): found is Job => typeof found !== 'string'),
      take(1),
      throwIfEmpty(() => withTrail(error, trail)),
    )
  }

  return (input, { submittedBy } = {}) => {
    const post = client.run(postInfrastructureascodeJobs, input, { retry: false })
    return defer(() => {
      const doubt: Doubt = { acceleratorId: input.acceleratorId, dryRun: input.dryRun ?? false }
      return history(input.acceleratorId).pipe(
        map(idsOf),
        tap(() => doubts.add(doubt)),
        mergeMap((before) =>
          post.pipe(
            catchError((error: unknown) =>
              leavesOpen(error) ? find(error, doubt, before, submittedBy) : throwError(() => error),
            ),
          ),
        ),
        tap(remember),
        finalize(() => doubts.delete(doubt)),
      )
    })
  }
}
