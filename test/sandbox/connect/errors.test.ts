import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { answerError, answerNoRoute, ConnectError } from '../../../sandbox/connect/errors.ts'

async function answerTo(thrown: Error): Promise<[number, unknown]> {
  const app = new Hono()
  app.get('/', () => {
    throw thrown
  })
  app.onError(answerError)
  const answer = await app.request('/')
  return [answer.status, await answer.json()]
}

test('an error is answered with its status and the envelope', async () => {
  expect(await answerTo(new ConnectError(163))).toMatchObject([409, { code: 163, payload: null }])
  expect(await answerTo(new ConnectError(25, 'too long'))).toEqual([
    400,
    { code: 25, error: 'too long', payload: null },
  ])
})

test('what nobody expected is code 1', async () => {
  expect(await answerTo(new TypeError('odd'))).toMatchObject([500, { code: 1 }])
})

test('a route that is not there has no envelope', async () => {
  const app = new Hono()
  app.all('*', answerNoRoute)
  const answer = await app.request('/x')
  expect([answer.status, await answer.text()]).toEqual([404, '404 page not found'])
})
