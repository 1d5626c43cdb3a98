import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import { HttpError } from 'rxjobs'
import { accessToken, client, genesys, getInfrastructureascodeJob } from 'rxjobs/genesys'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { sandboxes, someText, textWith } from '../../sandbox/support.ts'
import { answering, asked, type Canned, errorOf, genesysTo } from '../support.ts'

const start = sandboxes()
const jobs = '/api/v2/infrastructureascode/jobs'

test('a job is created: 202 for a submitted one, 200 for a dry run that is over', async () => {
  const sandbox = await start({ genesys: { stepMs: 60_000 } })
  const cx = genesysTo(sandbox)
  const parameters = [{ name: 'prefix', value: 'ours' }]
  const job = await firstValueFrom(cx.postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code', parameters }))
  expect(job).toMatchObject({ id: someText, dryRun: false, acceleratorId: 'quick-wrapup-code', status: 'Created' })
  const tried = { acceleratorId: 'quick-wrapup-code', dryRun: true }
  expect(await firstValueFrom(cx.postInfrastructureascodeJobs(tried))).toMatchObject({
    dryRun: true,
    status: 'Complete',
  })
  expect(sandbox.exchanges.map(({ method, path, status }) => [method, path, status])).toEqual([
    ['POST', '/oauth/token', 200],
    ['POST', jobs, 202],
    ['POST', jobs, 200],
  ])
})

test('a job is read, with details only where they are asked for', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const { id: jobId = '' } = await firstValueFrom(
    cx.postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code', dryRun: true }),
  )
  const plain = await firstValueFrom(cx.getInfrastructureascodeJob({ jobId }))
  const written = await firstValueFrom(cx.getInfrastructureascodeJob({ jobId, details: false }))
  const detailed = await firstValueFrom(cx.getInfrastructureascodeJob({ jobId, details: true }))
  expect([plain.results, written.results]).toEqual([undefined, undefined])
  expect(detailed).toEqual({ ...plain, results: someText })
  expect(asked(sandbox).slice(1)).toEqual([
    `GET ${jobs}/${jobId}`,
    `GET ${jobs}/${jobId}?details=false`,
    `GET ${jobs}/${jobId}?details=true`,
  ])
})

test('the history is filtered by the service', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const mine = await firstValueFrom(
    cx.postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code', dryRun: true }),
  )
  await firstValueFrom(cx.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues', dryRun: true }))
  const submittedBy = mine.submittedBy?.id ?? ''
  const found = await firstValueFrom(
    cx.getInfrastructureascodeJobs({
      maxResults: 5,
      includeErrors: true,
      sortBy: 'id',
      sortOrder: 'asc',
      acceleratorId: 'quick-wrapup-code',
      submittedBy,
      status: 'Complete',
    }),
  )
  expect(found.map(({ id }) => id)).toEqual([mine.id])
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs({ status: 'Queued' }))).toEqual([])
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs({ submittedBy: 'somebody' }))).toEqual([])
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs({ maxResults: 2 }))).toHaveLength(2)
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toHaveLength(1)
  const all = `maxResults=5&includeErrors=true&sortBy=id&sortOrder=asc&acceleratorId=quick-wrapup-code&submittedBy=${submittedBy}&status=Complete`
  expect(asked(sandbox).slice(2)).toEqual([
    `GET ${jobs}?${all}`,
    `GET ${jobs}?status=Queued`,
    `GET ${jobs}?submittedBy=somebody`,
    `GET ${jobs}?maxResults=2`,
    `GET ${jobs}`,
  ])
})

