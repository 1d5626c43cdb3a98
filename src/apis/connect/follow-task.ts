import {
  concat,
  defer,
  EMPTY,
  filter,
  from,
  mergeMap,
  Observable,
  of,
  type OperatorFunction,
  Subject,
  takeUntil,
  tap,
} from 'rxjs'
import {
  BackpressuredObservable,
  clip,
  type Demand,
  enumParam,
  type OptionTable,
  withDemand,
} from '../../core/index.ts'
import {
  type ApiError,
  compareTimestamps,
  type Connection,
  followJob,
  type JobLinks,
  type JobStatus,
  type LogElement,
  type Outcome,
  type Settled,
  type TailOptions,
  tailTable,
  thenFollow,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import type { JobRef, TaskContent } from './endpoints.ts'
import type { ConnectJobFailure } from './job-source.ts'
import type { JobItem, Task } from './models.ts'
import {
  JobSearch,
  type RunningJob,
  type StartedJobsOptions,
  type TaskConnectionRef,
  type TaskProgress,
  type Uncancellable,
} from './job-search.ts'
import { checkTask, searchTable } from './started-jobs.ts'
import type { AnyTask, TaskFailure, TaskRef } from './task-source.ts'

// ---- the outcome of a task and its jobs

/** A job of a task as last read: its outcome, or `running` where it was left running. */
export type TaskJob = Outcome<JobRef, JobItem, ConnectJobFailure> | RunningJob

/** A task and the jobs that it started. */
export interface TaskRun {
  readonly task: Task
  /** In the order in which they were found. */
  readonly jobs: ReadonlyArray<TaskJob>
}

/** A job that failed, and why. */
export interface FailedJob extends ConnectJobFailure {
  readonly ref: JobRef
}

/** Why a task and its jobs did not succeed. */
export interface TaskRunFailure {
  /** What failed and why, with the vendor's pages about it and that of the logs, in one line. */
  readonly message: string
  /** The task's code and error, where it failed. */
  readonly task?: TaskFailure
  /** The exit codes and logged errors of the jobs that failed. */
  readonly jobs: ReadonlyArray<FailedJob>
  /** The error of the visit, where one was asked for and failed. */
  readonly visit?: ApiError
}

/** How a task and its jobs ended. */
export type TaskOutcome = Outcome<TaskRef, TaskRun, TaskRunFailure>

type TaskEnd = Outcome<TaskRef, Task, TaskFailure>

/** The outcome of the whole: `failed` where one part failed, else `ended` where one part's end is not known. */
function outcomeOf(end: TaskEnd, parts: TaskRun['jobs'], visit: ApiError | undefined, links: JobLinks): TaskOutcome {
  const whole = { ref: end.ref, job: { task: end.job, jobs: parts }, links }
  const failed = parts.filter((job) => job.phase === 'failed')
  if (end.phase !== 'failed' && failed.length === 0 && visit === undefined) {
    const isUnknown = [end, ...parts].some(({ phase }) => phase === 'ended')
    return { ...whole, phase: isUnknown ? 'ended' : 'succeeded' }
  }
  const task = end.phase === 'failed' ? end.failure : undefined
  const jobs = failed.map((job) => ({ ref: job.ref, exitCode: job.job.exit_code ?? null, ...job.failure }))
  const reasons = jobs.flatMap(({ ref, exitCode, error }) => {
    return [`job ${ref.key}: exit code ${exitCode}`, error?.summary, error?.help_url]
  })
  const taskReasons = task ? [task.error || `task: code ${task.code}`, task.helpUrl] : []
  const message = [...taskReasons, ...reasons, visit?.message, `see ${links.log}`]
    .flatMap((text) => (text ? [clip(text.replace(/[\s\p{Cc}]+/gu, ' '), 300)] : []))
    .join('; ')
  const failure: TaskRunFailure = { message, ...(task && { task }), jobs, ...(visit && { visit }) }
  const failureError = failed.map((job) => job.failureError).find(Boolean)
  return { ...whole, phase: 'failed', failure, ...(failureError && { failureError }) }
}

// ---- following

/** An event of a task or of one of its jobs; `ref` says of which. */
export type TaskEvent =
  | JobStatus<TaskRef, Task>
  | JobStatus<JobRef, JobItem>
  | LogElement<TaskRef>
  | LogElement<JobRef>
  | Connection<TaskConnectionRef>
  | Settled<TaskRef, TaskRun, TaskRunFailure>

/** How a task and its jobs are followed. A deadline holds for each of them by itself. */
export interface FollowTaskOptions
  extends Omit<TailOptions<TaskConnectionRef>, 'from' | Uncancellable>,
    StartedJobsOptions {
  /**
   * What happens to jobs that still run when the task has succeeded, as an app's does. `follow`: the stream goes on to their end.
   * `leave`: it settles without them. Default `follow`.
   */
  readonly apps?: 'follow' | 'leave'
}

// A task cannot be cancelled, and is followed from its first line on.
const { cancelOn: _1, cancelOnUnsubscribe: _2, from: _3, ...tailOptions } = tailTable

const apps = /* @__PURE__ */ enumParam('follow', 'leave')
export const followTaskTable: OptionTable = { ...tailOptions, ...searchTable, apps }

/** Follows one task and the jobs that the search finds meanwhile, until all of them are over or left. */
function followTask(
  pc: Connect,
  content: TaskContent,
  started: AnyTask,
  search: JobSearch,
  { visit: _, apps: whenOver, ...follow }: FollowTaskOptions,
  demand: Demand,
): Observable<TaskEvent> {
  const jobs = new Map<string, TaskJob>()
  let end: TaskEnd | undefined
  let visitError: ApiError | undefined
  // Lines of the output that are also in a job's log. They are emitted at the end if the job is left before its log emitted lines that late.
  const copies: Array<TaskProgress & { readonly _tag: 'Copy' }> = []
  let emittedUntil = '1970-01-01T00:00:00Z'
  // Emits when all jobs are found. With `apps: 'leave'`, those that still run are left then.
  const left = new Subject<void>()

  function followFound(found: RunningJob): Observable<TaskEvent> {
    const { ref } = found
    jobs.set(ref.key, found)
    return withDemand(followJob(pc.jobs, ref, follow), demand).pipe(
      mergeMap((event) => {
        if (event._tag === 'Status') {
          jobs.set(ref.key, { ...found, job: event.job })
          search.update(event)
        }
        if (event._tag === 'Line' && compareTimestamps(event.timestamp, emittedUntil) > 0)
          emittedUntil = event.timestamp
        if (event._tag !== 'Settled') return of(event)
        jobs.set(ref.key, event.outcome)
        return EMPTY
      }),
      takeUntil(left.pipe(filter(() => whenOver === 'leave' && end?.phase === 'succeeded' && search.isRunning(ref)))),
    )
  }

  function eventsOf(item: TaskProgress): Observable<TaskEvent> {
    if (item._tag === 'Found') return followFound(item.job)
    if (item._tag !== 'Copy' && item._tag !== 'Settled') return of(item)
    if (item._tag === 'Settled') end = item.outcome
    else if (whenOver === 'leave') copies.push(item)
    return EMPTY
  }

  const task = withDemand(of(started).pipe(thenFollow(pc.tasks, follow)), demand)
  const found = search.during(task, (error) => {
    visitError = error
  })
  const settled = defer(() => {
    if (end === undefined) return EMPTY
    const outcome = outcomeOf(end, [...jobs.values()], visitError, pc.jobs.links(content))
    const isLeft = outcome.job.jobs.some(({ phase }) => phase === 'running')
    const notEmitted = isLeft
      ? copies.filter(({ at }) => compareTimestamps(at, emittedUntil) > 0).map(({ line }) => line)
      : []
    return from<ReadonlyArray<TaskEvent>>([...notEmitted, { _tag: 'Settled', ref: outcome.ref, outcome }])
  })
  return concat(found.pipe(tap({ complete: () => left.next() }), mergeMap(eventsOf)), settled)
}

/**
 * Follows a task and the jobs that it starts in one stream: the task's output, the jobs' logs, each status, and at the end, once all
 * logs are drained, how it ended and why.
 *
 * The events are those of `followJob`. Their `ref` is `{ taskId }` for the task, `{ guid, key }` for a job, `{ guid }` for the list in
 * which jobs are found (see {@link thenJobs}). `Settled` is always the last event of a stream that completes; its failure has the task's
 * code and error and each failed job's exit code and logged error. A 404 of the task in the first 15 s is retried. A line that
 * stands in the task's output and in the log of a job is emitted once, as the job's, where the output names its jobs and has the times of
 * their lines; else it may come as a line of both. An app's job goes on for as long as the app does, and so does the stream, unless `apps` is
 * `leave`. Costs what following each of them costs, and a list call for each `pollInterval`. Errors as `followJob`: an error of one part
 * ends the whole.
 *
 * @throws TypeError synchronously for an invalid client, guid or option
 *
 * @example
 * ```ts
 * import { connect, thenFollowTask } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const guid = 'a-guid'
 * const events = pc.renderVariant({ variant_id: 6627 }).pipe(thenFollowTask(pc, { guid }))
 * const log: Array<string> = []
 * const follow = () =>
 *   events.subscribe((event) => {
 *     if (event._tag === 'Line') log.push('key' in event.ref ? `job: ${event.data}` : `task: ${event.data}`)
 *     if (event._tag === 'Settled') log.push(event.outcome.phase)
 *   })
 * ```
 */
export function thenFollowTask(
  pc: Connect,
  content: TaskContent,
  options: FollowTaskOptions = {},
): OperatorFunction<AnyTask, TaskEvent> {
  checkTask('thenFollowTask', pc, content, options, followTaskTable)
  return (started) =>
    new BackpressuredObservable(
      (demand) =>
        // By hand, because the events of the list's connection come from a callback.
        new Observable<TaskEvent>((subscriber) => {
          const onConnection = (connection: Connection<TaskConnectionRef>): void => {
            options.onConnection?.(connection)
            subscriber.next(connection)
          }
          const search = new JobSearch(pc, content, { ...options, onConnection })
          const events = started.pipe(mergeMap((task) => followTask(pc, content, task, search, options, demand)))
          return concat(search.begin(), events).subscribe(subscriber)
        }),
    )
}
