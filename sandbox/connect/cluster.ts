import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Timers } from '../time.ts'

/** One server of the cluster. All nodes know content and jobs; a task is known only to the node that started it. */
export interface Node {
  readonly name: string
  readonly tasks: Tasks
  /** The responses that it has begun and not ended. */
  readonly open: Set<ServerResponse>
}

/** The servers behind the address: one, or two in a cluster. */
export class Nodes {
  readonly #timers: Timers
  readonly #nodes: Node[]
  #turn = 0

  constructor(count: number, timers: Timers) {
    this.#timers = timers
    this.#nodes = Array.from({ length: count }, () => this.#newNode())
  }

  /** The node of that name; for an unknown name, or none, the next one in turn. */
  pick(name: string | undefined): Node {
    const named = this.#nodes.find((node) => node.name === name)
    if (named !== undefined) return named
    this.#turn = (this.#turn + 1) % this.#nodes.length
    return this.#nodes[this.#turn] ?? this.#newNode()
  }

  /** Replaces the node of that task by a new one: its responses break off, its tasks are forgotten. */
  lose(taskId: string): void {
    const index = this.#nodes.findIndex(({ tasks }) => tasks.find(taskId) !== undefined)
    const [gone] = index < 0 ? [] : this.#nodes.splice(index, 1, this.#newNode())
    if (gone === undefined) throw new Error(`No node has the task ${taskId}.`)
    for (const response of gone.open) response.destroy()
  }

  #newNode(): Node {
    return { name: randomUUID(), tasks: new Tasks(this.#timers), open: new Set() }
  }
}

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

/** Takes a line of a task's output. */
export type Log = (line: string) => void

/** Work that goes on after its request was answered. */
export class Task {
  readonly id: string = randomUUID()
  readonly #output: string[] = []
  readonly #timers: Timers
  readonly #done: Promise<void>
  #finished = false
  #failure: string | undefined

  constructor(work: (log: Log) => Promise<void>, timers: Timers) {
    this.#timers = timers
    this.#done = work((line) => void this.#output.push(line))
      .catch((reason: unknown) => {
        this.#failure = reason instanceof Error ? reason.message : String(reason)
      })
      .then(() => {
        this.#finished = true
      })
  }

  /** The task with its output from line `first` on. */
  item(first: number): TaskItem {
    return {
      id: this.id,
      output: this.#output.slice(first),
      finished: this.#finished,
      code: this.#failure === undefined ? 0 : 1,
      error: this.#failure ?? '',
      last: this.#output.length,
      result: null,
    }
  }

  /** Resolves when the task is finished or the time is over. */
  wait(ms: number): Promise<void> {
    if (this.#finished || ms === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#timers.after(ms, resolve)
      void this.#done.then(() => {
        cancel()
        resolve()
      })
    })
  }
}

/** The tasks of one node. */
export class Tasks {
  readonly #tasks = new Map<string, Task>()
  readonly #timers: Timers

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Starts the work. What it throws becomes the task's error, with code 1. */
  start(work: (log: Log) => Promise<void>): Task {
    const task = new Task(work, this.#timers)
    this.#tasks.set(task.id, task)
    return task
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id)
  }
}