test.each(['one', 'array', 'entities'] as const)(
  'a history that comes as %s is a list, an empty one too',
  async (historyShape) => {
    const cx = genesysTo(await start({ genesys: { historyShape } }))
    expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([])
    const job = await firstValueFrom(cx.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues', dryRun: true }))
    expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([job])
  },
)

test('an error of the service is read: status, code, words, correlation id', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  const error = await errorOf(cx.getInfrastructureascodeJob({ jobId: 'nobody/knows it' }))
  expect(error).toMatchObject({
    _tag: 'HttpError',
    status: 404,
    code: 'not.found',
    detail: 'There is no such job.',
    missing: 'object',
    method: 'GET',
    path: `${jobs}/nobody%2Fknows%20it`,
    correlationId: someText,
    body: { entityId: 'nobody/knows it', contextId: error.correlationId },
  })
})

test('a 429 has the time to wait, in milliseconds', async () => {
  const cx = genesysTo(await start({ genesys: { requestsPerMinute: 1 } }), { retry: false })
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  const error = await errorOf(cx.getInfrastructureascodeJobs())
  expect(error).toMatchObject({ status: 429, code: 'too.many.requests' })
  const wait = error instanceof HttpError ? error.retryAfter : undefined
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60_000)
})

test('a 404 with a web page is told from a missing job', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'html', status: 404, match: { path: /jobs/ } }] } })
  const error = await errorOf(genesysTo(sandbox).getInfrastructureascodeJobs())
  expect(error).toMatchObject({
    status: 404,
    code: undefined,
    detail: textWith('a web page, not the API'),
    missing: 'endpoint',
  })
})

test('a POST that failed is not repeated, a GET is (G6)', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 503, match: { path: /jobs/ }, times: 2 }] },
  })
  const cx = genesysTo(sandbox, { random: () => 0 })
  const error = await errorOf(cx.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues' }))
  expect([error, asked(sandbox)]).toMatchObject([{ status: 503 }, [`POST ${jobs}`]])
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([])
  expect(asked(sandbox).slice(1)).toEqual([`GET ${jobs}`, `GET ${jobs}`])
})

test('a POST is repeated where the call says so', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 503, match: { path: /jobs/ }, times: 1 }] },
  })
  const cx = genesysTo(sandbox, { random: () => 0 })
  const input = { acceleratorId: 'twin-queues', dryRun: true }
  const job = await firstValueFrom(cx.postInfrastructureascodeJobs(input, { retry: true }))
  expect([job.status, asked(sandbox)]).toEqual(['Complete', [`POST ${jobs}`, `POST ${jobs}`]])
})

test('a token that the service refuses is renewed', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  sandbox.genesys.expireTokens()
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([])
  const lines = sandbox.exchanges.map(({ method, status }) => `${method} ${status ?? 0}`)
  expect(lines).toEqual(['POST 200', 'GET 200', 'GET 401', 'POST 200', 'GET 200'])
})

test('unknown client credentials are an AuthError without the secret', async () => {
  const sandbox = await start()
  const clientSecret = 'not-for-eyes'
  const error = await errorOf(
    genesysTo({ ...sandbox, genesys: { ...sandbox.genesys, clientSecret } }).getInfrastructureascodeJobs(),
  )
  expect(error).toMatchObject({ _tag: 'AuthError', status: 401, code: 'invalid_client', path: '/oauth/token' })
  expect(inspect(error) + JSON.stringify(error)).not.toContain(clientSecret)
  expect(asked(sandbox)).toEqual([])
})

test('client() and genesys() send the same request', async () => {
  const { transport, requests } = answering(() => ({ status: 202, body: { dryRun: false, status: 'Running' } }))
  const options = { region: 'eu_central_1', auth: accessToken('a-token'), transport } as const
  const answer = await firstValueFrom(client(options).runWithResponse(getInfrastructureascodeJob, { jobId: '42' }))
  await firstValueFrom(genesys(options).getInfrastructureascodeJob({ jobId: '42' }))
  expect(answer).toMatchObject({ status: 202, value: { status: 'Running' } })
  expect(requests[0]).toEqual(requests[1])
  expect(requests[0]).toMatchObject({
    method: 'GET',
    url: `https://api.mypurecloud.de${jobs}/42`,
    headers: [
      ['accept', 'application/json'],
      ['authorization', 'Bearer a-token'],
    ],
  })
})

