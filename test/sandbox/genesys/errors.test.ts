import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { answerError, GenesysError } from '../../../sandbox/genesys/errors.ts'
import type { GenesysEnv } from '../../../sandbox/genesys/genesys.ts'

function app(thrown: Error): Hono<GenesysEnv> {
  const server = new Hono<GenesysEnv>()
  server.get('/', () => {
    throw thrown
  })
  server.onError(answerError)
  return server
}

test('what a route throws is answered as an ErrorBody', async () => {
  const refused = await app(new GenesysError(429, 'too.many.requests', 'Slow down.', { retryAfterSeconds: 7 })).request(
    '/',
  )
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
  expect(await refused.json()).toMatchObject({ code: 'too.many.requests', message: 'Slow down.', status: 429 })
})

test('a defect is an internal error and shows nothing of itself', async () => {
  const broken = await app(new Error('the database password is swordfish')).request('/')
  expect(broken.status).toBe(500)
  expect(await broken.text()).not.toContain('swordfish')
})
