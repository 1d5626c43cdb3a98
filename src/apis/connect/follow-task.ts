import type { Option } from 'fp-ts/lib/Option.js'
import {
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  type OperatorFunction,
  ReplaySubject,
  share,
  takeUntil,
  tap,
} from 'rxjs'
import { type ApiError, type Ready, withPace } from '../../core/index.ts'
import { none } from '../../core/option.ts'
import {
  type ConnectionEvent,
  followJob,
  type JobEvent,
  type JobStatus,
  type LogElement,
  type Outcome,
  type Settled,
  type TailOptions,
} from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import type { JobItem } from './job-item.ts'
import { isOver, progressOf } from './job-phase.ts'
import type { FoundJob, JobSearch, StartedJobsOptions, TaskConnectionRef, Uncancellable } from './job-search.ts'
import type { ContentRef, JobRef } from './jobs.ts'
import type { Task } from './task.ts'
import { taskOutcome, type TaskJob, type TaskRun, type TaskRunFailure } from './task-run.ts'
import type { TaskFailure, TaskRef } from './task-source.ts'
import { wake } from './wake.ts'

/** What is told of a task and of the jobs that it starts: `ref` says of which. */
export type TaskEvent =
  | JobStatus<TaskRef, Task>
  | JobStatus<JobRef, JobItem>
  | LogElement<TaskRef>
  | LogElement<JobRef>
  | ConnectionEvent<TaskConnectionRef>
  | Settled<TaskRef, TaskRun, TaskRunFailure>

/** How a task and its jobs are followed. A deadline holds for each of them by itself. */
export interface FollowTaskOptions
  extends Omit<TailOptions<unknown, TaskConnectionRef>, 'from' | Uncancellable>,
    StartedJobsOptions {
  /**
   * What becomes of jobs that still run when the task has succeeded, as an app's does: `follow` them to their end, or
   * `leave` them and settle. Default `follow`.
   */
  readonly apps?: 'follow' | 'leave'
}

type Unsettled<Ref, Job> = JobStatus<Ref, Job> | LogElement<Ref> | ConnectionEvent<Ref>

/** Every event but the last, whose outcome is handed over. */
function untilSettled<Ref, Job, Failure>(
  settle: (outcome: Outcome<Job, Failure, Ref>) => void,
): OperatorFunction<JobEvent<Ref, Job, Failure>, Unsettled<Ref, Job>> {
  return filter((event): event is Unsettled<Ref, Job> => {
    if (event._tag === 'Settled') settle(event.outcome)
    return event._tag !== 'Settled'
  })
}

const activeKeys = (jobs: ReadonlyArray<JobItem>): ReadonlySet<string> =>
  new Set(jobs.filter((job) => !isOver(progressOf(job))).map(({ key = '' }) => key))

/** Follows one task and the jobs that the search finds while it goes on, until all of them are over or left; logs are held back. */
export function followTask(
  pc: Connect,
  content: ContentRef,
  ref: TaskRef,
  search: JobSearch,
  { visit = false, apps = 'follow', ...options }: FollowTaskOptions,
  ready: Ready,
): Observable<TaskEvent> {
  return defer(() => {
    const over = new ReplaySubject<void>(1)
    const jobs = new Map<string, TaskJob>()
    let ended: Outcome<Task, TaskFailure, TaskRef> | undefined
    let met: Option<ApiError> = none

    const ofTask = withPace(followJob(pc.tasks, ref, options), ready).pipe(untilSettled((outcome) => (ended = outcome)))
    const visited = defer(() => wake(pc, content, visit, ended?.phase ?? 'failed')).pipe(
      tap((error) => {
        met = error
        over.next()
      }),
      ignoreElements(),
    )

    const deployed = over.pipe(filter(() => ended?.phase === 'succeeded'))
    const active = deployed.pipe(
      mergeMap(search.list),
      map(activeKeys),
      share({ connector: () => new ReplaySubject<ReadonlySet<string>>(1), resetOnComplete: false }),
    )
    const left = apps === 'leave' ? active : NEVER
    const ofJob = ({ ref: job, job: row }: FoundJob): Observable<Unsettled<JobRef, JobItem>> => {
      const seen = (last: JobItem): unknown =>
        jobs.set(job.key, { ref: job, job: last, phase: 'running', failure: none, failureError: none })
      seen(row)
      return withPace(followJob(pc.jobs, job, options), ready).pipe(
        tap((event) => event._tag === 'Status' && seen(event.job)),
        untilSettled((outcome) => jobs.set(job.key, outcome)),
        takeUntil(left.pipe(filter((keys) => keys.has(job.key)))),
      )
    }
    const settled = (): Observable<TaskEvent> =>
      ended === undefined ? EMPTY : of({ _tag: 'Settled', ref, outcome: taskOutcome(ended, [...jobs.values()], met) })

    return concat(merge(concat(ofTask, visited), search.until(over).pipe(mergeMap(ofJob))), defer(settled))
  })
}
