import { execFile } from 'node:child_process'
import type { Connect, ConnectApp } from './connect.ts'
import { ConnectError } from './errors.ts'
import type { Job } from './job.ts'
import { jobOf } from './job-routes.ts'

/** What a job's process used at one time, as on the wire. */
interface Sample {
  readonly timestamp: string
  /** 1 is one core. */
  readonly cpu_fraction: number
  readonly memory_bytes: number
  /** Open connections; unknown here. */
  readonly connections: number | null
  readonly process_id: string
}

/** `GET …/jobs/{key}/metrics?from&to`. Each request while the job is active adds one sample. */
export function metricsRoute(app: ConnectApp, connect: Connect): void {
  const samples = new WeakMap<Job, Sample[]>()

  app.get('/v1/content/:guid/jobs/:key/metrics', async (c) => {
    const job = jobOf(connect, c)
    const from = momentOf(c.req.query('from'), Number.NEGATIVE_INFINITY)
    const to = momentOf(c.req.query('to'), Number.POSITIVE_INFINITY)
    const taken = samples.get(job) ?? []
    samples.set(job, taken)
    if (job.status === 0) taken.push(await measure(job.pid, connect.clock.stamp()))
    const wanted = taken.filter(({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) <= to)
    return c.json({ content_guid: job.origin.guid, job_key: job.origin.key, samples: wanted })
  })
}

/** Throws code 25 for what is no time. */
function momentOf(text: string | undefined, missing: number): number {
  const moment = text === undefined ? missing : Date.parse(text)
  if (Number.isNaN(moment)) throw new ConnectError(25)
  return moment
}

/** Asks the system. A job without a process, or whose process is gone, uses nothing. */
async function measure(pid: number, timestamp: string): Promise<Sample> {
  const [percent = 0, kilobytes = 0] = pid === 0 ? [] : await usage(pid)
  return {
    timestamp,
    cpu_fraction: percent / 100,
    memory_bytes: kilobytes * 1024,
    connections: null,
    process_id: String(pid),
  }
}

function usage(pid: number): Promise<ReadonlyArray<number>> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'pcpu=,rss=', '-p', String(pid)], (_, text) => {
      const numbers = text.trim().split(/\s+/).map(Number)
      resolve(numbers.every(Number.isFinite) ? numbers : [])
    })
  })
}
