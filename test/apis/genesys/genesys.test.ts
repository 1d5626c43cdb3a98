import { firstValueFrom } from 'rxjs'
import { isHttpError } from 'rxjobs'
import { accessToken, client, genesys, getInfrastructureascodeJob } from 'rxjobs/genesys'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { sandboxes, someText } from '../../sandbox/support.ts'
import { answering, asked, errorOf, genesysTo } from '../support.ts'

const start = sandboxes()
const jobs = '/api/v2/infrastructureascode/jobs'

test('a job is created: submitted with 202, or as a dry run over with 200', async () => {
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

test('a job is asked for, with details only where they are wanted', async () => {
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

test('the history is filtered by the service, in the words of the contract', async () => {
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

test('a spent budget says when to come back, in milliseconds', async () => {
  const cx = genesysTo(await start({ genesys: { requestsPerMinute: 1 } }), { retry: false })
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  const error = await errorOf(cx.getInfrastructureascodeJobs())
  expect(error).toMatchObject({ status: 429, code: 'too.many.requests' })
  const wait = isHttpError(error) ? error.retryAfter : undefined
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60_000)
})

test('a page of a proxy is no endpoint of the service', async () => {
  const sandbox = await start({ faults: { rules: [{ kind: 'html', status: 404, match: { path: /jobs/ } }] } })
  const error = await errorOf(genesysTo(sandbox).getInfrastructureascodeJobs())
  expect(error).toMatchObject({ status: 404, code: undefined, detail: undefined, missing: 'endpoint' })
})

test('a creation that failed is not sent again, a question is', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 503, match: { path: /jobs/ }, times: 2 }] },
  })
  const cx = genesysTo(sandbox, { retry: { base: 1 } })
  const error = await errorOf(cx.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues' }))
  expect([error, asked(sandbox)]).toMatchObject([{ status: 503 }, [`POST ${jobs}`]])
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([])
  expect(asked(sandbox).slice(1)).toEqual([`GET ${jobs}`, `GET ${jobs}`])
})

test('a creation is sent again by those who say so', async () => {
  const sandbox = await start({
    faults: { rules: [{ kind: 'status', status: 503, match: { path: /jobs/ }, times: 1 }] },
  })
  const cx = genesysTo(sandbox, { retry: { base: 1 } })
  const input = { acceleratorId: 'twin-queues', dryRun: true }
  const job = await firstValueFrom(cx.postInfrastructureascodeJobs(input, { retry: true }))
  expect([job.status, asked(sandbox)]).toEqual(['Complete', [`POST ${jobs}`, `POST ${jobs}`]])
})

test('a token that the service no longer takes is renewed', async () => {
  const sandbox = await start()
  const cx = genesysTo(sandbox)
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  sandbox.genesys.expireTokens()
  expect(await firstValueFrom(cx.getInfrastructureascodeJobs())).toEqual([])
  const lines = sandbox.exchanges.map(({ method, status }) => `${method} ${status ?? 0}`)
  expect(lines).toEqual(['POST 200', 'GET 200', 'GET 401', 'POST 200', 'GET 200'])
})

test('a client that the service does not know is told so, without its secret', async () => {
  const sandbox = await start()
  const clientSecret = 'not-for-eyes'
  const error = await errorOf(
    genesysTo({ ...sandbox, genesys: { ...sandbox.genesys, clientSecret } }).getInfrastructureascodeJobs(),
  )
  expect(error).toMatchObject({ _tag: 'AuthError', status: 401, code: 'invalid_client', path: '/oauth/token' })
  expect(inspect(error) + JSON.stringify(error)).not.toContain(clientSecret)
  expect(asked(sandbox)).toEqual([])
})

test('a client for one endpoint asks what the whole one asks', async () => {
  const { transport, requests } = answering(() => ({ status: 202, body: { dryRun: false, status: 'Running' } }))
  const options = { region: 'eu_central_1', auth: accessToken('a-token'), transport } as const
  const answer = await firstValueFrom(client(options).exchange(getInfrastructureascodeJob, { jobId: '42' }))
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

test('no secret is to be seen in a client', async () => {
  const sandbox = await start({ clientSecret: 'not-for-eyes' })
  const cx = genesysTo(sandbox)
  await firstValueFrom(cx.getInfrastructureascodeJobs())
  expect(inspect(cx, { depth: 12, showHidden: true }) + JSON.stringify(cx)).not.toContain('not-for-eyes')
})
