import type { Connect, ConnectApp } from './connect.ts'
import type { Job } from './job.ts'
import { jobOf } from './job-routes.ts'
import { type JobLog, type LogEntry, timedLine } from './log.ts'
import type { DownloadFormat } from './settings.ts'

/** `GET …/jobs/{key}/download`: the log as a file, in one of the formats that servers may have. */
export function downloadRoute(app: ConnectApp, connect: Connect): void {
  const { downloadType, downloadFormat } = connect.log
  app.get('/v1/content/:guid/jobs/:key/download', (c) => {
    const job = jobOf(connect, c)
    const filename = c.req.query('filename') ?? defaultName(job)
    return c.body(streamOf(pagesOf(job.log, downloadFormat)), 200, {
      'Content-Type': downloadType,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
    })
  })
}

function defaultName({ origin }: Job): string {
  const { contentId, variantId, bundleId, tag, key } = origin
  return `rstudio-connect.${contentId}.${variantId}.${bundleId}.${tag}.${key}.log`
}

/** One pass over the log: which of its lines it writes, and how. */
interface Pass {
  readonly has: (entry: LogEntry) => boolean
  readonly text: (entry: LogEntry) => string
}

const bare = ({ data }: LogEntry): string => data

const passes: Readonly<Record<DownloadFormat, ReadonlyArray<Pass>>> = {
  bare: [{ has: () => true, text: bare }],
  times: [{ has: () => true, text: timedLine }],
  streams: [
    { has: ({ source }) => source === 'stdout', text: bare },
    { has: ({ source }) => source === 'stderr', text: bare },
  ],
}

/** How many lines are made at a time. */
const pageLines = 1024

/** What the stored log shows now, a page at a time. */
function* pagesOf(log: JobLog, format: DownloadFormat): Generator<string> {
  const { first, shown: total } = log
  for (const { has, text } of passes[format]) {
    for (let from = first; from < total; from += pageLines) {
      const entries = log.entries(from, Math.min(from + pageLines, total)).filter(has)
      if (entries.length > 0) yield entries.map((entry) => `${text(entry)}\n`).join('')
    }
  }
}

/** Makes a page when the socket can take one. */
function streamOf(pages: Generator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const page = pages.next()
      if (page.done === true) controller.close()
      else controller.enqueue(Buffer.from(page.value))
    },
  })
}
