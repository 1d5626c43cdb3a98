import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AuthError,
  backoff,
  type CallOptions,
  clampTimer,
  DecodeError,
  type Endpoint,
  HttpError,
  isTransient,
  longestTimer,
  NetworkError,
  RequestTimeoutError,
  type RequestError,
  retryPolicy,
} from '../../src/core/index.ts'
import { retryAfter } from '../../src/core/retry.ts'
import type { Canned } from './support/canned.ts'
import { getThing, tailThings } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const request = { method: 'GET', path: '/a' }
const http = (status: number, wait?: number): HttpError => new HttpError({ ...request, status, retryAfter: wait })
const network = (cause: unknown): NetworkError => new NetworkError({ ...request, cause })
const coded = (code: string, message = 'failed'): Error => Object.assign(new Error(message), { code })
const half = (): number => 0.5

test('statuses that may pass by themselves: 408, 429 and 5xx without 501 and 511, for tokens too', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => index + 100)
  const wanted = statuses.filter(
    (status) => status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 511),
  )
  expect(statuses.filter((status) => isTransient(http(status)))).toEqual(wanted)
  expect(statuses.filter((status) => isTransient(new AuthError({ ...request, status })))).toEqual(wanted)
})

test.each<[RequestError, boolean]>([
  [network(coded('ECONNRESET')), true],
  [network(coded('ECONNREFUSED')), true],
  [network(coded('EAI_AGAIN')), true],
  [network('the body ended after 7 of 10 bytes'), true],
  [new RequestTimeoutError({ ...request, after: 5, waitingFor: 'response' }), true],
  [new DecodeError({ ...request, issues: [] }), false],
  [network(new TypeError('fetch failed', { cause: coded('SELF_SIGNED_CERT_IN_CHAIN') })), false],
  [network(coded('DEPTH_ZERO_SELF_SIGNED_CERT')), false],
  [network(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')), false],
  [network(coded('CERT_HAS_EXPIRED')), false],
  [network(coded('ERR_TLS_CERT_ALTNAME_INVALID')), false],
  [network(coded('ERR_SSL_WRONG_VERSION_NUMBER')), false],
  [network(coded('ERR_INVALID_URL', 'Invalid URL')), false],
  [network(new TypeError('client error (Connect): invalid peer certificate: UnknownIssuer')), false],
  [network(Object.assign(new Error('Requires net access to "a:443"'), { name: 'NotCapable' })), false],
])('%s: passes by itself %s', (error, passes) => {
  expect(isTransient(error)).toBe(passes)
  expect(retryPolicy({}, half)(error, 1) !== undefined).toBe(passes)
})

test('an unknown host is tried three times', () => {
  const policy = retryPolicy({}, half)
  const error = network(
    new TypeError('fetch failed', { cause: coded('ENOTFOUND', 'getaddrinfo ENOTFOUND no.such.host') }),
  )
  expect([1, 2, 3].map((failures) => policy(error, failures) !== undefined)).toEqual([true, true, false])
})

test('the wait doubles up to 30 s with full jitter, and is never below 250 ms', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => backoff(failures, half))).toEqual([
    ...[500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000],
  ])
  expect(backoff(9, () => 0)).toBe(250)
  const waits = Array.from({ length: 200 }, () => backoff(20))
  expect(new Set(waits).size).toBeGreaterThan(150)
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_000)
})

test('Retry-After is a lower bound of the wait; nothing and the past leave the backoff', () => {
  const policy = retryPolicy({}, half)
  expect([undefined, 0, -5, Number.NaN].map((wait) => policy(http(503, wait), 1))).toEqual([500, 500, 500, 500])
  expect(policy(http(429, 60_000), 1)).toBe(63_000)
  expect(policy(http(429, 100), 5)).toBe(8_000)
})

test('a Retry-After beyond the bound is final, and the error tells how long it is', () => {
  const error = http(429, 900_001)
  expect(retryPolicy()(error, 1)).toBeUndefined()
  expect(error.message).toContain('asks to wait 900 s')
  expect(retryPolicy()(http(429, 900_000), 1)).toBeGreaterThanOrEqual(900_000)
  expect(retryPolicy({ maxRetryAfter: 10 })(http(429, 11), 1)).toBeUndefined()
})

test('maxAttempts and when decide in place of the defaults', () => {
  expect([19, 20].map((failures) => retryPolicy()(http(503), failures) !== undefined)).toEqual([true, false])
  expect(retryPolicy({ maxAttempts: 2 })(http(503), 2)).toBeUndefined()
  const policy = retryPolicy({ when: (error) => error._tag === 'HttpError' && error.status === 404 }, half)
  expect([http(404), http(503)].map((error) => policy(error, 1))).toEqual([500, undefined])
})

