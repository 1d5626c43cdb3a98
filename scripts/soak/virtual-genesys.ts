import type { SchedulerLike } from 'rxjs'
import { ends } from './submit.ts'
import type { Serve, Served } from './virtual-faults.ts'

interface Job {
  readonly id: string
  readonly acceleratorId: string
  readonly dateSubmitted: string
  status: string
}

const underWay = new Set(['Created', 'Queued', 'Running'])

/** The jobs of Genesys Cloud in virtual time. */
export class VirtualGenesys {
  readonly #jobs: Job[] = []
  readonly #scheduler: SchedulerLike
  readonly #now: () => number

  constructor(scheduler: SchedulerLike, now: () => number) {
    this.#scheduler = scheduler
    this.#now = now
  }

  readonly serve: Serve = ({ method, body }, { pathname, searchParams }) => {
    if (pathname === '/oauth/token') {
      return { status: 200, body: '{"access_token":"a-token","token_type":"bearer","expires_in":600}' }
    }
    if (method === 'POST') return shown(this.#submit(String(body)))
    const id = /\/jobs\/(.+)$/.exec(pathname)?.[1]
    if (id === undefined) {
      const status = searchParams.get('status')
      const jobs = this.#jobs.filter((job) => status === null || job.status === status)
      const entities = jobs.slice(-Number(searchParams.get('maxResults') ?? 1)).reverse()
      return { status: 200, body: JSON.stringify({ entities: entities.map(rowOf) }) }
    }
    const job = this.#jobs.find((one) => one.id === id)
    return job === undefined ? { status: 404, body: '{"code":"not.found","status":404}' } : shown(job)
  }

  #submit(text: string): Job {
    const acceleratorId = ends.find(([name]) => text.includes(name))?.[0] ?? ''
    const n = this.#jobs.length
    const dateSubmitted = new Date(this.#now()).toISOString()
    const job: Job = { id: `job-${n}`, acceleratorId, dateSubmitted, status: 'Created' }
    this.#jobs.push(job)
    const steps = ['Queued', 'Running', ends.find(([name]) => name === acceleratorId)?.[1] ?? 'Complete']
    for (const [at, status] of steps.entries()) {
      this.#scheduler.schedule(() => (job.status = status), (at + 1) * (1 + (n % 7)) * 2_000)
    }
    return job
  }
}

const rowOf = (job: Job): object => ({ ...job, dryRun: false, submittedBy: { id: 'the-user' } })

const shown = (job: Job): Served => ({
  status: underWay.has(job.status) ? 202 : 200,
  headers: { 'inin-ratelimit-allowed': '300', 'inin-ratelimit-count': '20', 'inin-ratelimit-reset': '30' },
  body: JSON.stringify({ ...rowOf(job), ...(underWay.has(job.status) ? {} : { results: 'Error: a reason' }) }),
})
