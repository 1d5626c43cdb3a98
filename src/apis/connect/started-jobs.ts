import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  last,
  map,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  repeat,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs'
import { aBoolean, checkOptions, type Endpoint, type OptionTable, pathOf, pathParam } from '../../core/index.ts'
import {
  adaptiveInterval,
  type ApiError,
  type Connection,
  ConnectionState,
  isApiError,
  type Phase,
  thenWatch,
  waitAfter,
  type WatchOptions,
  watchTable,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, getJobs, type JobRef } from './endpoints.ts'
import type { JobItem, JobTag, RenderTask, StartedTask } from './models.ts'
import type { TaskRef } from './task-source.ts'

/** The content of a task, and the bundle. */
export interface TaskContent extends ContentRef {
  /** The bundle that the task works on: jobs of other bundles are left out. Default: jobs of any bundle. */
  readonly bundle_id?: string
}

/** What a Connection event is about while a task and its jobs are followed. The list of jobs has its content's reference. */
export type TaskConnectionRef = TaskRef | JobRef | ContentRef

/** A task cannot be cancelled. Its jobs can: `thenJobs(…)`, then `thenFollow(pc.jobs, { cancelOnUnsubscribe: true })`. */
export type Uncancellable = 'cancelOn' | 'cancelOnUnsubscribe'

/** How the jobs of a task are found. */
export interface StartedJobsOptions extends Omit<WatchOptions<TaskConnectionRef>, Uncancellable> {
  /** Only jobs with this tag, or with one of these. Default: all. */
  readonly tag?: JobTag | ReadonlyArray<JobTag>
  /** Visit the content once its task is over: some apps start their job only then. Default false. */
  readonly visit?: boolean
}

// A task cannot be cancelled.
const { cancelOn: _1, cancelOnUnsubscribe: _2, ...watchOptions } = watchTable

export const searchTable: OptionTable = {
  visit: aBoolean,
  tag: [(tag) => typeof tag === 'string' || Array.isArray(tag), "a job's tag or a list of them"],
}

/** @throws TypeError in the caller's name for what is no client of Connect, and for invalid options and parameters */
export function checkCall<P extends object>(
  caller: string,
  pc: unknown,
  options: object,
  table: OptionTable,
  endpoint: Endpoint<P, unknown>,
  params: P,
): void {
  if (!(typeof pc === 'object' && pc !== null && 'getJobs' in pc && 'tasks' in pc)) {
    throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  }
  checkOptions(caller, options, table)
  pathOf({ ...endpoint, name: caller }, params)
}

// A visit may be answered before the app's process is listed.
const readsAfterVisit = 10

/** Milliseconds since the epoch. Jobs that have not started come last. */
const startOf = ({ start_time }: JobItem): number => Date.parse(start_time ?? '') || Number.POSITIVE_INFINITY

/** A job that runs, as last read. */
export interface RunningJob {
  readonly phase: 'running'
  readonly ref: JobRef
  readonly job: JobItem
}

/** Looks for new jobs of one content, for one subscription. Each job is found once. */
export interface JobSearch {
  /** Reads the list once; the jobs in it are not new. */
  readonly begin: Observable<never>
  /** All jobs of the content. */
  readonly list: Observable<ReadonlyArray<JobItem>>
  /** New jobs, the oldest first, until `over` emits; then one read more, and a few after a visit while there is no job at all. */
  readonly until: (over: Observable<unknown>) => Observable<RunningJob>
}