test('a wait is one that a timer can hold', () => {
  expect([-1, 5, 2 ** 40, Infinity].map(clampTimer)).toEqual([0, 5, longestTimer, longestTimer])
})

// ---- Retry-After

const now = Date.UTC(2026, 9, 21, 7, 28, 0)
const read = (value: string, date?: string): number | undefined =>
  retryAfter([['Retry-After', value], ...(date === undefined ? [] : [['date', date] as const])], now)

test.each<[value: string, wait: number | undefined]>([
  ['0', 0],
  ['7', 7_000],
  [' 1.5 ', 1_500],
  ['99999999999999999999', longestTimer],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ['Wed, 21 Oct 2099 07:00:00 GMT', longestTimer],
  ...['', ' ', '-5', '5s', 'soon', 'soon 5', '1e3', '0x10', 'Infinity', 'NaN', '5, 6', 'Wed'].map(
    (text): [string, undefined] => [text, undefined],
  ),
])('Retry-After: %j', (value, wait) => {
  expect(read(value)).toBe(wait)
})

test('a date is compared with the Date of the same response', () => {
  expect(read('Wed, 21 Oct 2026 07:28:30 GMT', 'Wed, 21 Oct 2026 07:28:20 GMT')).toBe(10_000)
  expect(read('Wed, 21 Oct 2026 07:28:30 GMT', 'nonsense')).toBe(30_000)
  expect(retryAfter([['date', 'Wed, 21 Oct 2026 07:28:00 GMT']], now)).toBeUndefined()
})

test('Retry-After is a wait that a timer can hold, or none, whatever the service says', () => {
  const dates = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(8e15) })
    .map((date) => date.toUTCString())
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), dates, fc.double().map(String)),
      fc.option(dates, { nil: undefined }),
      (...given) => {
        const wait = read(...given)
        if (wait !== undefined) expect(wait >= 0 && wait <= longestTimer).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})

// ---- calls

const fine: Canned = { body: '{"id":"a"}' }
const failing =
  (...answers: ReadonlyArray<Canned>) =>
  (_: unknown, index: number): Canned =>
    answers[index] ?? fine
const down: Canned = { status: 503 }
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
  ['POST', { retry: { maxAttempts: 2 } }, undefined, 2],
  ['GET', { retry: false }, undefined, 1],
  ['GET', {}, false, 1],
  ['GET', { retry: true }, false, 2],
])('%s with %o, the client saying %s, is sent %i times', (method, call, own, times) => {
  const { client: api, outcome, requests } = virtualClient(failing(down), own === undefined ? {} : { retry: own })
  const { values } = outcome(api.run(as(method), { id: 'a' }, call))
  expect([requests.length, values.length]).toEqual([times, times - 1])
})

test("a call's own policy replaces the client's, true means the client's", () => {
  for (const [call, times] of [
    [{}, [0, 500, 1_500, 3_500]],
    [{ retry: true }, [0, 500, 1_500, 3_500]],
    [{ retry: { maxAttempts: 2 } }, [0, 500]],
  ] as const) {
    const options = { retry: { maxAttempts: 4 }, random: half }
    const { client: api, outcome, times: sent } = virtualClient(() => down, options)
    expect(outcome(api.run(getThing, { id: 'a' }, call)).error).toMatchObject({ _tag: 'HttpError', status: 503 })
    expect(sent()).toEqual(times)
  }
})

test('by default a call is tried twenty times', () => {
  const { client: api, outcome, requests } = virtualClient(() => down)
  expect(outcome(api.run(getThing, { id: 'a' })).error).toMatchObject({ status: 503 })
  expect(requests).toHaveLength(20)
})

test('a failed connection and a timeout are retried, a body that does not fit is not', () => {
  const answers = failing({ failure: new Error('reset') }, { after: 10_000 }, { body: '{"id":5}' })
  const { client: api, outcome, times } = virtualClient(answers, { timeout: 1_000, random: half })
  expect(outcome(api.run(getThing, { id: 'a' })).error).toMatchObject({ _tag: 'DecodeError' })
  expect(times()).toEqual([0, 500, 2_500])
})

test('a stream is repeated until it has begun', () => {
  const {
    client: api,
    outcome,
    requests,
  } = virtualClient(failing(down, { headers: [['content-length', '100']], body: '{"id":1}\n' }))
  const { values, error } = outcome(api.run(tailThings, { id: 'a' }))
  expect([values, requests.length]).toEqual([[{ id: 1 }], 2])
  expect(error).toMatchObject({ _tag: 'NetworkError' })
})

test('a 401 is no reason to ask again with the same key', () => {
  const { client: api, outcome, requests } = virtualClient(() => ({ status: 401 }))
  expect(outcome(api.run(getThing, { id: 'a' })).error).toBeInstanceOf(HttpError)
  expect(requests).toHaveLength(1)
})
