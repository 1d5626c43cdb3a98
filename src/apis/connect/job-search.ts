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
  repeat,
  type SchedulerLike,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import { elapsed, pathParam } from '../../core/index.ts'
import {
  adaptiveInterval,
  type ApiError,
  attempt,
  ConnectionState,
  isFinal,
  type JobEvent,
  type LogLine,
  waitAfter,
  type WatchOptions,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import type { ContentRef, JobRef, TaskContent } from './endpoints.ts'
import { phaseOf } from './job-source.ts'
import type { JobItem, Task } from './models.ts'
import type { TaskFailure, TaskRef } from './task-source.ts'

/** What a Connection event is about while a task and its jobs are followed. The list of jobs has its content's reference. */
export type TaskConnectionRef = TaskRef | JobRef | ContentRef

/** A task cannot be cancelled. Its jobs can: `thenJobs(…)`, then `thenFollow(pc.jobs, { cancelOnUnsubscribe: true })`. */
export type Uncancellable = 'cancelOn' | 'cancelOnUnsubscribe'

/** How the jobs of a task are found. */
export interface StartedJobsOptions extends Omit<WatchOptions<TaskConnectionRef>, Uncancellable> {
  /**
   * Visit the content once its task is over: an app starts its job only then. `draft`: the page of the task's bundle, which was deployed
   * with `activate: false`. Default false.
   */
  readonly visit?: boolean | 'draft'
}

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

// A program may print a block like that of a job: at most so many keys are read, each for so many milliseconds.
const maxNamed = 20
const lookup = { retry: false, timeout: 5_000 } as const

/** Milliseconds since the epoch. Jobs that have not started come last. */
const startOf = ({ start_time }: JobItem): number => Date.parse(start_time ?? '') || Number.POSITIVE_INFINITY

/** Looks for the new jobs of one content, for one subscription. Each job is found once. */
export class JobSearch {
  readonly #pc: Connect
  readonly #content: TaskContent
  readonly #options: StartedJobsOptions & { readonly scheduler: SchedulerLike }
  readonly #connection: ConnectionState
  /** The jobs that were found, as last read; undefined for those from before the task. */
  readonly #known = new Map<string | undefined, JobItem | undefined>()
  readonly #named = new Set<string>()
  /** True from a visit on until there is a new job, or one that runs. */
  #awaitsApp = false

  constructor(pc: Connect, content: TaskContent, options: StartedJobsOptions) {
    const { scheduler = pc.jobs.scheduler ?? asyncScheduler } = options
    this.#pc = pc
    this.#content = content
    this.#options = { ...options, scheduler }
    this.#connection = new ConnectionState('status', pc.jobs, { guid: content.guid }, this.#options)
  }

  /** Reads the list once; the jobs in it are not new. */
  begin(): Observable<never> {
    return this.#list().pipe(
      tap((jobs) => jobs.forEach(({ key }) => this.#known.set(key, undefined))),
      ignoreElements(),
    )
  }

  /**
   * A task with its jobs: those that its output names, at once, and those that the list shows meanwhile and for a second after its end,
   * or longer after a visit that brought none. The oldest first.
   */
  during(task: Observable<OwnEvent>, onVisitError?: (error: ApiError) => void): Observable<TaskProgress> {
    const { scheduler, random } = this.#options
    const { pollInterval = adaptiveInterval(random && { random }) } = this.#options
    const age = elapsed(scheduler)
    const wait = (reads: number): number => waitAfter(pollInterval, undefined, age(), reads)
    const isLate = (reads: number): boolean => reads < (this.#awaitsApp ? readsAfterVisit : readsAfterEnd)
    const listed = this.#list().pipe(mergeMap((jobs) => this.#newIn(jobs)))
    const meanwhile = connect((events: Observable<OwnEvent>) => {
      const read = outputReader()
      const visited = events.pipe(mergeMap((event) => this.#visit(event, onVisitError)))
      return merge(
        events.pipe(concatMap((event) => from(read(event)).pipe(concatMap((one) => this.#progress(one))))),
        listed.pipe(repeat({ delay: (reads) => timer(wait(reads), scheduler) }), takeUntil(visited)),
      )
    })
    const late = repeat<TaskProgress>({ delay: (reads) => (isLate(reads) ? timer(lateWait, scheduler) : EMPTY) })
    return concat(task.pipe(meanwhile), listed.pipe(late))
  }

  #list(): Observable<ReadonlyArray<JobItem>> {
    const { guid } = this.#content
    return defer(() => this.#connection.firstWithRetry(() => this.#pc.getJobs({ guid }, { retry: false })))
  }

  /** Whether a job that was found runs, as last read. */
  isRunning({ key }: Partial<JobRef>): boolean {
    const job = this.#known.get(key)
    return job !== undefined && !isFinal(phaseOf(job))
  }

  /** Notes a status of a job that was found. */
  update({ ref, job }: { readonly ref: JobRef; readonly job: JobItem }): void {
    this.#known.set(ref.key, job)
  }

  #isWanted({ key, bundle_id }: JobItem): boolean {
    const { bundle_id: own = bundle_id } = this.#content
    return pathParam(key) === undefined && (!bundle_id || bundle_id === '0' || bundle_id === own)
  }

  /** The jobs that were not seen before. */
  #newIn(jobs: ReadonlyArray<JobItem>): ReadonlyArray<TaskProgress> {
    const sorted = jobs.filter((job) => this.#isWanted(job)).sort((a, b) => startOf(a) - startOf(b))
    const found = sorted.flatMap((job): ReadonlyArray<TaskProgress> => {
      const { key = '' } = job
      const isNew = !this.#known.has(key)
      // A row may be older than what is known: a job that is over stays so.
      if (isNew || this.isRunning(job)) this.#known.set(key, job)
      return isNew ? [{ _tag: 'Found', job: { phase: 'running', ref: { guid: this.#content.guid, key }, job } }] : []
    })
    if (found.length > 0 || sorted.some((job) => this.isRunning(job))) this.#awaitsApp = false
    return found
  }

  /** The job of that key. The name is a hint: where the job cannot be read, the list may show it later. */
  #find(key: string): Observable<TaskProgress> {
    const isKnown = this.#known.has(key) || this.#named.has(key)
    if (isKnown || this.#named.size === maxNamed || pathParam(key) !== undefined) return EMPTY
    this.#named.add(key)
    return this.#pc.getJob({ guid: this.#content.guid, key }, lookup).pipe(
      mergeMap((job) => this.#newIn([{ ...job, key }])),
      catchError(() => EMPTY),
    )
  }

  #progress([event, key, at]: OutputEvent): Observable<TaskProgress> {
    if (event._tag !== 'Line' || key === undefined) return of(event)
    const emitted = defer(() => of<TaskProgress>(this.#known.get(key) ? { _tag: 'Copy', at, line: event } : event))
    return concat(this.#find(key), emitted)
  }

  /** Emits when the task is over and the visit is made. Once only: each visit of an app that cannot start makes another job that fails. */
  #visit(event: OwnEvent, onVisitError?: (error: ApiError) => void): Observable<unknown> {
    const { visit } = this.#options
    if (event._tag !== 'Settled') return EMPTY
    if (!visit || event.outcome.phase === 'failed') return of(event)
    this.#awaitsApp = true
    const page = visit === 'draft' ? this.#content : { guid: this.#content.guid }
    return this.#pc.visitContent(page, { retry: false }).pipe(
      attempt(),
      tap((made) => made._tag === 'Left' && onVisitError?.(made.left)),
    )
  }
}
