import { expect, test } from 'vitest'
import { isObject } from '../../../sandbox/json.ts'
import { type Ask, field, genesysOf, jsonOf, post, sandboxes, someText, textWith, until } from '../support.ts'

const start = sandboxes()
const parameters = [
  { name: 'queueName', value: 'Help' },
  { name: 'webhookSecret', value: 'hush' },
]

/** Polls a job to its end and gives each pair of HTTP status and job status once, with the last answer. */
async function follow(ask: Ask, id: string, isLast: (status: string) => boolean): Promise<[string[], unknown]> {
  const seen: string[] = []
  const last = await until(
    async () => {
      const answer = await ask(`/jobs/${id}?details=true`)
      const body: unknown = await answer.json()
      const now = `${answer.status} ${field(body, 'status')}`
      if (seen.at(-1) !== now) seen.push(now)
      return body
    },
    (body) => isLast(field(body, 'status')),
  )
  return [seen, last]
}

async function submit(ask: Ask, body: object): Promise<string> {
  return field(await jsonOf(ask('/jobs', post(body))), 'id')
}

test('a job goes from Created to Complete, 202 until it is over, and creates what it says', async () => {
  const sandbox = await start({ genesys: { stepMs: 100 } })
  const ask = await genesysOf(sandbox)
  const posted = await ask('/jobs', post({ acceleratorId: 'support-line', parameters }))
  expect(posted.status).toBe(202)
  const created: unknown = await posted.json()
  expect(created).toMatchObject({
    dryRun: false,
    status: 'Created',
    acceleratorId: 'support-line',
    submittedBy: { id: someText },
  })
  const id = field(created, 'id')
  const [seen, job] = await follow(ask, id, (status) => status === 'Complete')
  expect(seen).toEqual(['202 Created', '202 Queued', '202 Running', '200 Complete'])
  const results = field(job, 'results')
  const made = sandbox.genesys.resources().filter((resource) => resource.startsWith(id))
  expect(results).toContain(`Resources: ${made.length} added`)
  expect(made.length).toBeGreaterThan(3)
  expect(results).not.toContain('hush')
  expect(await jsonOf(ask(`/jobs/${id}`))).not.toHaveProperty('results')
})

test('a dry run is over at once and creates nothing', async () => {
  const sandbox = await start()
  const ask = await genesysOf(sandbox)
  const answer = await ask('/jobs', post({ acceleratorId: 'support-line', parameters, dryRun: true }))
  const body: unknown = await answer.json()
  expect([answer.status, body]).toMatchObject([200, { dryRun: true, status: 'Complete' }])
  expect(await jsonOf(ask(`/jobs/${field(body, 'id')}?details=true`))).toMatchObject({ results: textWith('to add') })
  expect(sandbox.genesys.resources()).toEqual([])
})

test('a failed step is rolled back, and shows as Running meanwhile', async () => {
  const sandbox = await start()
  const ask = await genesysOf(sandbox)
  const id = await submit(ask, { acceleratorId: 'twin-queues' })
  const [seen, job] = await follow(ask, id, (status) => status.startsWith('Rollback'))
  expect(seen.at(-2)).toBe('202 Running')
  expect(job).toMatchObject({
    status: 'RollbackComplete',
    errorInfo: { message: textWith('already exists'), code: someText },
    results: textWith('Error: '),
    rollbackResults: textWith('2 destroyed'),
  })
  expect(sandbox.genesys.resources()).toEqual([])
})

test('or shows as Failed first, with 200', async () => {
  const ask = await genesysOf(await start({ genesys: { showsFailedFirst: true, stepMs: 100 } }))
  const id = await submit(ask, { acceleratorId: 'twin-queues' })
  const [seen] = await follow(ask, id, (status) => status.startsWith('Rollback'))
  expect(seen.slice(-3)).toEqual(['202 Running', '200 Failed', '200 RollbackComplete'])
})

test('the list has the last job alone, in the shape that is set', async () => {
  for (const historyShape of ['one', 'array', 'entities'] as const) {
    const ask = await genesysOf(await start({ genesys: { historyShape } }))
    await submit(ask, { acceleratorId: 'quick-wrapup-code', dryRun: true })
    const id = await submit(ask, { acceleratorId: 'quick-wrapup-code', dryRun: true })
    const body = await jsonOf(ask('/jobs'))
    const shapes = { one: [body], array: body, entities: isObject(body) ? body['entities'] : undefined }
    expect(shapes[historyShape]).toMatchObject([{ id }])
  }
})

test('what cannot be submitted says why', async () => {
  const ask = await genesysOf(await start())
  const errorOf = async (body: string, type = 'application/json'): Promise<unknown> =>
    jsonOf(ask('/jobs', { method: 'POST', body, headers: { 'content-type': type } }))
  for (const body of ['', '[]', '{}', '{"acceleratorId":1}', '{"acceleratorId":"x","dryRun":"no"}']) {
    expect(await errorOf(body)).toMatchObject({ status: 400, code: 'bad.request', contextId: someText })
  }
  const pairs = '{"acceleratorId":"support-line","parameters":[{"name":"queueName","value":1}]}'
  expect(await errorOf(pairs)).toMatchObject({ status: 400, code: 'bad.request' })
  expect(await errorOf('{"acceleratorId":"x","parameters":{}}')).toMatchObject({ code: 'bad.request' })
  expect(await errorOf('{"acceleratorId":"x"}')).toMatchObject({ status: 404, code: 'not.found', entityId: 'x' })
  expect(await errorOf('{}', 'text/plain')).toMatchObject({ status: 415, code: 'unsupported.media.type' })
  expect(await errorOf(`{"a":"${'x'.repeat(2 << 20)}"}`)).toMatchObject({
    status: 413,
    code: 'request.entity.too.large',
  })
})

test('no such job is not.found, and queries are checked', async () => {
  const ask = await genesysOf(await start())
  expect(await jsonOf(ask('/jobs/none'))).toMatchObject({ status: 404, code: 'not.found', entityId: 'none' })
  for (const query of ['/jobs?sortBy=name', '/jobs?maxResults=none', '/jobs?includeErrors=1', '/jobs/none?details=2']) {
    expect(await jsonOf(ask(query))).toMatchObject({ status: 400, code: 'invalid.query.param.value' })
  }
})
