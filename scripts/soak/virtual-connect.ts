import type { FedJob, FeedEntry } from 'rxjobs/sandbox'
import type { SchedulerLike } from 'rxjs'
import type { Serve, Served } from './virtual-faults.ts'

/** What servers do differently. */
export interface VirtualSettings {
  readonly framing: 'ndjson' | 'sse'
  /** How many of the lines that are there a connection sends first. */
  readonly replay: number
  readonly keeps: 'first' | 'last'
  /** Milliseconds by which stored lines lag. */
  readonly lag: number
  readonly withholdsHead: boolean
  /** How the download writes lines; undefined where there is none. */
  readonly download: 'bare' | 'times' | undefined
}

interface Line {
  readonly at: number
  readonly json: string
  readonly text: string
}

interface Job {
  readonly guid: string
  readonly key: string
  readonly lines: Line[]
  /** How many lines there were before the log began anew. */
  before: number
  readonly listeners: Set<() => void>
  status: 0 | 1 | 2
  exitCode: number | null
  end: string | null
}

const encoder = new TextEncoder()
const notFound: Served = { status: 404, body: '{"code":4,"error":"not found","payload":null}' }
const json = (value: unknown): Served => ({ status: 200, body: JSON.stringify(value) })

/** The jobs of a Connect in virtual time. */
export class VirtualConnect {
  readonly #settings: VirtualSettings
  readonly #scheduler: SchedulerLike
  readonly #now: () => number
  readonly #jobs = new Map<string, Job>()
  #lines = 0

  /** @param now the time of the service, which is right when the client's is not */
  constructor(settings: VirtualSettings, scheduler: SchedulerLike, now: () => number) {
    this.#settings = settings
    this.#scheduler = scheduler
    this.#now = now
  }

  /** A job that is written by the soak; nothing is left of it some minutes after its end. */
  feed(): FedJob {
    const n = this.#jobs.size
    const job: Job = {
      guid: `guid-${n}`,
      key: `key-${n}`,
      lines: [],
      before: 0,
      listeners: new Set(),
      status: 0,
      exitCode: null,
      end: null,
    }
    this.#jobs.set(job.key, job)
    const refuse = (): never => {
      throw new Error('The soak needs neither.')
    }
    return {
      guid: job.guid,
      key: job.key,
      write: (entries) => this.#write(job, entries),
      rotate: () => {
        job.before += job.lines.length
        job.lines.length = 0
      },
      finish: (exitCode) => this.#finish(job, exitCode ?? 0),
      crash: refuse,
      skip: refuse,
    }
  }

  readonly serve: Serve = ({ method }, { pathname, searchParams }) => {
    const [, guid = '', key, part] = /\/content\/([^/]+)\/jobs(?:\/([^/]+))?(?:\/(\w+))?$/.exec(pathname) ?? []
    if (key === undefined) return json([...this.#jobs.values()].filter((job) => job.guid === guid).map(itemOf))
    const job = this.#jobs.get(key)
    if (job?.guid !== guid) return notFound
    if (method === 'DELETE') {
      this.#finish(job, 143)
      return json({ guid: 'order', job_key: key })
    }
    if (part === 'log') return this.#log(job, Number(searchParams.get('maxLogLines') ?? 5_000))
    if (part === 'tail') return this.#tail(job)
    if (part === 'download') return this.#download(job)
    return part === 'error' ? { status: 204, body: '' } : json(itemOf(job))
  }

  #write(job: Job, entries: ReadonlyArray<FeedEntry>): void {
    if (job.status !== 0) return
    const at = this.#now()
    for (const { source, data } of entries) {
      const digits = String(this.#lines++ % 1_000_000).padStart(6, '0')
      const timestamp = new Date(at).toISOString().replace('Z', `${digits}Z`)
      const [date = '', time = ''] = timestamp.slice(0, -1).split('T')
      const text = this.#settings.download === 'times' ? `${date.replaceAll('-', '/')} ${time} ${data}` : data
      job.lines.push({ at, json: JSON.stringify({ source, timestamp, data }), text })
    }
    for (const listener of job.listeners) listener()
  }

  #finish(job: Job, exitCode: number): void {
    if (job.status !== 0) return
    job.status = 1
    job.exitCode = exitCode
    job.end = new Date(this.#now()).toISOString()
    this.#scheduler.schedule(() => {
      job.status = 2
      for (const listener of job.listeners) listener()
    }, 200)
  }

  #stored({ lines, status }: Job): ReadonlyArray<Line> {
    if (status === 2 || this.#settings.lag === 0) return lines
    const until = this.#now() - this.#settings.lag
    let count = lines.length
    while (count > 0 && (lines[count - 1]?.at ?? 0) > until) count--
    return lines.slice(0, count)
  }

  #log(job: Job, most: number): Served {
    const lines = this.#stored(job)
    const shown = Math.min(most, 5_000)
    const window = this.#settings.keeps === 'last' ? lines.slice(-shown) : lines.slice(0, shown)
    return { status: 200, body: `{"entries":[${window.map((line) => line.json).join()}]}` }
  }

  #download(job: Job): Served {
    if (this.#settings.download === undefined) return { status: 404, body: '404 page not found' }
    const body = this.#stored(job).map(({ text }) => `${text}\n`)
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: body.join('') }
  }

  #tail(job: Job): Served {
    const { framing, replay, withholdsHead } = this.#settings
    const [before, after] = framing === 'sse' ? ['data: ', '\n\n'] : ['', '\n']
    let next = job.before + Math.max(0, job.lines.length - replay)
    return {
      status: 200,
      headers: { 'content-type': framing === 'sse' ? 'text/event-stream' : 'application/x-ndjson' },
      withholdsHead,
      body: (send, end) => {
        const pump = (): void => {
          const lines = job.lines.slice(Math.max(0, next - job.before))
          next = job.before + job.lines.length
          if (lines.length > 0) send(encoder.encode(lines.map((line) => `${before}${line.json}${after}`).join('')))
          if (job.status === 2) end()
        }
        job.listeners.add(pump)
        pump()
        return () => job.listeners.delete(pump)
      },
    }
  }
}

const itemOf = ({ guid, key, status, exitCode, end }: Job): object => ({
  id: key,
  key,
  content_guid: guid,
  status,
  exit_code: exitCode,
  end_time: end,
  start_time: '2026-11-01T00:00:00Z',
})
