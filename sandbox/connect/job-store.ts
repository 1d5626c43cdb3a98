import { randomInt } from 'node:crypto'
import { ConnectError } from './errors.ts'
import { Job, type JobTools } from './job.ts'
import type { JobOrigin } from './job-item.ts'

/** The jobs of all content. */
export interface JobStore {
  create(origin: Omit<JobOrigin, 'id' | 'key'>): Job
  /** The newest first. */
  of(guid: string): ReadonlyArray<Job>
  /** Throws code 4 when there is none. */
  get(guid: string, key: string): Job
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export function createJobStore(tools: JobTools): JobStore {
  const jobs = new Map<string, Map<string, Job>>()
  let lastId = 0
  return {
    create(origin) {
      lastId += 1
      const key = Array.from({ length: 16 }, () => letters.charAt(randomInt(letters.length))).join('')
      const job = new Job({ ...origin, id: lastId, key }, tools)
      const siblings = jobs.get(origin.guid)
      if (siblings === undefined) jobs.set(origin.guid, new Map([[key, job]]))
      else siblings.set(key, job)
      return job
    },
    of: (guid) => [...(jobs.get(guid)?.values() ?? [])].reverse(),
    get(guid, key) {
      const job = jobs.get(guid)?.get(key)
      if (job === undefined) throw new ConnectError(4)
      return job
    },
  }
}
