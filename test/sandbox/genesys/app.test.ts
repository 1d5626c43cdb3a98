import { expect, test } from 'vitest'
import { genesysOf, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

test('without a token, with a wrong one, and with one whose time is over', async () => {
  const sandbox = await start()
  const ask = await genesysOf(sandbox)
  const base = `${sandbox.genesys.baseUrl}/api/v2/infrastructureascode/jobs`
  expect(await jsonOf(fetch(base))).toMatchObject({ status: 401, code: 'authentication.required' })
  const wrong = { headers: { authorization: 'Bearer made-up' } }
  expect(await jsonOf(fetch(base, wrong))).toMatchObject({ status: 401, code: 'bad.credentials' })
  expect((await ask('/jobs')).status).toBe(200)
  sandbox.genesys.expireTokens()
  expect(await jsonOf(ask('/jobs'))).toMatchObject({ status: 401, code: 'bad.credentials' })
})

test('every answer has a correlation id, an error the same one as its context', async () => {
  const ask = await genesysOf(await start())
  const well = await ask('/accelerators')
  expect(well.headers.get('inin-correlation-id')).toMatch(/^[\da-f-]{36}$/)
  const failed = await ask('/nothing')
  expect(failed.status).toBe(404)
  expect(await failed.json()).toEqual({
    message: someText,
    code: 'not.found',
    status: 404,
    messageParams: {},
    contextId: failed.headers.get('inin-correlation-id'),
    details: [],
    errors: [],
  })
})

test('requests are counted, and refused above the limit until the minute is over', async () => {
  const ask = await genesysOf(await start({ genesys: { requestsPerMinute: 2 } }))
  const first = await ask('/jobs')
  const header = (answer: Response, name: string): number => Number(answer.headers.get(`inin-ratelimit-${name}`))
  expect([header(first, 'count'), header(first, 'allowed')]).toEqual([1, 2])
  expect((await ask('/jobs')).status).toBe(200)
  const refused = await ask('/jobs')
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too.many.requests', status: 429 }])
  expect(Number(refused.headers.get('retry-after'))).toBe(header(refused, 'reset'))
  expect(header(refused, 'reset')).toBeGreaterThan(0)
})
