import type { Context } from 'hono'
import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'
import type { JobLog } from './log.ts'

const path = '/v1/content/:guid/jobs/:key'

/** The job of a route with `:guid` and `:key`. Throws code 4 when there is none. */
export function jobOf({ contents, jobs }: Connect, c: Context): Job {
  return jobs.get(contents.byGuid(c.req.param('guid') ?? '').guid, c.req.param('key') ?? '')
}

/** Lists, reads and kills jobs. */
export function jobRoutes(app: ConnectApp, connect: Connect): void {
  if (connect.has('jobs')) {
    app.get('/v1/content/:guid/jobs', (c) => {
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

/** `GET …/jobs/{key}/log` and `…/download`. */
export function logRoutes(app: ConnectApp, connect: Connect): void {
  const { keeps, window, downloadType } = connect.log

  if (connect.has('log')) {
    app.get(`${path}/log`, (c) => {
      const { log } = jobOf(connect, c)
      const lines = Math.min(lineCount(c.req.query('maxLogLines'), window), log.length)
      const from = keeps === 'first' ? 0 : log.length - lines
      const texts = log.texts(from, from + lines)
      return c.body(`{"entries":[${texts.join(',')}]}`, 200, { 'Content-Type': 'application/json' })
    })
  }
  if (connect.has('download')) {
    app.get(`${path}/download`, (c) => {
      const job = jobOf(connect, c)
      const filename = c.req.query('filename') ?? defaultName(job)
      return c.body(downloadOf(job.log), 200, {
        'Content-Type': downloadType,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
      })
    })
  }
}

function lineCount(requested: string | undefined, window: number): number {
  if (requested === undefined) return window
  if (!/^\d{1,9}$/.test(requested)) throw new ConnectError(25)
  return Math.min(Number(requested), window)
}

function defaultName({ origin }: Job): string {
  const { contentId, variantId, bundleId, tag, key } = origin
  return `rstudio-connect.${contentId}.${variantId}.${bundleId}.${tag}.${key}.log`
}

/** How many lines of a download are made at a time. */
const pageLines = 1024

/** What the log holds now, a page at a time as the socket takes it. */
function downloadOf(log: JobLog): ReadableStream<Uint8Array> {
  const total = log.length
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const entries = log.entries(next, Math.min(next + pageLines, total))
      next += entries.length
      if (entries.length > 0) controller.enqueue(Buffer.from(entries.map(({ data }) => `${data}\n`).join('')))
      if (next >= total) controller.close()
    },
  })
}
