import { inspect } from 'node:util'
import { BehaviorSubject, map, of } from 'rxjs'
import { expect, test } from 'vitest'
import { accessToken, type Auth } from '../../src/core/auth.ts'
import { client } from '../../src/core/client.ts'
import type { CallOptions } from '../../src/core/client-options.ts'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { HttpError } from '../../src/core/errors/index.ts'
import { Paced } from '../../src/core/paced.ts'
import type { Canned } from './support/canned.ts'
import { downloadThing, getThing, postThing, type Thing, tailThings } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const fine: Canned = { body: '{"id":"a"}' }
const failing =
  (...answers: ReadonlyArray<Canned>) =>
  (_: unknown, index: number): Canned =>
    answers[index] ?? fine
const down: Canned = { status: 503 }
const retry = { base: 100, random: () => 0.5 }
const as = (method: Endpoint<object, unknown>['method']): typeof getThing => ({ ...getThing, method })

test('run gives the value, exchange what it came with too', () => {
  const { client: api, outcome } = virtualClient(() => ({ ...fine, status: 203, headers: [['x-id', '7']] }))
  expect(outcome(api.run(getThing, { id: 'a' }))).toEqual({ values: [{ id: 'a' }], completed: true })
  expect(outcome(api.exchange(getThing, { id: 'a' })).values).toEqual([
    { status: 203, headers: [['x-id', '7']], value: { id: 'a' } },
  ])
})

