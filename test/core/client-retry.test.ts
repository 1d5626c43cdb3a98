import { expect, test } from 'vitest'
import type { CallOptions } from '../../src/core/client-options.ts'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { HttpError } from '../../src/core/errors/index.ts'
import type { Canned } from './support/canned.ts'
import { getThing, tailThings } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const fine: Canned = { body: '{"id":"a"}' }
const failing =
  (...answers: ReadonlyArray<Canned>) =>
  (_: unknown, index: number): Canned =>
    answers[index] ?? fine
const down: Canned = { status: 503 }
const retry = { base: 100, random: () => 0.5 }
const as = (method: Endpoint<object, unknown>['method']): typeof getThing => ({ ...getThing, method })

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

test('a 401 is no reason to ask again with the same key', () => {
  const { client: api, outcome, requests } = virtualClient(() => ({ status: 401 }))
  expect(outcome(api.run(getThing, { id: 'a' })).error).toBeInstanceOf(HttpError)
  expect(requests).toHaveLength(1)
})
