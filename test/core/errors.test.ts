import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { NEVER, timeout, VirtualTimeScheduler } from 'rxjs'
import { expect, test, vi } from 'vitest'
import * as core from '../../src/core/index.ts'
import {
  AuthError,
  BaseError,
  causeOf,
  DecodeError,
  HttpError,
  isBranded,
  isRequestError,
  NetworkError,
  type RequestDescription,
  type RequestError,
  RequestTimeoutError,
  tagOf,
  withObservedResponses,
} from '../../src/core/index.ts'
import { loadInOtherRealm } from './support/other-realm.ts'
import { servers } from './support/server.ts'

const serve = servers()
const request: RequestDescription = { method: 'GET', path: '/jobs/7', origin: 'https://host', correlationId: 'c-1' }
const bare = { method: 'GET', path: '/a' }
const because = (message: string, cause: unknown): Error => new Error(message, { cause })

/** One of each class, with every field that it can have. */
const samples: ReadonlyArray<RequestError> = [
  new HttpError({
    ...request,
    ...{
      status: 404,
      code: 'not.found',
      detail: 'no such job',
      retryAfter: 5,
      missing: 'object',
      advice: 'look again',
    },
    body: { code: 'not.found' },
  }),
  new NetworkError({ ...request, cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) }),
  new RequestTimeoutError({ ...request, after: 30_000, waitingFor: 'response' }),
  new DecodeError({ ...request, issues: [{ path: 'entries[3].data', expected: 'string', actual: '5' }] }),
  new AuthError({ ...request, status: 401, code: 'invalid_client', detail: 'unknown client', retryAfter: 7 }),
]

test.each(samples)('$_tag is an Error whose name is its tag and whose message names the request', (error) => {
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe(error._tag)
  expect(error.message).toMatch(/^GET \/jobs\/7 at https:\/\/host: \S/)
  expect(String(error)).toBe(`${error._tag}: ${error.message}`)
  expect(error).toMatchObject(request)
  expect(tagOf(error)).toBe(error._tag)
  expect([isBranded(error), isRequestError(error)]).toEqual([true, true])
})

test.each(samples)('the JSON of $_tag has all of its fields but an error body', (error) => {
  const own = Object.fromEntries(Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name)]))
  const { stack, body, ...shown } = own
  expect(stack).toContain(error.message)
  expect(body === undefined).toBe(error._tag !== 'HttpError')
  expect(JSON.parse(JSON.stringify(error))).toEqual(shown)
  expect(Object.keys(shown).length).toBeGreaterThan(6)
})

test.each(samples)('the JSON of $_tag is recognised as it was, and made an error again says the same', (error) => {
  const parsed: unknown = JSON.parse(JSON.stringify(error))
  expect([tagOf(parsed), isBranded(parsed), isRequestError(parsed)]).toEqual([error._tag, true, true])
  const again: unknown = Reflect.construct(error.constructor, [parsed])
  expect(again).toBeInstanceOf(error.constructor)
  expect(String(again)).toBe(String(error))
})

test.each(samples)(
  'however $_tag is printed, it shows what was asked of whom, the last phase and how long it took',
  (error) => {
    const observed = withObservedResponses(error, { running: 57 }, { elapsed: 243_210, lastPhase: 'running' })
    const lines: Array<unknown> = []
    const printer = new Console(new Writable({ write: (text, _, done) => done(void lines.push(String(text))) }))
    printer.log(observed)
    printer.error('%s', observed)
    for (const text of [
      String(observed),
      inspect(observed),
      JSON.stringify(observed),
      String(observed.stack),
      ...lines,
    ]) {
      expect(text).toContain('GET /jobs/7 at https://host')
      expect(text).toContain('(after 57 × running, in 243.2 s) (last phase running)')
      expect(text).not.toContain('undefined')
      if ('status' in error) expect(text).toContain(`${error.status}`)
    }
    expect(lines).toHaveLength(2)
    expect(JSON.parse(JSON.stringify(observed))).toMatchObject({ elapsed: 243_210, lastPhase: 'running' })
  },
)

test('an error body is for the program and not for its logs', () => {
  const error = new HttpError({ ...bare, status: 500, body: { note: 'hunter2' } })
  for (const each of [error, withObservedResponses(error, { running: 3 })]) {
    expect(each.body).toEqual({ note: 'hunter2' })
    for (const text of [JSON.stringify(each), inspect(each, { depth: null }), String(each)]) {
      expect(text).not.toContain('hunter2')
    }
  }
})

test.each(samples)('a copy of $_tag with observed responses is the same error otherwise', (error) => {
  const observed = { queued: 3, 'HttpError 503': 2 }
  const copy = withObservedResponses(error, observed)
  const { message, ...rest } = JSON.parse(JSON.stringify(error)) as Record<string, unknown>
  expect(copy).toBeInstanceOf(error.constructor)
  expect(isRequestError(copy)).toBe(true)
  expect(JSON.parse(JSON.stringify(copy))).toEqual({
    ...rest,
    message: `${String(message)} (after 3 × queued, 2 × HttpError 503)`,
    observedResponses: observed,
  })
  expect(withObservedResponses(copy, {}).message).toBe(message)
})