test('nothing is asked before a subscription, and once for each', () => {
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

test('what can never work throws at the call', () => {
  const { client: api } = virtualClient(() => fine)
  expect(() => api.run(getThing, { id: '..' })).toThrow(TypeError)
  expect(() => client({ baseUrl: 'api.example.com', auth: accessToken('t') })).toThrow(/^baseUrl: /)
  const loginUrl = 'http://login.example.com'
  expect(() => client({ baseUrl: 'https://api.example.com', loginUrl, auth: accessToken('t') })).toThrow(/^loginUrl: /)
})

test.each<[Endpoint<object, unknown>['method'], CallOptions, boolean | undefined, number]>([
  ['GET', {}, undefined, 2],
  ['PUT', {}, undefined, 2],
  ['DELETE', {}, undefined, 2],
  ['POST', {}, undefined, 1],
  ['PATCH', {}, undefined, 1],
  ['POST', {}, true, 1],
  ['POST', { retry: true }, undefined, 2],
  ['POST', { retry: true }, false, 2],
  ['POST', { retry: { attempts: 2 } }, undefined, 2],
  ['GET', { retry: false }, undefined, 1],
  ['GET', {}, false, 1],
  ['GET', { retry: true }, false, 2],
])('%s with %o, the client saying %s, is sent %i times', (method, call, own, times) => {
  const { client: api, outcome, requests } = virtualClient(failing(down), own === undefined ? {} : { retry: own })
  const { values } = outcome(api.run(as(method), { id: 'a' }, call))
  expect([requests.length, values.length]).toEqual([times, times - 1])
})

test("a call's own policy replaces the client's, true means the client's", () => {
  const five = Array.from({ length: 5 }, () => down)
  for (const [call, times] of [
    [{}, [0, 50, 150, 350]],
    [{ retry: true }, [0, 50, 150, 350]],
    [{ retry: { attempts: 2, base: 10, random: () => 0.5 } }, [0, 5]],
  ] as const) {
    const { client: api, outcome, times: asked } = virtualClient(failing(...five), { retry: { ...retry, attempts: 4 } })
    expect(outcome(api.run(getThing, { id: 'a' }, call)).error).toMatchObject({ _tag: 'HttpError', status: 503 })
    expect(asked()).toEqual(times)
  }
})

test('Retry-After in seconds and as a date, up to the longest', () => {
  const seconds: Canned = { status: 429, headers: [['retry-after', '7']] }
  const date: Canned = { status: 503, headers: [['Retry-After', new Date(20_000).toUTCString()]] }
  const one = virtualClient(failing(seconds, date), { retry })
  expect(one.outcome(one.client.run(getThing, { id: 'a' })).values).toHaveLength(1)
  expect(one.times()).toEqual([0, 7_000, 20_000])

  const other = virtualClient(failing(seconds), { retry: { ...retry, maxRetryAfter: 6_999 } })
  expect(other.outcome(other.client.run(getThing, { id: 'a' })).error).toMatchObject({ status: 429, retryAfter: 7_000 })
  expect(other.times()).toEqual([0])
})

test('a connection that fails and a silence are repeated, what does not fit is not', () => {
  const {
    client: api,
    outcome,
    times,
  } = virtualClient(failing({ failure: new Error('reset') }, { after: 10_000 }, { body: '{"id":5}' }), {
    retry,
    timeout: 1_000,
  })
  expect(outcome(api.run(getThing, { id: 'a' })).error).toMatchObject({ _tag: 'DecodeError' })
  expect(times()).toEqual([0, 50, 1_150])
})

test('a stream is repeated until it has begun', () => {
  const {
    client: api,
    outcome,
    requests,
  } = virtualClient(failing(down, { headers: [['content-length', '100']], body: '{"id":1}\n' }), { retry })
  const { values, error } = outcome(api.run(tailThings, { id: 'a' }))
  expect([values, requests.length]).toEqual([[{ id: 1 }], 2])
  expect(error).toMatchObject({ _tag: 'NetworkError' })
})

test('leaving stops everything, in a wait and in an answer', () => {
  const { client: api, scheduler } = virtualClient(failing(down, { after: 10_000 }), { retry })
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

test('what it gives can be paced, and hands the pace on for streams alone', () => {
  const { client: api, requests, scheduler } = virtualClient(() => ({ after: 1 }))
  const ready = new BehaviorSubject(false)
  for (const answer of [api.run(downloadThing, { id: 'a' }), api.run(getThing, { id: 'a' })]) {
    if (!(answer instanceof Paced)) throw new Error('It cannot be paced.')
    answer.pipe(map((value: unknown) => value))
    answer.at(ready).subscribe({ error: () => undefined })
  }
  expect(requests.map(({ request }) => request.ready)).toEqual([ready, undefined])
  scheduler.flush()
})

test('an Auth whose headers go on changing sends a call once, with those of now', () => {
  const tokens = new BehaviorSubject('first')
  const auth: Auth = () => ({
    headers: () => tokens.pipe(map((token) => [['authorization', `Bearer ${token}`]])),
    secrets: () => [tokens.value],
  })
  const { client: api, outcome, requests } = virtualClient(() => ({ ...fine, after: 10 }), { auth })
  const source = api.run(postThing, { id: 'a' })
  const values: Array<Thing> = []
  source.subscribe((value) => values.push(value))
  tokens.next('second')
  expect(outcome(source)).toMatchObject({ completed: true })
  expect(requests.map(({ request }) => request.headers.find(([name]) => name === 'authorization')?.[1])).toEqual([
    'Bearer first',
    'Bearer second',
  ])
})

test('a 401 is no reason to ask again with the same key', () => {
  const { client: api, outcome, requests } = virtualClient(() => ({ status: 401 }))
  expect(outcome(api.run(getThing, { id: 'a' })).error).toBeInstanceOf(HttpError)
  expect(requests).toHaveLength(1)
})

test('an Auth that has no headers to give fails the call as it says', () => {
  const failure = new HttpError({ method: 'POST', path: '/token', status: 400 })
  const auth: Auth = () => ({
    headers: () =>
      of(0).pipe(
        map(() => {
          throw failure
        }),
      ),
    secrets: () => [],
  })
  const { client: api, outcome, requests } = virtualClient(() => fine, { auth })
  expect(outcome(api.run(getThing, { id: 'a' })).error).toBe(failure)
  expect(requests).toHaveLength(0)
})

test('shows nothing of what it holds', () => {
  const { client: api } = virtualClient(() => fine)
  expect(inspect(api, { depth: 10, showHidden: true }) + JSON.stringify(api)).not.toContain('a-token')
})
