import type { Context } from 'hono'
import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'
import { cutLines } from './log.ts'

const path = '/v1/content/:guid/jobs/:key'

/** The job of a route with `:guid` and `:key`. Throws code 4 when there is none. */
export function jobOf({ contents, jobs }: Connect, c: Context): Job {
  return jobs.get(contents.byGuid(c.req.param('guid') ?? '').guid, c.req.param('key') ?? '')
}

/** Lists, reads and kills jobs. */
export function jobRoutes(app: ConnectApp, connect: Connect): void {
  if (connect.has('jobs')) {
    // Some clients end the path with a slash.
    app.on('GET', ['/v1/content/:guid/jobs', '/v1/content/:guid/jobs/'], (c) => {
      const { guid } = connect.contents.byGuid(c.req.param('guid'))
      return c.json(connect.jobs.of(guid).map((job) => job.item()))
    })
  }
  if (connect.has('job')) {
    app.get(path, (c) => c.json(jobOf(connect, c).item()))
  }
  if (connect.has('error')) {
    app.get(`${path}/error`, (c) => {
      const { error } = jobOf(connect, c)
      return error === undefined ? c.body(null, 204) : c.json(error)
    })
  }
  if (connect.has('kill')) {
    app.delete(path, (c) => {
      const order = jobOf(connect, c).kill()
      if (order === undefined) throw new ConnectError(163)
      return c.json(order)
    })
  }
}

/** `GET …/jobs/{key}/log`: the last or the first lines of the stored log. */
export function logRoute(app: ConnectApp, connect: Connect): void {
  const { keeps, window, cutAt } = connect.log
  app.get(`${path}/log`, (c) => {
    const { log } = jobOf(connect, c)
    const { first, shown } = log
    const lines = Math.min(lineCount(c.req.query('maxLogLines'), window), shown - first)
    const from = keeps === 'first' ? first : shown - lines
    const texts = cutLines(log.texts(from, from + lines), cutAt)
    return c.body(`{"entries":[${texts.join(',')}]}`, 200, { 'Content-Type': 'application/json' })
  })
}

function lineCount(requested: string | undefined, window: number): number {
  if (requested === undefined) return window
  if (!/^\d{1,9}$/.test(requested)) throw new ConnectError(25)
  return Math.min(Number(requested), window)
}
