import type { Job } from './job.ts'
import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'
import type { JobLog } from './log.ts'

/** Lines of a download made at a time. */
const page = 1024

/** `GET …/jobs/{key}/log` and `…/download`. */
export function logRoutes(app: ConnectApp, connect: Connect): void {
  const { keeps, window, downloadType } = connect.log
  const jobOf = (guid: string, key: string): Job => connect.jobs.get(connect.contents.byGuid(guid).guid, key)

  if (connect.has('log')) {
    app.get('/v1/content/:guid/jobs/:key/log', (c) => {
      const { log } = jobOf(c.req.param('guid'), c.req.param('key'))
      const lines = Math.min(lineCount(c.req.query('maxLogLines'), window), log.length)
      const from = keeps === 'first' ? 0 : log.length - lines
      const texts = log.texts(from, from + lines)
      return c.body(`{"entries":[${texts.join(',')}]}`, 200, { 'Content-Type': 'application/json' })
    })
  }
  if (connect.has('download')) {
    app.get('/v1/content/:guid/jobs/:key/download', (c) => {
      const job = jobOf(c.req.param('guid'), c.req.param('key'))
      const filename = c.req.query('filename') ?? defaultName(job)
      return c.body(downloadOf(job.log), 200, {
        'Content-Type': downloadType,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
      })
    })
  }
}

function lineCount(asked: string | undefined, window: number): number {
  if (asked === undefined) return window
  if (!/^\d{1,9}$/.test(asked)) throw new ConnectError(25)
  return Math.min(Number(asked), window)
}

function defaultName({ origin }: Job): string {
  const { contentId, variantId, bundleId, tag, key } = origin
  return `rstudio-connect.${contentId}.${variantId}.${bundleId}.${tag}.${key}.log`
}

/** What the log holds now, a page at a time as the socket takes it. */
function downloadOf(log: JobLog): ReadableStream<Uint8Array> {
  const total = log.length
  let next = 0
  return new ReadableStream({
    pull(controller) {
      const entries = log.entries(next, Math.min(next + page, total))
      next += entries.length
      if (entries.length > 0) controller.enqueue(Buffer.from(entries.map(({ data }) => `${data}\n`).join('')))
      if (next >= total) controller.close()
    },
  })
}