test('a client does not show its secret', async () => {
  const sandbox = await start({ clientSecret: 'not-for-eyes' })
  const cx = genesysTo(sandbox)
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  expect(inspect(cx, { depth: 12, showHidden: true }) + JSON.stringify(cx)).not.toContain('not-for-eyes')
})

async function failureOf(answer: Canned): Promise<object> {
  const { transport } = answering(() => answer)
  const cx = genesys({ region: 'us_west_2', auth: accessToken('t0ken'), transport, retry: false })
  return errorOf(cx.getInfrastructureascodeJob({ jobId: '42' }))
}

const body = {
  message: 'Not found.',
  code: 'not.found',
  status: 404,
  entityId: '42',
  messageWithParams: 'Not {what}.',
  messageParams: { what: 'found' },
  contextId: 'a-context',
  details: [{ errorCode: 'e', fieldName: 'f', entityId: '42', entityName: 'job' }],
  errors: [{ code: 'inner' }],
  limit: { key: 'k', namespace: 'infrastructureascode', value: 3 },
}

test('an error has the code and message of the body, and the whole body', async () => {
  const error = await failureOf({ status: 404, headers: { 'ININ-Correlation-Id': 'corr-1' }, body })
  expect(error).toMatchObject({
    _tag: 'HttpError',
    code: 'not.found',
    detail: 'Not found.',
    correlationId: 'corr-1',
    missing: 'object',
    body,
    message: expect.stringContaining(
      'GET /api/v2/infrastructureascode/jobs/42 at https://api.usw2.pure.cloud: 404 not.found: Not found.',
    ) as unknown,
  })
})

test('the contextId is the correlation id where the header is missing', async () => {
  expect(await failureOf({ status: 404, body })).toMatchObject({ correlationId: 'a-context' })
  expect(await failureOf({ status: 404, body: { code: 'c', contextId: 7 } })).toMatchObject({
    correlationId: undefined,
  })
})

test('Retry-After is milliseconds, hours too', async () => {
  for (const seconds of [3, 7200]) {
    const error = await failureOf({
      status: 429,
      headers: { 'retry-after': String(seconds) },
      body: { code: 'too.many.requests' },
    })
    expect(error).toMatchObject({ status: 429, code: 'too.many.requests', retryAfter: seconds * 1000 })
  }
})

test.each<[what: string, response: Canned]>([
  ['plain text', { headers: { 'content-type': 'text/plain' }, body: '404 page not found' }],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>No.' }],
  ['another envelope', { body: { surprise: true } }],
  ['nothing', {}],
])('a 404 with %s means a missing endpoint', async (_, answer) => {
  expect(await failureOf({ ...answer, status: 404 })).toMatchObject({ code: undefined, missing: 'endpoint' })
})

test('a token that the service echoes is redacted', async () => {
  const error = await failureOf({
    status: 401,
    body: { code: 'bad.credentials', message: 'Token t0ken is not valid.' },
  })
  expect(error).toMatchObject({ detail: 'Token [secret] is not valid.', missing: undefined })
  expect(JSON.stringify(error)).not.toContain('t0ken')
})

test('a field that is absent or of another type is left out, whatever the body is', async () => {
  // Without a message the body's text is the detail.
  for (const [body, code, detail] of [
    [{ code: '', message: '' }, undefined, '{"code":"","message":""}'],
    [{ code: 'c' }, 'c', '{"code":"c"}'],
    [{ message: 'm', code: 7 }, undefined, 'm'],
  ]) {
    expect(await failureOf({ status: 400, body })).toMatchObject({ code, detail })
  }
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const error = await failureOf({ status: 400, body: JSON.stringify(value) })
      const texts = ['code', 'detail'].map((name): unknown => Reflect.get(error, name))
      for (const one of texts) expect(one === undefined || (typeof one === 'string' && one !== '')).toBe(true)
    }),
  )
})
