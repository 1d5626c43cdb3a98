import type { Hono } from 'hono'
import { maxTextBytes, readText } from '../http/body.ts'
import { isObject, parseObject } from '../json.ts'
import { accelerators } from './accelerators.ts'
import { GenesysError } from './errors.ts'
import type { Genesys, GenesysEnv } from './genesys.ts'
import { readHistory, shapeHistory, wireJob } from './history.ts'
import { isUnderWay, type Submission } from './jobs.ts'
import { readQuery } from './query.ts'

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
    const found = readHistory(
      jobs.list(),
      readQuery((name) => c.req.query(name)),
    )
    return c.json(shapeHistory(found, settings.historyShape))
  })
  app.get('/jobs/:id', (c) => {
    const details = readQuery((name) => c.req.query(name)).flag('details', false)
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
