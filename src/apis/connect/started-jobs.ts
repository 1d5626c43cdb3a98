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
import { aBoolean, causeOf, checkOptions, type OptionTable, pathOf, pathParam } from '../../core/index.ts'
import {
  adaptiveInterval,
  type ApiError,
  ConnectionState,
  intervalOf,
  isApiError,
  type Phase,
  StreamRetry,
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

/** @throws TypeError in the caller's name for what is no client of Connect, for an invalid option, and for what `check` throws */
export function checkCall(
  caller: string,
  pc: unknown,
  options: object,
  table: OptionTable,
  check: () => unknown,
): void {
  if (!(typeof pc === 'object' && pc !== null && 'getJobs' in pc && 'tasks' in pc)) {
    throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  }
  checkOptions(caller, options, table)
  try {
    check()
  } catch (thrown) {
    throw new TypeError(`${caller}: ${causeOf(thrown).message}`, { cause: thrown })
  }
}

/** A job that was not there before. */
export interface FoundJob {
  readonly ref: JobRef
  /** As the list showed it. */
  readonly job: JobItem
}

// A visit may be answered before the app's process is listed.
const readsAfterVisit = 10

/** True where the job's bundle is that one, or where the service leaves it out. */
const isOfBundle = (bundle: string | undefined, { bundle_id }: JobItem): boolean =>
  bundle === undefined || !bundle_id || bundle_id === '0' || bundle_id === bundle

/** Milliseconds since the epoch. Jobs that have not started come last. */
const startOf = ({ start_time }: JobItem): number => Date.parse(start_time ?? '') || Number.POSITIVE_INFINITY

/** Looks for new jobs of one content, for one subscription. Each job is found once. */
export interface JobSearch {
  /** Reads the list once; the jobs in it are not new. */
  readonly begin: Observable<never>
  /** All jobs of the content. */
  readonly list: Observable<ReadonlyArray<JobItem>>
  /** New jobs, the oldest first, until `over` emits; then one read more, and a few after a visit while there is no job at all. */
  readonly until: (over: Observable<unknown>) => Observable<FoundJob>
}

/** A search for the jobs of that content, bundle and tag. */
export function searchJobs(pc: Connect, content: TaskContent, options: StartedJobsOptions): JobSearch {
  const { guid, bundle_id } = content
  const { tag, visit, pollInterval, retry, random, onConnection } = options
  const scheduler = options.scheduler ?? pc.jobs.scheduler ?? asyncScheduler
  const tags = typeof tag === 'string' ? [tag] : tag
  const known = new Set<string | undefined>()
  const connection = new ConnectionState('status', {
    scheduler,
    retry: new StreamRetry(pc.jobs, { retry, random }),
    report: (change) => onConnection?.({ _tag: 'Connection', ref: { guid }, ...change }),
  })
  const interval = intervalOf(pollInterval ?? adaptiveInterval(random && { random }))
  const began = scheduler.now()
  let reads = 0
  let found = 0

  /** Counts a job that is wanted and was not seen before. */
  function isNew(job: JobItem): boolean {
    const { key = '', tag: jobTag = '' } = job
    const isWanted = isOfBundle(bundle_id, job) && (tags === undefined || tags.includes(jobTag))
    if (!isWanted || known.has(key) || pathParam(key) !== undefined) return false
    known.add(key)
    found++
    return true
  }

  const list = defer(() => connection.once(() => pc.getJobs({ guid }, { retry: false })))
  const read = list.pipe(
    mergeMap((jobs) => jobs.filter(isNew).sort((a, b) => startOf(a) - startOf(b))),
    map((job): FoundJob => ({ ref: { guid, key: job.key ?? '' }, job })),
  )
  const pause = (): Observable<unknown> =>
    timer(waitAfter(interval, undefined, scheduler.now() - began, ++reads), scheduler)
  const afterwards = defer(() => {
    let left = visit === true ? readsAfterVisit : 1
    return read.pipe(repeat({ delay: () => (found > 0 || --left < 1 ? EMPTY : pause()) }))
  })
  return {
    begin: list.pipe(
      tap((jobs) => jobs.forEach(({ key }) => known.add(key))),
      ignoreElements(),
    ),
    list,
    until: (over) => concat(read.pipe(repeat({ delay: pause }), takeUntil(over)), afterwards),
  }
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
  checkCall('thenJobs', pc, options, { ...watchOptions, ...searchTable }, () => pathOf(getJobs, content))
  const { visit = false, tag: _tag, ...watch } = options
  return (started) =>
    defer(() => {
      const search = searchJobs(pc, content, options)
      const found = started.pipe(
        mergeMap((task) => {
          const ended = of(task).pipe(thenWatch(pc.tasks, watch), last())
          return search.until(ended.pipe(mergeMap(({ phase }) => visitAfter(pc, content, visit, phase))))
        }),
        map(({ ref }) => ref),
      )
      return concat(search.begin, found)
    })
}
