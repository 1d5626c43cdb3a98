import type { Option } from 'fp-ts/lib/Option.js'
import type { ApiError } from '../../core/index.ts'
import { none, some } from '../../core/option.ts'
import type { FinalPhase, Outcome } from '../../streams/index.ts'
import type { JobItem } from './job-item.ts'
import type { ConnectJobFailure } from './job-source.ts'
import type { JobRef } from './jobs.ts'
import type { Task } from './task.ts'
import type { TaskFailure, TaskRef } from './task-source.ts'

/** A job of a task as last seen: an {@link Outcome}, and `running` for one that was left so. */
export type TaskJob = Omit<Outcome<JobItem, ConnectJobFailure, JobRef>, 'phase'> & {
  readonly phase: FinalPhase | 'running'
}

/** A task and the jobs that it started. */
export interface TaskRun {
  readonly task: Task
  /** In the order in which they were found; one that was left running has the phase `running`. */
  readonly jobs: ReadonlyArray<TaskJob>
}

/** A job that failed, and why. */
export interface FailedJob extends ConnectJobFailure {
  readonly ref: JobRef
}

/** All that is known of why a task and its jobs did not succeed. */
export interface TaskRunFailure {
  /** The task's code and error, where it failed. */
  readonly task: Option<TaskFailure>
  /** The exit codes and logged errors of the jobs that failed. */
  readonly jobs: ReadonlyArray<FailedJob>
  /** What the visit met, where one was asked for and failed. */
  readonly visit: Option<ApiError>
}

/** How a task and its jobs ended. */
export type TaskOutcome = Outcome<TaskRun, TaskRunFailure, TaskRef>

const failedJob = ({ ref, job, failure }: TaskJob): FailedJob =>
  failure._tag === 'Some' ? { ref, ...failure.value } : { ref, exitCode: job.exit_code ?? null, error: none }

/** Puts together how it all ended: one failure is a failure, and one end that is not known is not known. */
export function taskOutcome(
  { ref, job, phase, failure }: Outcome<Task, TaskFailure, TaskRef>,
  jobs: ReadonlyArray<TaskJob>,
  visit: Option<ApiError>,
): TaskOutcome {
  const failed = jobs.filter((one) => one.phase === 'failed')
  const fails = phase === 'failed' || failed.length > 0 || visit._tag === 'Some'
  const unknown = phase === 'ended' || jobs.some((one) => one.phase === 'ended')
  const whole: FinalPhase = fails ? 'failed' : unknown ? 'ended' : 'succeeded'
  return {
    ref,
    job: { task: job, jobs },
    phase: whole,
    failure: fails ? some({ task: failure, jobs: failed.map(failedJob), visit }) : none,
    failureError: jobs.map((one) => one.failureError).find(({ _tag }) => _tag === 'Some') ?? none,
  }
}