test('a subclass of somebody else keeps its fields, its hidden ones hidden', () => {
  class Late extends BaseError {
    declare readonly _tag: 'Late'
    declare readonly last: unknown
    declare readonly deadline: number
    constructor(init: RequestDescription & { readonly last: unknown; readonly deadline: number }) {
      super('Late', init, `not over after ${init.deadline} ms`)
    }
  }
  const error = new Late({ ...bare, last: { job: 'hunter2' }, deadline: 5 })
  const copy = withObservedResponses(error, { running: 1 })
  expect(copy).toBeInstanceOf(Late)
  expect([copy.message, copy.deadline, copy.last]).toEqual([
    'GET /a: not over after 5 ms (after 1 × running)',
    5,
    { job: 'hunter2' },
  ])
  expect(JSON.stringify(copy)).not.toContain('hunter2')
  expect([isBranded(error), isRequestError(error)]).toEqual([true, false])
})

test('an error from a second copy of the package is recognised', async () => {
  vi.resetModules()
  const copy = await import('../../src/core/index.ts')
  const foreign = new copy.HttpError({ ...bare, status: 500 })
  expect(foreign).not.toBeInstanceOf(HttpError)
  expect(isRequestError(foreign)).toBe(true)
  expect(withObservedResponses(foreign, { running: 1 }).message).toBe('GET /a: 500 (after 1 × running)')
})

test.each([
  ['HttpError', { status: 500 }],
  ['NetworkError', { cause: 'gone' }],
  ['RequestTimeoutError', { after: 5, waitingFor: 'body' }],
  ['DecodeError', { issues: [] }],
  ['AuthError', { status: 401 }],
])('a %s from another realm is recognised', (name, init) => {
  const realm = loadInOtherRealm(new URL('../../src/core/errors.ts', import.meta.url))
  const make = realm[name]
  if (typeof make !== 'function') throw new Error(`${name} is no class`)
  const foreign: unknown = Reflect.construct(make, [{ ...bare, ...init }])
  expect(foreign).not.toBeInstanceOf(Error)
  expect(tagOf(foreign)).toBe(name)
  expect(isRequestError(foreign)).toBe(true)
})

test.each([
  undefined,
  null,
  'HttpError',
  { _tag: 'HttpError' },
  new Error('HttpError'),
  Object.assign(new Error(), { _tag: 'HttpError' }),
  { _tag: 'HttpError', name: 'Error', message: 'no', method: 'GET', path: '/a' },
  { _tag: 'HttpError', name: 'HttpError', message: 'no', method: 'GET' },
  structuredClone(samples[0]),
])('%o is no error of this package', (value) => {
  expect([tagOf(value), isBranded(value), isRequestError(value)]).toEqual([undefined, false, false])
})

test('what cannot even be looked at is no error of this package, and a cause all the same', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  expect([isRequestError(proxy), causeOf(proxy).message]).toEqual([false, 'no reason given'])
})

test('the timeout of rxjs is another error', () => {
  const thrown: Array<unknown> = []
  const scheduler = new VirtualTimeScheduler()
  NEVER.pipe(timeout({ each: 5, scheduler })).subscribe({ error: (error: unknown) => thrown.push(error) })
  scheduler.flush()
  expect(thrown.map(isRequestError)).toEqual([false])
})

test.each<[RequestError, string]>([
  [new HttpError({ ...bare, status: 500 }), '500'],
  [new HttpError({ ...bare, status: 404, code: 4 }), '404 (code 4)'],
  [new HttpError({ ...bare, status: 409, code: 'conflict', detail: 'it runs' }), '409 conflict: it runs'],
  [new HttpError({ ...bare, status: 400, detail: '' }), '400'],
  [new HttpError({ ...bare, status: 404, missing: 'object' }), '404'],
  [
    new HttpError({ ...bare, status: 404, missing: 'endpoint' }),
    '404 (no such endpoint: is the address right, the server new enough?)',
  ],
  [new HttpError({ ...bare, status: 401, detail: 'no' }), "401: no (is the client's apiKey or auth right?)"],
  [new HttpError({ ...bare, status: 401, advice: 'ask again' }), '401 (ask again)'],
  [new HttpError({ ...bare, status: 403 }), "403 (may the user of the client's apiKey or auth do this?)"],
  [
    new HttpError({ ...bare, status: 429, retryAfter: 3_600_000 }),
    '429 (the service asks to wait 3600 s; a wait is at most maxRetryAfter)',
  ],
  [new AuthError({ ...bare, status: 503 }), 'no token: 503'],
  [
    new AuthError({ ...bare, status: 401, code: 'invalid_client', detail: 'unknown' }),
    'no token: 401 invalid_client: unknown (are clientId and clientSecret right, and of this region?)',
  ],
  [new RequestTimeoutError({ ...bare, after: 5, waitingFor: 'response' }), 'no response within 5 ms'],
  [new RequestTimeoutError({ ...bare, after: 5, waitingFor: 'body' }), 'nothing more of the body for 5 ms'],
  [new NetworkError({ ...bare, cause: because('fetch failed', new Error('reset')) }), 'fetch failed: reset'],
  [
    new NetworkError({ ...bare, cause: Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }) }),
    'socket hang up (ECONNRESET)',
  ],
  [
    new DecodeError({ ...bare, issues: [{ path: 'a.b', expected: 'string', actual: '5' }] }),
    'a.b should be string, was 5',
  ],
  [
    new DecodeError({
      ...bare,
      issues: Array.from({ length: 3 }, () => ({ path: '', expected: 'JSON', actual: '5' })),
    }),
    'the body should be JSON, was 5 (and 2 more)',
  ],
  [new DecodeError({ ...bare, issues: [] }), 'the body does not fit'],
])('the message of %s', (error, message) => {
  expect(error.message).toBe(`GET /a: ${message}`)
})