/** A search for the jobs of that content, bundle and tag. */
export function searchJobs(
  pc: Connect,
  { guid, bundle_id }: TaskContent,
  { tag, visit, pollInterval, retry, random, scheduler = pc.jobs.scheduler ?? asyncScheduler }: StartedJobsOptions,
  report?: (connection: Connection<ContentRef>) => void,
): JobSearch {
  const own = { scheduler, retry, random, ...(report && { onConnection: report }) }
  const connection = new ConnectionState('status', pc.jobs, { guid }, own)
  const interval = pollInterval ?? adaptiveInterval(random && { random })
  const began = scheduler.now()
  const known = new Set<string>()
  let reads = 0

  const isWanted = (job: JobItem): boolean =>
    (bundle_id === undefined || !job.bundle_id || job.bundle_id === '0' || job.bundle_id === bundle_id) &&
    (tag === undefined || [tag].flat().includes(job.tag ?? ''))

  /** The jobs that were not seen before. */
  function newIn(jobs: ReadonlyArray<JobItem>): ReadonlyArray<RunningJob> {
    const sorted = jobs.filter(isWanted).sort((a, b) => startOf(a) - startOf(b))
    return sorted.flatMap((job) => {
      const { key = '' } = job
      if (known.has(key) || pathParam(key) !== undefined) return []
      known.add(key)
      return [{ phase: 'running', ref: { guid, key }, job }]
    })
  }

  const list = defer(() => connection.firstWithRetry(() => pc.getJobs({ guid }, { retry: false })))
  const pause = (): Observable<unknown> =>
    timer(waitAfter(interval, undefined, scheduler.now() - began, ++reads), scheduler)
  const most = visit ? readsAfterVisit : 1

  function until(over: Observable<unknown>): Observable<RunningJob> {
    let found = 0
    const read = list.pipe(
      mergeMap(newIn),
      tap(() => found++),
    )
    const afterwards = read.pipe(repeat({ delay: (count) => (found > 0 || count >= most ? EMPTY : pause()) }))
    return concat(read.pipe(repeat({ delay: pause }), takeUntil(over)), afterwards)
  }
  return { begin: list.pipe(tap(newIn), ignoreElements()), list, until }
}

/**
 * The visit after a task, where one is asked for and the task did not fail: the error of the visit, if any. One visit only, because
 * each visit of an app that cannot start makes another job that fails.
 */
export function visitAfter(
  pc: Connect,
  { guid }: ContentRef,
  visit: boolean,
  phase: Phase,
): Observable<ApiError | undefined> {
  if (!visit || phase === 'failed') return of(undefined)
  return pc.visitContent({ guid }, { retry: false }).pipe(
    map(() => undefined),
    catchError((error: unknown) => (isApiError(error) ? of(error) : throwError(() => error))),
  )
}

/**
 * The jobs that a task starts, each as soon as it is listed. Completes when the task is over and the list was read once more.
 *
 * The service does not say which jobs a task started. So the content's jobs are listed before the source Observable is subscribed to,
 * while the task goes on, and once after it. New jobs with the given bundle and tag are emitted, the oldest first; a job that somebody
 * else starts at the same time is among them. A task that fails is no error here. Costs a list call and a read of the task for each
 * `pollInterval`. Errors as `watchJob`. `onConnection` is called for both: the list's `ref` is `{ guid }`, the task's `{ taskId }`.
 *
 * @throws TypeError synchronously for an invalid client, guid or option
 *
 * @example
 * ```ts
 * import { thenFollow } from 'rxjobs'
 * import { connect, thenJobs } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const guid = 'a-guid'
 * const events = pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }), thenFollow(pc.jobs))
 * ```
 */
export function thenJobs(
  pc: Connect,
  content: TaskContent,
  options: StartedJobsOptions = {},
): OperatorFunction<StartedTask | RenderTask, JobRef> {
  checkCall('thenJobs', pc, options, { ...watchOptions, ...searchTable }, getJobs, content)
  const { visit = false, tag: _tag, ...watch } = options
  return (started) =>
    defer(() => {
      const search = searchJobs(pc, content, options, options.onConnection)
      const over = (task: StartedTask | RenderTask): Observable<unknown> =>
        of(task).pipe(
          thenWatch(pc.tasks, watch),
          last(),
          mergeMap(({ phase }) => visitAfter(pc, content, visit, phase)),
        )
      const found = started.pipe(mergeMap((task) => search.until(over(task))))
      return concat(search.begin, found.pipe(map(({ ref }) => ref)))
    })
}
