import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Timers } from '../timers.ts'
import { createTasks, type Tasks } from './tasks.ts'

/** One of the servers behind the address. Content and jobs are known to all of them, a task to the one that started it. */
export interface Node {
  readonly name: string
  readonly tasks: Tasks
  /** The answers that it has begun and not ended. */
  readonly open: Set<ServerResponse>
}

/** The servers behind the address. */
export interface Nodes {
  /** The node of that name; for any other name, and for none, the next one in turn. */
  pick(name: string | undefined): Node
  /** Takes the node of that task away: its answers break off, its tasks are forgotten. A new one takes its place. */
  lose(taskId: string): void
}

export function createNodes(count: number, timers: Timers): Nodes {
  const fresh = (): Node => ({ name: randomUUID(), tasks: createTasks(timers), open: new Set() })
  const nodes = Array.from({ length: count }, fresh)
  let turn = 0
  return {
    pick(name) {
      const named = nodes.find((node) => node.name === name)
      if (named !== undefined) return named
      turn = (turn + 1) % count
      return nodes[turn] ?? fresh()
    },
    lose(taskId) {
      const index = nodes.findIndex(({ tasks }) => tasks.find(taskId) !== undefined)
      const [gone] = index < 0 ? [] : nodes.splice(index, 1, fresh())
      if (gone === undefined) throw new Error(`No node has the task ${taskId}.`)
      for (const response of gone.open) response.destroy()
    },
  }
}
