import {
  asyncScheduler,
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
  timer,
} from 'rxjs'
import { aBoolean, checkOptions, isObject, type OptionTable, pathOf, pathParam } from '../../core/index.ts'
import {
  adaptiveInterval,
  type ApiError,
  attempt,
  ConnectionState,
  isFinal,
  type Phase,
  thenWatch,
  waitAfter,
  type WatchOptions,
  watchTable,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, getJobs, type JobRef } from './endpoints.ts'
import { phaseOf } from './job-source.ts'
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
  tag: (tag) => (typeof tag === 'string' || Array.isArray(tag) ? undefined : "a job's tag or a list of them"),
}

/** @throws TypeError in the caller's name for what is no client of Connect, and for invalid options */
export function checkClient(caller: string, pc: unknown, options: object, table: OptionTable): void {
  if (!isObject(pc) || !('getJobs' in pc && 'tasks' in pc)) {
    throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  }
  checkOptions(caller, options, table)
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

/** How a task ended. */
type Over = { readonly phase: Phase }

/** Looks for new jobs of one content, for one subscription. Each job is found once. */
export interface JobSearch {
  readonly content: TaskContent
  /** Reads the list once; the jobs in it are not new. */
  readonly begin: Observable<never>
  /**
   * New jobs, the oldest first, until the task is `over` and the visit is made; then one read more, and a few after a visit while there
   * is no job at all.
   */
  readonly until: (over: Observable<Over>, onVisitError?: (error: ApiError) => void) => Observable<RunningJob>
  /** Whether the last list shows a job that is not over. */
  readonly isRunning: (ref: JobRef) => boolean
}

/** A search for the jobs of that content, bundle and tag. */
export function searchJobs(pc: Connect, content: TaskContent, options: StartedJobsOptions): JobSearch {
  const { guid, bundle_id } = content
  const { tag, visit: visits = false, random, scheduler = pc.jobs.scheduler ?? asyncScheduler } = options
  const { pollInterval = adaptiveInterval(random && { random }) } = options
  const connection = new ConnectionState('status', pc.jobs, { guid }, { ...options, scheduler })
  const began = scheduler.now()
  const known = new Set<string>()
  let listed: ReadonlyArray<JobItem> = []
  let reads = 0

  const isWanted = (job: JobItem): boolean =>
    pathParam(job.key) === undefined &&
    (bundle_id === undefined || !job.bundle_id || job.bundle_id === '0' || job.bundle_id === bundle_id) &&
    (tag === undefined || [tag].flat().includes(job.tag ?? ''))

  /** The jobs that were not listed before. */
  function newIn(jobs: ReadonlyArray<JobItem>): ReadonlyArray<RunningJob> {
    listed = jobs
    const sorted = jobs.filter(isWanted).sort((a, b) => startOf(a) - startOf(b))
    return sorted.flatMap((job) => {
      const { key = '' } = job
      if (known.has(key)) return []
      known.add(key)
      return [{ phase: 'running', ref: { guid, key }, job }]
    })
  }

  const list = defer(() => connection.firstWithRetry(() => pc.getJobs({ guid }, { retry: false }))).pipe(
    mergeMap(newIn),
  )
  const pause = (): Observable<unknown> =>
    timer(waitAfter(pollInterval, undefined, scheduler.now() - began, ++reads), scheduler)

  return {
    content,
    begin: list.pipe(ignoreElements()),
    until: (over, onVisitError) => {
      let found = 0
      // Once only: each visit of an app that cannot start makes another job that fails.
      const visited = ({ phase }: Over): Observable<unknown> => {
        if (!visits || phase === 'failed') return of(phase)
        const visit = pc.visitContent({ guid }, { retry: false }).pipe(attempt())
        return visit.pipe(tap((made) => made._tag === 'Left' && onVisitError?.(made.left)))
      }
      const most = visits ? readsAfterVisit : 1
      return concat(
        list.pipe(repeat({ delay: pause }), takeUntil(over.pipe(mergeMap(visited)))),
        list.pipe(repeat({ delay: (count) => (found > 0 || count >= most ? EMPTY : pause()) })),
      ).pipe(tap(() => found++))
    },
    isRunning: ({ key }) => listed.some((job) => job.key === key && !isFinal(phaseOf(job))),
  }
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
  const name = 'thenJobs'
  checkClient(name, pc, options, { ...watchOptions, ...searchTable })
  pathOf({ ...getJobs, name }, content)
  const { visit: _visit, tag: _tag, ...watch } = options
  return (started) =>
    defer(() => {
      const search = searchJobs(pc, content, options)
      const found = started.pipe(mergeMap((task) => search.until(of(task).pipe(thenWatch(pc.tasks, watch), last()))))
      return concat(search.begin, found.pipe(map(({ ref }) => ref)))
    })
}
