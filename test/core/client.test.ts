import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { tap } from 'rxjs'
import { expect, test } from 'vitest'
import { accessToken, client } from '../../src/core/index.ts'
import type { Canned } from './support/canned.ts'
import { exposed } from './support/exposed.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { outcomeOf, watch } from './support/outcome.ts'
import { getThing, postThing, tailThings } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const start = setups()

const fine: Canned = { body: '{"id":"a"}' }
const failing =
  (...answers: ReadonlyArray<Canned>) =>
  (_: unknown, index: number): Canned =>
    answers[index] ?? fine
const down: Canned = { status: 503 }

test('run gives the value, runWithResponse its status and headers, too', () => {
  const { client: api, outcome } = virtualClient(() => ({ ...fine, status: 203, headers: [['x-id', '7']] }))
  expect(outcome(api.run(getThing, { id: 'a' }))).toEqual({ values: [{ id: 'a' }], completed: true })
  expect(outcome(api.runWithResponse(getThing, { id: 'a' })).values).toEqual([
    { status: 203, headers: [['x-id', '7']], value: { id: 'a' } },
  ])
})

test('nothing is sent before a subscription, and one request for each', () => {
  const { client: api, outcome, requests } = virtualClient(() => fine)
  const answer = api.run(getThing, { id: 'a b' })
  expect(requests).toHaveLength(0)
  outcome(answer)
  outcome(answer)
  expect(requests.map(({ request }) => [request.method, request.url])).toEqual([
    ['GET', 'https://api.example.com/v1/things/a%20b'],
    ['GET', 'https://api.example.com/v1/things/a%20b'],
  ])
})

test('invalid parameters and addresses throw a TypeError synchronously', () => {
  const { client: api } = virtualClient(() => fine)
  expect(() => api.run(getThing, { id: '..' })).toThrow(TypeError)
  expect(() => client({ baseUrl: 'api.example.com', auth: accessToken('t') })).toThrow(/^baseUrl: /)
  const loginUrl = 'http://login.example.com'
  expect(() => client({ baseUrl: 'https://api.example.com', loginUrl, auth: accessToken('t') })).toThrow(/^loginUrl: /)
})

test('unsubscribing leaves no timer, in a wait and in a request', () => {
  const { client: api, scheduler } = virtualClient(failing(down, { after: 10_000 }))
  const first = api.run(getThing, { id: 'a' }).subscribe()
  expect(scheduler.actions).not.toHaveLength(0)
  first.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
  const second = api.run(getThing, { id: 'a' }).subscribe()
  expect(scheduler.actions).not.toHaveLength(0)
  second.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
})

test('after the end no timer is left', () => {
  const { client: api, scheduler, outcome } = virtualClient(failing(down))
  outcome(api.run(getThing, { id: 'a' }))
  expect(scheduler.actions).toHaveLength(0)
})

test('shows nothing of what it holds', () => {
  const { client: api } = virtualClient(() => fine)
  expect(inspect(api, { depth: 10, showHidden: true }) + JSON.stringify(api)).not.toContain('a-token')
})

test('headers of the client are sent with every request, the authorization over them', () => {
  const headers = { 'User-Agent': 'deployer/1', Authorization: 'Basic mine' }
  const { client: api, outcome, requests } = virtualClient(() => fine, { headers })
  outcome(api.run(getThing, { id: 'a' }))
  outcome(api.run(postThing, { id: 'a' }))
  for (const { request } of requests) {
    const sent = Object.fromEntries(request.headers)
    expect(sent).toMatchObject({
      accept: 'application/json',
      'user-agent': 'deployer/1',
      authorization: 'Bearer a-token',
    })
  }
})

test('a secret in a header of the client is shown by no error', () => {
  const options = {
    headers: { 'Proxy-Authorization': 'Basic aGVsbG8gd29ybGQ=', 'X-Api-Key': 'an-api-key' },
    retry: false,
  }
  const { client: api, outcome } = virtualClient(
    ({ headers }) => ({ status: 500, body: JSON.stringify(headers) }),
    options,
  )
  const { error } = outcome(api.run(getThing, { id: 'a' }))
  expect(error).toMatchObject({ status: 500 })
  expect(exposed(error, ['aGVsbG8gd29ybGQ=', 'an-api-key', 'a-token'])).toEqual([])
})

test.each([
  ['before the head', { after: 10_000 }],
  ['in a wait', { status: 503 }],
])('aborting the signal %s ends the call with its reason', (_, answer: Canned) => {
  const { client: api, scheduler, requests } = virtualClient(() => answer)
  const controller = new AbortController()
  const outcome = watch(api.run(getThing, { id: 'a' }, { signal: controller.signal }))
  scheduler.maxFrames = 100
  scheduler.flush()
  controller.abort(new Error('the tab was closed'))
  expect(outcome().error).toMatchObject({ _tag: 'NetworkError', cause: { message: 'the tab was closed' } })
  expect([scheduler.actions, requests.length]).toEqual([[], 1])
})

test('a signal that was aborted before sends nothing, and an end leaves no listener on it', () => {
  const { client: api, outcome, requests } = virtualClient(() => fine)
  const { error } = outcome(api.run(getThing, { id: 'a' }, { signal: AbortSignal.abort() }))
  expect([error, requests]).toMatchObject([{ _tag: 'NetworkError', cause: { name: 'AbortError' } }, []])
  const { signal } = new AbortController()
  expect(outcome(api.run(getThing, { id: 'a' }, { signal })).completed).toBe(true)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test.each(fetches)('%s: aborting the signal closes the connection', async (_, fetch) => {
  const { api, server } = await start((__, response) => void response.write('{}\n'), { fetch })
  const controller = new AbortController()
  const source = api.run(tailThings, { id: 'a' }, { signal: controller.signal })
  const ended = outcomeOf(source.pipe(tap(() => controller.abort('enough'))))
  expect((await ended).error).toMatchObject({ _tag: 'NetworkError', cause: { message: 'enough' } })
  await server.left
})
