import {
  asyncScheduler,
  catchError,
  defer,
  EMPTY,
  finalize,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  throwError,
} from 'rxjs'
import { elapsed, isRequestError } from '../core/index.ts'
import { checkStream, listTable } from './check.ts'
import { firstValue, retryOf } from './connection.ts'
import { checkPhase, isEqual } from './job-events.ts'
import { watchJob } from './job-streams.ts'
import {
  type AnyJobSource,
  isFinal,
  type JobList,
  type JobOf,
  type JobSnapshot,
  type JobSource,
  type JobStatus,
  type ListedJob,
  type Phase,
  type RefOf,
  type WatchOptions,
} from './types.ts'

/** How the jobs of a list are watched. */
export type WatchJobsOptions = Omit<WatchOptions, 'cancelOn' | 'cancelOnUnsubscribe'>

// A list shows new jobs, too, so it is not read less often when it grows old.
const defaultInterval = 5_000

type Rows<Ref, Job> = ReadonlyArray<ListedJob<Ref, Job>>

/** What is known of a job: the last status that was emitted, and the phase that was read last and since when. */
interface KnownJob<Ref, Job> {
  readonly status: JobStatus<Ref, Job>
  readonly phase: Phase
  readonly since: number
}

/** The jobs that a list has shown. */
class ListedJobs<Ref, Job> {
  readonly #source: JobSource<Ref, Job, unknown, never>
  readonly #options: WatchJobsOptions
  readonly #now: () => number
  /** Of a job that is over only the key is kept. */
  readonly #jobs = new Map<string, KnownJob<Ref, Job> | 'over'>()
  /** The jobs that are read by themselves now. */
  readonly #busy = new Set<string>()
  #isFirst = true

  constructor(source: JobSource<Ref, Job, unknown, never>, options: WatchJobsOptions) {
    this.#source = source
    this.#options = options
    this.#now = elapsed(options.scheduler ?? source.scheduler ?? asyncScheduler)
  }

  /** The list as a job that is never over: polled, retried and reported as any other. */
  asJob({ read }: JobList<Ref, Job>, scope: string): JobSource<string, Rows<Ref, Job>, never, never> {
    const underWay = (): ReadonlyArray<Ref> =>
      [...this.#jobs.values()].flatMap((job) => (job === 'over' ? [] : [job.status.ref]))
    const { transient, scheduler } = this.#source
    return {
      status: () => read(scope, underWay()).pipe(map((job) => ({ job, phase: 'running' as const }))),
      refOf: () => undefined,
      keyOf: () => scope,
      failure: () => EMPTY,
      same: () => false,
      ...(transient && { transient }),
      ...(scheduler && { scheduler }),
    }
  }

  /** What rows have of news. */
  news(rows: Rows<Ref, Job>): Observable<JobStatus<Ref, Job>> {
    const byKey = new Map(rows.map((row) => [this.#source.keyOf(row.ref), row]))
    const keys = new Set([...byKey.keys(), ...this.#jobs.keys()])
    const news = [...keys].map((key) => this.#newsOf(key, byKey.get(key)))
    this.#isFirst = false
    return merge(...news)
  }

  /** A job that is no longer listed, and one of which the row does not tell how it ended, is read by itself. */
  #newsOf(key: string, row: ListedJob<Ref, Job> | undefined): Observable<JobStatus<Ref, Job>> {
    const job = this.#jobs.get(key)
    if (job === 'over' || this.#busy.has(key)) return EMPTY
    if (row && !(row.partial && isFinal(row.phase) && !this.#isFirst)) return this.#take(key, row.ref, row)
    const ref = row?.ref ?? job?.status.ref
    return ref === undefined ? EMPTY : this.#read(key, ref, row)
  }

  /** Reads a job by itself. A failure that may pass is left to the next list. */
  #read(key: string, ref: Ref, row?: JobSnapshot<Job>): Observable<JobStatus<Ref, Job>> {
    this.#busy.add(key)
    return firstValue('status', () => this.#source.status(ref, { expectFinal: true })).pipe(
      mergeMap((snapshot) => this.#take(key, ref, snapshot)),
      catchError((error: unknown) => {
        if (!isRequestError(error)) return throwError(() => error)
        if (retryOf(this.#source, this.#options.retry).when?.(error)) return EMPTY
        if (row) return this.#take(key, ref, row)
        this.#jobs.delete(key)
        return EMPTY
      }),
      finalize(() => this.#busy.delete(key)),
    )
  }

  /** Notes a snapshot; emits where it is news. A final phase that must still hold counts as running. */
  #take(key: string, ref: Ref, snapshot: JobSnapshot<Job>): Observable<JobStatus<Ref, Job>> {
    const { job, confirmAfter = 0 } = snapshot
    const known = this.#jobs.get(key)
    const last = known === 'over' ? undefined : known
    const now = this.#now()
    const since = last?.phase === snapshot.phase ? last.since : now
    const isOver = isFinal(snapshot.phase) && now - since >= confirmAfter
    const phase = isFinal(snapshot.phase) && !isOver ? 'running' : checkPhase(snapshot.phase)
    const status: JobStatus<Ref, Job> = { _tag: 'Status', ref, job, phase }
    this.#jobs.set(key, isOver ? 'over' : { status, phase: snapshot.phase, since })
    const isSame = last?.status.phase === phase && (this.#source.same ?? isEqual)(last.status.job, job)
    return isSame ? EMPTY : of(status)
  }
}

/**
 * Watches all jobs of a list: of a content, or the newest of a history. Emits the status of each job when it first shows, at each change,
 * and when it is over, as {@link watchJob} does for one. Never completes by itself.
 *
 * One list is read every `pollInterval` (default 5 s), however many jobs it shows. A job that is listed twice is emitted once, and so is its
 * end. A job is read by itself where its row does not tell how it ended, and where the list no longer shows it although it was under way:
 * an empty list ends nothing. Jobs that are over in the first list are emitted as their rows show them.
 *
 * A list that fails is read again, as {@link watchJob} retries a status; its connection events have the scope's name as `ref`.
 *
 * @param scope as much of a reference as names the list: `{ guid }` for Posit Connect, `{}` for the history of Genesys Cloud
 * @throws TypeError for an invalid source or option, for a source without lists, and for a scope that names none
 *
 * @example
 * ```ts
 * import { watchJobs } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const statuses = watchJobs(pc.jobs, { guid: 'a-guid' }, { pollInterval: 2_000 })
 * ```
 */
export function watchJobs<S extends AnyJobSource>(
  source: S,
  scope: Partial<RefOf<S>>,
  options: WatchJobsOptions = {},
): Observable<JobStatus<RefOf<S>, JobOf<S>>> {
  const { source: checked } = checkStream('watchJobs', source, options, listTable)
  const { list } = checked
  const name = list?.scopeOf(scope)
  if (!list || name === undefined) {
    throw new TypeError(`watchJobs: ${list ? 'the scope names no list of jobs' : 'this source has no list of jobs'}`)
  }
  return defer(() => {
    const jobs = new ListedJobs(checked, options)
    const lists = watchJob(jobs.asJob(list, name), name, { pollInterval: defaultInterval, ...options })
    return lists.pipe(mergeMap(({ job: rows }) => jobs.news(rows)))
  })
}