test('a message is one line without control characters, and a text of the service is cut in it', () => {
  const of = (detail: string): string => new HttpError({ ...bare, status: 400, detail }).message.slice(13)
  expect(of('no\r\n2026 INFO all is well \u001b[2J\u0007\u009b31m\u2028\u202egnp.exe\u2066\u0000')).toBe(
    'no 2026 INFO all is well  [2J 31m gnp.exe ',
  )
  expect(of('x'.repeat(301))).toBe(`${'x'.repeat(295)}…`)
  expect(of(`${'x'.repeat(294)}😀`)).toBe(`${'x'.repeat(294)}…`)
  expect(of('é 😀 \u00ad')).toBe('é 😀 \u00ad')
  const forged = new NetworkError({
    ...bare,
    path: 'job\r\n2026 INFO',
    cause: 'gone',
    observedResponses: { 'seen: a\n2026 INFO\u001b[2J': 2, ['x'.repeat(301)]: 1 },
  })
  expect(forged.message).toBe(`GET job 2026 INFO: gone (after 2 × seen: a 2026 INFO [2J, 1 × ${'x'.repeat(300)}…)`)
})

test('our own advice stays whole behind a long text of the service', () => {
  const advice = `ask ${'again and '.repeat(100)}again`
  const { message } = new HttpError({ ...bare, status: 401, detail: 'n'.repeat(400), advice })
  expect(message).toBe(`GET /a: 401: ${'n'.repeat(295)}… (${advice})`)
})

test('a NetworkError keeps the texts of what was thrown and not the object', () => {
  const thrown = Object.assign(new Error('no'), { code: 'E', config: { headers: { authorization: 'Key k' } } })
  expect(new NetworkError({ ...bare, cause: thrown }).cause).toEqual({ name: 'Error', message: 'no', code: 'E' })
})

test.each([
  ['plain', 'plain'],
  ['', 'no reason given'],
  [undefined, 'no reason given'],
  [42, 'no reason given'],
  [{ message: 'of an object' }, 'of an object'],
  [because('fetch failed', because('connect', new Error('refused'))), 'fetch failed: connect: refused'],
  [because('failed: refused', new Error('refused')), 'failed: refused'],
  [new AggregateError([new Error('one'), new Error('two')], 'all failed'), 'all failed: one'],
])('the cause of %o', (thrown, message) => {
  expect(causeOf(thrown).message).toBe(message)
})

test('the code of a cause is the nearest one below', () => {
  expect(causeOf(because('a', because('b', Object.assign(new Error('c'), { code: 'EPIPE' })))).code).toBe('EPIPE')
  expect(causeOf(Object.assign(new Error('a'), { code: 7 }))).not.toHaveProperty('code')
})

test('causes that refer to each other end', () => {
  const loop = new Error('loop')
  loop.cause = because('back', loop)
  expect(causeOf(loop).message).toMatch(/^loop: back/)
})

test('the cause of a cause is itself, whatever was thrown', () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const cause = causeOf(thrown)
      expect(cause.message).not.toBe('')
      expect(causeOf(cause)).toEqual(cause)
    }),
    { numRuns: 1000 },
  )
})

test("the reason of a refused connection is found below the platform's fetch failed", async () => {
  const { url, close } = await serve((_, response) => response.end())
  await close()
  const thrown: unknown = await fetch(url).catch((error: unknown) => error)
  expect(causeOf(thrown)).toMatchObject({ code: 'ECONNREFUSED' })
  expect(causeOf(thrown).message).toContain('ECONNREFUSED')
})

test('every error class is exported', () => {
  expect(samples.every(({ _tag }) => _tag in core)).toBe(true)
})
