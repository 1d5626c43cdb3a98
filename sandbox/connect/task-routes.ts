import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'

/** Longest wait in seconds. */
const maxWait = 20

/** `GET /v1/tasks/{id}`: answers when the task is finished or the wait is over, not on new output. */
export function taskRoutes(app: ConnectApp, connect: Connect): void {
  app.get('/v1/tasks/:id', async (c) => {
    const first = readInteger(c.req.query('first'), Number.MAX_SAFE_INTEGER)
    const wait = readInteger(c.req.query('wait'), maxWait)
    const task = c.var.node.tasks.find(c.req.param('id'))
    // A node of a cluster cannot know whether another one has it.
    if (task === undefined) throw new ConnectError(connect.settings.cluster ? 141 : 4)
    await task.wait(wait * 1000)
    return c.json(task.item(first))
  })
}

function readInteger(text: string | undefined, most: number): number {
  if (text === undefined) return 0
  if (!/^\d{1,9}$/.test(text) || Number(text) > most) throw new ConnectError(25)
  return Number(text)
}
