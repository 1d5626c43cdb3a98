import type { Hono } from 'hono'
import { isObject, maxTextBytes, parseObject, readText } from '../http/body.ts'
import { accelerators } from './accelerators.ts'
import { GenesysError } from './errors.ts'
import type { Genesys, GenesysEnv, GenesysSettings } from './genesys.ts'
import { type GenesysJob, isUnderWay, type Submission } from './jobs.ts'
import { Query } from './query.ts'

const plain = { results: false, errors: false }

/** The three operations on jobs. */
export function jobRoutes(app: Hono<GenesysEnv>, { jobs, settings }: Genesys): void {
  app.post('/jobs', async (c) => {
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
      throw new GenesysError(415, 'unsupported.media.type', 'The body must be application/json.')
    }
    const text = await readText(c.env.incoming)
    if (text === undefined) {
      throw new GenesysError(413, 'request.entity.too.large', `The request is over ${maxTextBytes} bytes.`)
    }
    const job = await jobs.submit(readSubmission(text))
    return c.json(wireJob(job, plain), isUnderWay(job) ? 202 : 200)
  })
  app.get('/jobs', (c) => {
    const query = new Query((name) => c.req.query(name))
    return c.json(shapeHistory(readHistory(jobs.list(), query), settings.historyShape))
  })
  app.get('/jobs/:id', (c) => {
    const details = new Query((name) => c.req.query(name)).flag('details', false)
    const id = c.req.param('id')
    const job = jobs.get(id)
    if (job === undefined) throw new GenesysError(404, 'not.found', 'There is no such job.', { entityId: id })
    return c.json(wireJob(job, { results: details, errors: details }), isUnderWay(job) ? 202 : 200)
  })
}

function readSubmission(text: string): Submission {
  const bad = (message: string): GenesysError => new GenesysError(400, 'bad.request', message)
  const body = parseObject(text)
  if (body === undefined) throw bad('The body is not a JSON object.')
  const { acceleratorId, dryRun = false, parameters = [] } = body
  if (typeof acceleratorId !== 'string' || acceleratorId === '') throw bad('acceleratorId is required.')
  if (typeof dryRun !== 'boolean') throw bad('dryRun must be a boolean.')
  if (!Array.isArray(parameters)) throw bad('parameters must be an array.')
  const accelerator = accelerators.find(({ id }) => id === acceleratorId)
  if (accelerator === undefined) {
    throw new GenesysError(404, 'not.found', 'There is no such accelerator.', { entityId: acceleratorId })
  }
  const given = new Map<string, string>()
  for (const parameter of parameters) {
    if (!isObject(parameter) || typeof parameter['name'] !== 'string' || typeof parameter['value'] !== 'string') {
      throw bad('Each parameter has a name and a value, both strings.')
    }
    given.set(parameter['name'], parameter['value'])
  }
  return { accelerator, dryRun, parameters: given }
}

type WireJob = Readonly<Record<string, unknown>>

/** The job as on the wire; results and errors only where they are requested. */
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

/** The jobs that match the query of `GET …/jobs`, in its order. */
export function readHistory(jobs: ReadonlyArray<GenesysJob>, query: Query): ReadonlyArray<WireJob> {
  const maxResults = query.positive('maxResults', 1)
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
    .slice(0, maxResults)
    .map(({ job }) => wireJob(job, { results: false, errors }))
}

/** The body of `GET …/jobs`, whose shape the contract does not say. */
function shapeHistory(jobs: ReadonlyArray<WireJob>, shape: Required<GenesysSettings>['historyShape']): object {
  if (shape === 'entities') return { entities: jobs }
  return shape === 'array' ? jobs : (jobs[0] ?? {})
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
