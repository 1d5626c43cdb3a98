import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  connect,
  defer,
  EMPTY,
  from,
  ignoreElements,
  merge,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  repeat,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import { checkOptions, elapsed, isObject, type OptionTable, pathOf, pathParam } from '../../core/index.ts'
import {
  adaptiveInterval,
  type ApiError,
  attempt,
  ConnectionState,
  isFinal,
  type JobEvent,
  type LogLine,
  thenFollow,
  waitAfter,
  type WatchOptions,
  watchTable,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import { type ContentRef, getJobs, type JobRef, type TaskContent } from './endpoints.ts'
import { phaseOf } from './job-source.ts'
import type { JobItem, JobTag, Task } from './models.ts'
import type { AnyTask, TaskFailure, TaskRef } from './task-source.ts'

/** What a Connection event is about while a task and its jobs are followed. The list of jobs has its content's reference. */
export type TaskConnectionRef = TaskRef | JobRef | ContentRef

/** A task cannot be cancelled. Its jobs can: `thenJobs(…)`, then `thenFollow(pc.jobs, { cancelOnUnsubscribe: true })`. */
export type Uncancellable = 'cancelOn' | 'cancelOnUnsubscribe'

/** How the jobs of a task are found. */
export interface StartedJobsOptions extends Omit<WatchOptions<TaskConnectionRef>, Uncancellable> {
  /** Only jobs with this tag, or with one of these. Default: all. */
  readonly tag?: JobTag | ReadonlyArray<JobTag>
  /**
   * Visit the content once its task is over: an app starts its job only then. `draft`: the page of the task's bundle, which was deployed
   * with `activate: false`. Default false.
   */
  readonly visit?: boolean | 'draft'
}

// A task cannot be cancelled.
const { cancelOn: _1, cancelOnUnsubscribe: _2, ...watchOptions } = watchTable

export const searchTable: OptionTable = {
  visit: (visit) => (typeof visit === 'boolean' || visit === 'draft' ? undefined : 'true, false or draft'),
  tag: (tag) => (typeof tag === 'string' || Array.isArray(tag) ? undefined : "a job's tag or a list of them"),
}

/** @throws TypeError in the caller's name for what is no client of Connect, and for invalid options */
export function checkClient(caller: string, pc: unknown, options: object, table: OptionTable): void {
  if (!isObject(pc) || !('getJobs' in pc && 'tasks' in pc)) {
    throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  }
  checkOptions(caller, options, table)
}

/** Milliseconds since the epoch. Jobs that have not started come last. */
const startOf = ({ start_time }: JobItem): number => Date.parse(start_time ?? '') || Number.POSITIVE_INFINITY

/** A job that runs, as last read. */
export interface RunningJob {
  readonly phase: 'running'
  readonly ref: JobRef
  readonly job: JobItem
}

/** An event of a task itself. */
export type OwnEvent = JobEvent<TaskRef, Task, TaskFailure>

/** What comes of a task: its events, the jobs that it starts, and the events that are lines of such a job, which tells them, too. */
export type TaskProgress =
  | OwnEvent
  | { readonly _tag: 'Found'; readonly job: RunningJob }
  | { readonly _tag: 'Copy'; readonly at: string; readonly line: LogLine<TaskRef> }

// ---- what the output says

/** An event of a task, with the key of the job whose line it is, and the line's time as the job's log has it. */
type OutputEvent = readonly [event: OwnEvent, key: string | undefined, at: string]

// Lines of jobs have their time before them, those of the server have none. Each job begins with a block of lines that name it.
const linePattern =
  /^(?:(\d{4}\/\d\d\/\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) )?(?:\[[\w-]{1,20}\] (Content GUID|Content ID|Bundle ID|Variant ID|Job Key): (\S{1,200})\s*$)?/

// More lines are no block.
const maxBlock = 10

/** Says of the events of a task, one after the other, which are lines of a job. A block is kept back until its last line, the key. */
function outputReader(): (event: OwnEvent) => ReadonlyArray<OutputEvent> {
  let block: ReadonlyArray<OutputEvent> = []
  let current: string | undefined
  return (event) => {
    if (event._tag === 'Status' || event._tag === 'Connection') return [[event, undefined, '']]
    const [, day, time, name, value] = (event._tag === 'Line' && linePattern.exec(event.data)) || []
    const at = day ? `${day.replaceAll('/', '-')}T${time}Z` : ''
    const lines: ReadonlyArray<OutputEvent> = [...block, [event, day && current, at]]
    block = []
    if (name === 'Job Key') {
      current = value
      return lines.map((line) => [line[0], value, line[2]])
    }
    if (name === undefined || lines.length > maxBlock) return lines
    block = lines
    return []
  }
}

// ---- the search

// The list may lag behind: so often it is read after the end of the task, and where a visit brought no job yet.
const readsAfterEnd = 3
const readsAfterVisit = 10
const lateWait = 500

// A program may print what looks like a job's name: so many are looked up, each for so many milliseconds.
const maxNamed = 20
const lookup = { retry: false, timeout: 5_000 } as const

/** Looks for new jobs of one content, for one subscription. Each job is found once. */
export interface JobSearch {
  /** Reads the list once; the jobs in it are not new. */
  readonly begin: Observable<never>
  /**
   * A task with its jobs: those that its output names, at once, and those that the list shows meanwhile and for a second after its end,
   * or longer after a visit that brought none. The oldest first.
   */
  readonly during: (task: Observable<OwnEvent>, onVisitError?: (error: ApiError) => void) => Observable<TaskProgress>
}

/** A search for the jobs of that content, bundle and tag. */
export function searchJobs(pc: Connect, content: TaskContent, options: StartedJobsOptions): JobSearch {
  const { guid, bundle_id } = content
  const { tag, visit = false, random, scheduler = pc.jobs.scheduler ?? asyncScheduler } = options
  const { pollInterval = adaptiveInterval(random && { random }) } = options
  const connection = new ConnectionState('status', pc.jobs, { guid }, { ...options, scheduler })
  const age = elapsed(scheduler)
  /** The jobs that were seen, and whether each was found: those from before the task are not. */
  const known = new Map<string | undefined, boolean>()
  const named = new Set<string>()
  let reads = 0
  let isVisited = false
  let isUp = false

  const isWanted = (job: JobItem): boolean =>
    pathParam(job.key) === undefined &&
    (bundle_id === undefined || !job.bundle_id || job.bundle_id === '0' || job.bundle_id === bundle_id) &&
    (tag === undefined || [tag].flat().includes(job.tag ?? ''))

  /** The jobs that were not seen before. */
  function newIn(jobs: ReadonlyArray<JobItem>): ReadonlyArray<TaskProgress> {
    const sorted = jobs.filter(isWanted).sort((a, b) => startOf(a) - startOf(b))
    const found = sorted.flatMap((job): ReadonlyArray<TaskProgress> => {
      const { key = '' } = job
      if (known.has(key)) return []
      known.set(key, true)
      return [{ _tag: 'Found', job: { phase: 'running', ref: { guid, key }, job } }]
    })
    isUp ||= found.length > 0 || sorted.some((job) => known.get(job.key) && !isFinal(phaseOf(job)))
    return found
  }

  const list = defer(() => connection.firstWithRetry(() => pc.getJobs({ guid }, { retry: false })))
  const listed = list.pipe(mergeMap(newIn))
  const pause = (): Observable<unknown> => timer(waitAfter(pollInterval, undefined, age(), ++reads), scheduler)

  /** The job of that key. The name is a hint: where the job cannot be read, the list may show it later. */
  const find = (key: string): Observable<TaskProgress> =>
    defer(() => {
      if (known.has(key) || named.has(key) || named.size === maxNamed) return EMPTY
      named.add(key)
      return pc.getJob({ guid, key }, lookup)
    }).pipe(
      mergeMap((job) => newIn([{ ...job, key }])),
      catchError(() => EMPTY),
    )

  function progress([event, key, at]: OutputEvent): Observable<TaskProgress> {
    if (event._tag !== 'Line' || key === undefined) return of(event)
    return concat(
      find(key),
      defer(() => of<TaskProgress>(known.get(key) ? { _tag: 'Copy', at, line: event } : event)),
    )
  }

  return {
    begin: list.pipe(
      tap((jobs) => jobs.forEach(({ key }) => known.set(key, false))),
      ignoreElements(),
    ),
    during: (task, onVisitError): Observable<TaskProgress> => {
      const read = outputReader()
      // Once only: each visit of an app that cannot start makes another job that fails.
      const visited = (event: OwnEvent): Observable<unknown> => {
        if (event._tag !== 'Settled') return EMPTY
        if (!visit || event.outcome.phase === 'failed') return of(event)
        isVisited = true
        isUp = false
        const page = pc.visitContent(visit === 'draft' ? content : { guid }, { retry: false }).pipe(attempt())
        return page.pipe(tap((made) => made._tag === 'Left' && onVisitError?.(made.left)))
      }
      const isLate = (count: number): boolean =>
        count < readsAfterEnd || (isVisited && !isUp && count < readsAfterVisit)
      const late = repeat<TaskProgress>({ delay: (count) => (isLate(count) ? timer(lateWait, scheduler) : EMPTY) })
      const meanwhile = connect((events: Observable<OwnEvent>) =>
        merge(
          events.pipe(concatMap((event) => from(read(event)).pipe(concatMap(progress)))),
          listed.pipe(repeat({ delay: pause }), takeUntil(events.pipe(mergeMap(visited)))),
        ),
      )
      return concat(task.pipe(meanwhile), listed.pipe(late))
    },
  }
}

/**
 * The jobs that a task starts, each as soon as it is named or listed. Completes a second after the task is over.
 *
 * The answer to a deploy does not name its jobs. Newer servers name them in the task's output, others do not: so the content's jobs are
 * listed before the source Observable is subscribed to, while the task goes on, and for a second after it. A job that the output names is
 * found at once. New jobs with the given bundle and tag are emitted, the oldest first; a job that somebody else starts at the same time
 * is among them. A task that fails is no error here. Costs a list call and a read of the task for each `pollInterval`, reads of its
 * output, and a read of each job that it names. Errors as `watchJob`. `onConnection` is called for all of them: the list's `ref` is
 * `{ guid }`, the task's `{ taskId }`.
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
): OperatorFunction<AnyTask, JobRef> {
  const name = 'thenJobs'
  checkClient(name, pc, options, { ...watchOptions, ...searchTable })
  pathOf({ ...getJobs, name }, content)
  const { visit: _visit, tag: _tag, ...watch } = options
  return (started) =>
    defer(() => {
      const search = searchJobs(pc, content, options)
      const found = started.pipe(mergeMap((task) => search.during(of(task).pipe(thenFollow(pc.tasks, watch)))))
      return concat(search.begin, found.pipe(mergeMap((one) => (one._tag === 'Found' ? [one.job.ref] : []))))
    })
}
