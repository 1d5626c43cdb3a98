import { defer, map, mergeMap, type Observable, of, type SchedulerLike } from 'rxjs'
import { type Client, pathOf, pathParam } from '../../core/index.ts'
import { isEqual, type LogEntry, type LoggedJobSource, type LogPage, type Phase } from '../../streams/index.ts'
import { type GetTask, getTask } from './endpoints.ts'
import type { RenderTask, StartedTask, Task } from './models.ts'

/** Names a task. */
export interface TaskRef {
  readonly taskId: string
}

/** Why a task did not succeed. */
export interface TaskFailure {
  /** Null where the service gave none. */
  readonly code: number | null
  /** As the service words it; empty where it gave none. */
  readonly error: string
  /** The vendor's page about the error, where the task's output names it. */
  readonly helpUrl?: string
}

/**
 * The tasks of Posit Connect as a JobSource: deploys, builds and renders. Their log is the task's output, which the service counts; its
 * lines have neither times nor sources.
 */
export type ConnectTasks = LoggedJobSource<TaskRef, Task, TaskFailure, StartedTask | RenderTask>

/** How many seconds a status waits on the server for the task's end. */
const wait = 10

/** A finished task succeeded with code 0; one without a code is judged by its error text. */
function phaseOf({ finished, code, error }: Task): Phase {
  if (!finished) return 'running'
  if (typeof code === 'number') return code === 0 ? 'succeeded' : 'failed'
  return error ? 'failed' : 'ended'
}

/** The service ends an error in its code, and the output has the address of a page, at that code. */
function failureOf({ code, error, output }: Task): TaskFailure {
  const errorCode = /Error code: ([\w-]+)\)?\s*$/.exec(error ?? '')?.[1]
  const addresses = output.flatMap((line) => line.match(/https?:\/\/[^\s<>"'()]+/g) ?? [])
  const helpUrl = errorCode && addresses.find((address) => address.endsWith(`#${errorCode}`))
  return { code: code ?? null, error: error ?? '', ...(helpUrl && { helpUrl }) }
}

const withoutOutput = (task: Task): object => ({ ...task, output: undefined, last: undefined })

const entryOf = (data: string): LogEntry => ({ source: '', timestamp: '', data })

/** The new lines of an output that ends at line `last`; there are servers that give all of it whatever `first` says. */
function pageOf(output: ReadonlyArray<string>, offset: number, last: number): LogPage {
  const nextOffset = Math.max(offset, last)
  return { entries: output.slice(Math.max(0, output.length - (nextOffset - offset))).map(entryOf), nextOffset }
}

/**
 * The tasks as a source.
 *
 * The first status of a reference is answered at once; later ones wait on the server for the task's end.
 */
export function connectTasks(client: Client, scheduler: SchedulerLike | undefined): ConnectTasks {
  const known = new WeakSet<TaskRef>()
  const read = ({ taskId: id }: TaskRef, more: Omit<GetTask, 'id'> = {}): Observable<Task> =>
    client.run(getTask, { id, ...more }, { retry: false })

  return {
    status: (ref) =>
      defer(() => {
        const task = read(ref, known.has(ref) ? { wait } : {})
        known.add(ref)
        return task.pipe(map((job) => ({ job, phase: phaseOf(job) })))
      }),
    refOf: (started) => {
      const taskId = 'task_id' in started ? started.task_id : started.id
      return pathParam(taskId) === undefined ? { taskId } : undefined
    },
    keyOf: ({ taskId }) => pathOf(getTask, { id: taskId }),
    failure: (_ref, task) => of(phaseOf(task) === 'failed' ? failureOf(task) : undefined),
    same: (a, b) => isEqual(withoutOutput(a), withoutOutput(b)),
    log: {
      read: (ref, maxLines) => read(ref).pipe(map(({ output }) => output.slice(-maxLines).map(entryOf))),
      after: (ref, first) =>
        read(ref, { first }).pipe(
          mergeMap(({ output, last }) => {
            if (Number.isSafeInteger(last) && Number(last) >= 0) return of(pageOf(output, first, Number(last)))
            // Without a count nothing says where this output begins, unless it is all of it.
            const whole = first === 0 ? of(output) : read(ref).pipe(map((task) => task.output))
            return whole.pipe(map((lines) => pageOf(lines, first, lines.length)))
          }),
        ),
    },
    ...(scheduler && { scheduler }),
  }
}
