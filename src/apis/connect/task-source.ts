import { defer, map, of, type SchedulerLike } from 'rxjs'
import { type CallOptions, type Client, pathOf, segment } from '../../core/index.ts'
import { fromUndefined, none, some } from '../../core/option.ts'
import type { LogEntry, LoggedJobSource, Phase } from '../../streams/index.ts'
import { sameValue } from '../../streams/same-value.ts'
import type { RenderTask, StartedTask, Task } from './task.ts'
import { getTask } from './tasks.ts'

/** What names a task. */
export interface TaskRef {
  readonly taskId: string
}

/** Why a task did not succeed. */
export interface TaskFailure {
  /** Null where the service gave none. */
  readonly code: number | null
  /** The service's own words; empty where it gave none. */
  readonly error: string
}

/**
 * The tasks of Posit Connect as a {@link JobSource}: deploys, builds and renders while they go on. Their log is the
 * task's output, which the service counts: it is exact, and has neither times nor sources.
 */
export type ConnectTasks = LoggedJobSource<TaskRef, Task, TaskFailure, StartedTask | RenderTask>

const once: CallOptions = { retry: false }
const longestPoll = 10

const entryOf = (data: string): LogEntry => ({ source: '', timestamp: '', data })

const isCount = (last: number | null | undefined): last is number => Number.isSafeInteger(last) && Number(last) >= 0

/** A task that is over succeeded with code 0; one without a code is judged by its words. */
function phaseOf({ finished, code, error }: Task): Phase {
  if (!finished) return 'running'
  if (typeof code === 'number') return code === 0 ? 'succeeded' : 'failed'
  return error === undefined || error === null || error === '' ? 'ended' : 'failed'
}

const told = (task: Task): object => ({ ...task, output: undefined, last: undefined })

/**
 * The tasks as a source.
 *
 * The first look at a reference is answered at once; later ones wait on the server for the task's end, so that it is
 * known when it comes and not at the next look.
 *
 * @param timeout the client's, in milliseconds: a look waits for at most half of it
 */
export function connectTasks(client: Client, timeout: number, scheduler: SchedulerLike | undefined): ConnectTasks {
  const looked = new WeakSet<TaskRef>()
  const wait = Math.min(longestPoll, Math.floor(timeout / 2_000))

  return {
    status: (ref) =>
      defer(() => {
        const patience = looked.has(ref) ? { wait } : {}
        looked.add(ref)
        return client
          .run(getTask, { id: ref.taskId, ...patience }, once)
          .pipe(map((task) => ({ ref, job: task, phase: phaseOf(task) })))
      }),
    refOf: (started) => {
      const taskId = 'task_id' in started ? started.task_id : started.id
      return segment(taskId) === undefined ? some({ taskId }) : none
    },
    keyOf: ({ taskId }) => pathOf(getTask, { id: taskId }),
    failure: (_ref, task) => {
      const failed = phaseOf(task) === 'failed'
      return of(fromUndefined(failed ? { code: task.code ?? null, error: task.error ?? '' } : undefined))
    },
    same: (a, b) => sameValue(told(a), told(b)),
    log: {
      window: ({ taskId }, lines) =>
        client.run(getTask, { id: taskId }, once).pipe(map(({ output }) => output.slice(-lines).map(entryOf))),
      since: ({ taskId }, first) =>
        client.run(getTask, { id: taskId, first }, once).pipe(
          map(({ output, last }) => {
            // What is no count of lines cannot be asked for, and says as little as none.
            const next = Math.max(first, isCount(last) ? last : first + output.length)
            // Only what is new, also from a server that gives all of it whatever `first` says.
            return { entries: output.slice(Math.max(0, output.length - (next - first))).map(entryOf), next }
          }),
        ),
    },
    ...(scheduler === undefined ? {} : { scheduler }),
  }
}
