import type { GenesysJob } from './jobs.ts'
import type { Query } from './query.ts'
import type { GenesysSettings } from './settings.ts'

export type WireJob = Readonly<Record<string, unknown>>

/** The job as on the wire; results and errors only where they were asked for. */
export function wireJob(job: GenesysJob, shows: { readonly results: boolean; readonly errors: boolean }): WireJob {
  const { errorInfo, results, rollbackResults } = job
  return {
    id: job.id,
    dryRun: job.dryRun,
    acceleratorId: job.acceleratorId,
    dateSubmitted: job.dateSubmitted,
    submittedBy: { id: job.submittedBy, selfUri: `/api/v2/users/${job.submittedBy}` },
    status: job.status,
    ...(shows.errors && errorInfo !== undefined ? { errorInfo } : {}),
    ...(shows.results && results !== undefined ? { results } : {}),
    ...(shows.results && rollbackResults !== undefined ? { rollbackResults } : {}),
    selfUri: `/api/v2/infrastructureascode/jobs/${job.id}`,
  }
}

const sortable = ['id', 'dateSubmitted', 'submittedBy', 'acceleratorId', 'status'] as const
const filterable = ['Created', 'Queued', 'Running', 'Complete', 'Failed', 'Incomplete'] as const

/** The jobs that the query of `GET …/jobs` asks for, in its order. */
export function readHistory(jobs: ReadonlyArray<GenesysJob>, query: Query): ReadonlyArray<WireJob> {
  const most = query.positive('maxResults', 1)
  const errors = query.flag('includeErrors', false)
  const sortBy = query.oneOf('sortBy', sortable) ?? 'dateSubmitted'
  const sign = query.oneOf('sortOrder', ['asc', 'desc']) === 'asc' ? 1 : -1
  const status = query.oneOf('status', filterable)
  const acceleratorId = query.text('acceleratorId')
  const submittedBy = query.text('submittedBy')
  return jobs
    .filter((job) => status === undefined || job.status === status)
    .filter((job) => acceleratorId === undefined || job.acceleratorId === acceleratorId)
    .filter((job) => submittedBy === undefined || job.submittedBy === submittedBy)
    .map((job, index) => ({ job, index }))
    .sort((a, b) => sign * (compare(a.job[sortBy], b.job[sortBy]) || a.index - b.index))
    .slice(0, most)
    .map(({ job }) => wireJob(job, { results: false, errors }))
}

/** What `GET …/jobs` answers with; the contract knows no shape for it. */
export function shapeHistory(jobs: ReadonlyArray<WireJob>, shape: Required<GenesysSettings>['historyShape']): object {
  if (shape === 'entities') return { entities: jobs }
  return shape === 'array' ? jobs : (jobs[0] ?? {})
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
