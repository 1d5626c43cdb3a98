import { randomUUID } from 'node:crypto'
import type { Timers } from '../timers.ts'

/** A task as on the wire. */
export interface TaskItem {
  readonly id: string
  readonly output: ReadonlyArray<string>
  readonly finished: boolean
  /** 0 unless it failed. */
  readonly code: number
  /** '' unless it failed. */
  readonly error: string
  /** How many lines of output there are so far. */
  readonly last: number
  readonly result: null
}

/** Work that goes on after its request was answered. */
export interface Task {
  readonly id: string
  /** The output from that line on. */
  item(first: number): TaskItem
  /** Resolves when the task is finished or the time is over. */
  wait(ms: number): Promise<void>
}

export interface Tasks {
  /** Starts the work; what it throws becomes the task's error, with code 1. */
  start(work: (say: (line: string) => void) => Promise<void>): Task
  find(id: string): Task | undefined
}

export function createTasks(timers: Timers): Tasks {
  const tasks = new Map<string, Task>()
  return {
    start(work) {
      const task = createTask(work, timers)
      tasks.set(task.id, task)
      return task
    },
    find: (id) => tasks.get(id),
  }
}

function createTask(work: (say: (line: string) => void) => Promise<void>, timers: Timers): Task {
  const id = randomUUID()
  const output: string[] = []
  let failure: string | undefined
  let finished = false
  const done = work((line) => void output.push(line))
    .catch((reason: unknown) => {
      failure = reason instanceof Error ? reason.message : String(reason)
    })
    .then(() => {
      finished = true
    })
  return {
    id,
    item: (first) => ({
      id,
      output: output.slice(first),
      finished,
      code: failure === undefined ? 0 : 1,
      error: failure ?? '',
      last: output.length,
      result: null,
    }),
    wait(ms) {
      if (finished || ms === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const cancel = timers.after(ms, resolve)
        void done.then(() => {
          cancel()
          resolve()
        })
      })
    },
  }
}
