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
import { type Client, isRequestError, type RequestError, withObservedResponses } from '../../core/index.ts'
import {
  type AcceleratorInput,
  getInfrastructureascodeJobs,
  type InfrastructureascodeJob,
  postInfrastructureascodeJobs,
} from './jobs.ts'

/** How {@link Genesys.submitOnce} finds a job whose response was lost. */
export interface SubmitOnceOptions {
  /** Leaves out jobs of other users: the id as in `submittedBy`. Default: the one in an earlier response, else any user. */
  readonly submittedBy?: string
}

type Job = InfrastructureascodeJob

/** A submission whose job is not known yet, by all that the history shows of it. */
interface PendingSubmission {
  readonly acceleratorId: string
  readonly dryRun: boolean
}

const historySize = 100
const rememberedJobs = 1_000
// Half a minute in all: the service may still be working on the request, and its history may lag.
const waits = [500, 1_000, 2_000, 4_000, 8_000, 15_000]

/** True for an error that leaves open whether the job was created. An error of the token request does not. */
function leavesOpen(error: unknown): error is RequestError {
  if (!isRequestError(error) || error.path !== postInfrastructureascodeJobs.path) return false
  if (error._tag === 'HttpError') return error.status === 408 || error.status >= 500
  return error._tag === 'NetworkError' || error._tag === 'RequestTimeoutError' || error._tag === 'DecodeError'
}

/** Submits jobs of one client, each at most once, and remembers which jobs of the history are accounted for. */
export class SubmitOnce {
  readonly #client: Client
  readonly #scheduler: SchedulerLike
  readonly #pending = new Set<PendingSubmission>()
  readonly #known = new Set<string>()
  #user: string | undefined

  constructor(client: Client, scheduler: SchedulerLike = asyncScheduler) {
    this.#client = client
    this.#scheduler = scheduler
  }

  submit(input: AcceleratorInput, { submittedBy }: SubmitOnceOptions = {}): Observable<Job> {
    const post = this.#client.run(postInfrastructureascodeJobs, input, { retry: false })
    return defer(() => {
      const pending = { acceleratorId: input.acceleratorId, dryRun: input.dryRun ?? false }
      return this.#history(input.acceleratorId).pipe(
        tap(() => this.#pending.add(pending)),
        mergeMap((before) =>
          post.pipe(
            catchError((error: unknown) =>
              leavesOpen(error) ? this.#find(error, pending, before, submittedBy) : throwError(() => error),
            ),
          ),
        ),
        tap((job) => this.#remember(job)),
        finalize(() => this.#pending.delete(pending)),
      )
    })
  }

  #history(acceleratorId: string): Observable<ReadonlyArray<Job>> {
    const newest = { sortBy: 'dateSubmitted', sortOrder: 'desc', maxResults: historySize } as const
    return this.#client.run(getInfrastructureascodeJobs, { ...newest, acceleratorId })
  }

  /** Reads the history after each of the waits until it shows the job; else fails with the error of the POST. */
  #find(error: RequestError, pending: PendingSubmission, before: ReadonlyArray<Job>, by?: string): Observable<Job> {
    const responses: Record<string, number> = {}
    const earlier = new Set(before.map(({ id }) => id))
    const read = (): Observable<Job | string> =>
      this.#history(pending.acceleratorId).pipe(
        map((after) => this.#choose(pending, earlier, after, by ?? this.#user)),
        catchError((failed: unknown) =>
          isRequestError(failed) ? of(`history that failed: ${failed._tag}`) : throwError(() => failed),
        ),
      )
    return from(waits).pipe(
      concatMap((wait) => timer(wait, this.#scheduler).pipe(mergeMap(read))),
      tap((found) => {
        if (typeof found === 'string') responses[found] = (responses[found] ?? 0) + 1
      }),
      filter((found) => typeof found !== 'string'),
      take(1),
      throwIfEmpty(() => withObservedResponses(error, responses)),
    )
  }

  /** The job that must be the submitted one, or why none must. */
  #choose(
    pending: PendingSubmission,
    earlier: ReadonlySet<unknown>,
    after: ReadonlyArray<Job>,
    user?: string,
  ): Job | string {
    const isLike = ({ acceleratorId, dryRun }: Partial<PendingSubmission>): boolean =>
      (acceleratorId ?? pending.acceleratorId) === pending.acceleratorId && dryRun === pending.dryRun
    const isNew = ({ id }: Job): boolean => id !== undefined && !earlier.has(id) && !this.#known.has(id)
    const isTheirs = ({ submittedBy: by }: Job): boolean => user === undefined || by === undefined || by.id === user

    const candidates = after.filter((job) => isNew(job) && isLike(job) && isTheirs(job))
    const [job, ...others] = candidates
    if (job === undefined) return 'history without it'
    const ids = candidates.map(({ id }) => id).join(', ')
    if (others.length > 0) return `history with several that may be it: ${ids}`
    const rivals = [...this.#pending].filter(isLike)
    if (rivals.length > 1) return `history with one that may be it or another that is open: ${ids}`
    const reachesBack = earlier.size === 0 || after.some(({ id }) => id !== undefined && earlier.has(id))
    return reachesBack ? job : `history that does not reach back, with one that may be it: ${ids}`
  }

  #remember({ id, submittedBy }: Job): void {
    this.#user = submittedBy?.id ?? this.#user
    if (id !== undefined) this.#known.add(id)
    const [oldest] = this.#known
    if (this.#known.size > rememberedJobs && oldest !== undefined) this.#known.delete(oldest)
  }
}
