import { forkJoin, retry } from 'rxjs'
import { expect, test } from 'vitest'
import { errorBodyBytes } from '../../src/core/http-failure.ts'
import { type HttpRequest, header } from '../../src/core/transport.ts'
import type { Canned } from './support/canned.ts'
import { getThing, postThing } from './support/things.ts'
import { fine, token, tokenService } from './support/token-service.ts'

test.each([false, true])('a 401 gets a new token once and the request is repeated (all at once: %s)', (sync) => {
  const { client, outcome, tokens, bearers } = tokenService(
    undefined,
    (_, index) => (index === 0 ? { status: 401, after: 10 } : fine),
    sync,
  )
  expect(outcome(client.run(getThing, { id: 'a' }))).toEqual({ values: [{ id: 'a' }], completed: true })
  expect([tokens().length, bearers()]).toEqual([2, ['Bearer token-0', 'Bearer token-1']])
  expect(outcome(client.run(getThing, { id: 'a' })).completed).toBe(true)
  expect(tokens()).toHaveLength(2)
})

test('a second 401 is the end', () => {
  const { client, outcome, bearers } = tokenService(undefined, () => ({ status: 401, after: 10 }))
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject({ _tag: 'HttpError', status: 401 })
  expect(bearers()).toHaveLength(2)
})

test('refusals of tokens whose time was up are no verdict, three times; of a fresh one the second is', () => {
  const short = (index: number): Canned => token(index, { expires_in: 1 })
  const slow = tokenService(short, (_, index) => (index < 3 ? { status: 401, after: 2_000 } : fine))
  expect(slow.outcome(slow.client.run(getThing, { id: 'a' }))).toMatchObject({ completed: true })
  expect(slow.bearers()).toHaveLength(4)
  const slower = tokenService(short, () => ({ status: 401, after: 2_000 }))
  expect(slower.outcome(slower.client.run(getThing, { id: 'a' })).error).toMatchObject({ status: 401 })
  expect(slower.bearers()).toHaveLength(4)
  const quick = tokenService(short, (_, index) => ({ status: 401, after: index === 0 ? 2_000 : 100 }))
  expect(quick.outcome(quick.client.run(getThing, { id: 'a' })).error).toMatchObject({ status: 401 })
  expect(quick.bearers()).toHaveLength(2)
})

test('a POST is not repeated after a 401, but the next one has a new token', () => {
  const { client, outcome, bearers } = tokenService(undefined, (_, index) =>
    index === 0 ? { status: 401, after: 10 } : fine,
  )
  expect(outcome(client.run(postThing, { id: 'a' })).error).toMatchObject({ status: 401 })
  expect(bearers()).toEqual(['Bearer token-0'])
  expect(outcome(client.run(postThing, { id: 'a' })).completed).toBe(true)
  expect(bearers()).toEqual(['Bearer token-0', 'Bearer token-1'])
})

test('many calls that get a 401 for the same token share one new one', () => {
  const refused = (request: HttpRequest): Canned =>
    header(request.headers, 'authorization') === 'Bearer token-0' ? { status: 401, after: 10 } : fine
  const { client, outcome, tokens } = tokenService(undefined, refused)
  const calls = Array.from({ length: 50 }, () => client.run(getThing, { id: 'a' }))
  expect(outcome(forkJoin(calls)).completed).toBe(true)
  expect(tokens()).toHaveLength(2)
})

test('a late 401 for a token that is no longer used does not cost a new one', () => {
  const { client, scheduler, tokens } = tokenService(undefined, (request) => ({
    status: header(request.headers, 'authorization') === 'Bearer token-0' ? 401 : 200,
    body: '{"id":"a"}',
    after: request.url.endsWith('slow') ? 5_000 : 10,
  }))
  for (const id of ['slow', 'quick']) client.run(getThing, { id }).subscribe()
  scheduler.flush()
  expect(tokens()).toHaveLength(2)
})

test('after a failure the next call asks anew', () => {
  const { client, outcome, tokens } = tokenService((index) => (index === 0 ? { status: 500, after: 5 } : token(index)))
  expect(outcome(forkJoin([client.run(getThing, { id: 'a' }), client.run(getThing, { id: 'b' })])).error).toMatchObject(
    {
      _tag: 'AuthError',
    },
  )
  expect(outcome(client.run(getThing, { id: 'a' })).completed).toBe(true)
  expect(tokens()).toHaveLength(2)
})

test('those who ask anew as soon as it fails share one request, and with who comes while it runs', () => {
  const { client, scheduler, tokens, bearers } = tokenService((index) =>
    index === 0 ? { status: 503, after: 100 } : token(index),
  )
  const call = client.run(getThing, { id: 'a' })
  for (const repeated of [call, call]) repeated.pipe(retry(1)).subscribe()
  scheduler.schedule(() => call.subscribe(), 150)
  scheduler.flush()
  expect([tokens(), bearers()]).toEqual([[0, 100], Array.from({ length: 3 }, () => 'Bearer token-1')])
})

test('a token that was refused is still a secret when there is a new one', () => {
  const { client, outcome } = tokenService(undefined, (_, index) =>
    index === 0 ? { status: 401, after: 10 } : { status: 500, body: '{"said":"token-0 was better"}', after: 10 },
  )
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject({
    status: 500,
    body: { said: '[secret] was better' },
  })
})

test('a token service that is down for a moment is asked again, where calls are repeated', () => {
  const { client, outcome, tokens } = tokenService((index) => (index === 0 ? { status: 503, after: 5 } : token(index)))
  const patient = { base: 100, random: () => 0.5 }
  expect(outcome(client.run(getThing, { id: 'a' }, { retry: patient })).completed).toBe(true)
  expect(tokens()).toEqual([0, 55])
})

test.each<[string, Canned, object]>([
  [
    'a refusal',
    { status: 400, body: '{"error":"invalid_client","error_description":"unknown"}' },
    { _tag: 'AuthError', status: 400, code: 'invalid_client', detail: 'unknown' },
  ],
  [
    'a refusal in other words',
    { status: 401, body: '{"description":"no"}' },
    { _tag: 'AuthError', status: 401, code: undefined, detail: 'no' },
  ],
  [
    'a refusal without words',
    { status: 403, body: '<html>' },
    { _tag: 'AuthError', status: 403, message: 'POST /oauth/token at https://login.example.com: no token: 403' },
  ],
  ['a limit', { status: 429, headers: [['retry-after', '3']], body: '[]' }, { _tag: 'AuthError', retryAfter: 3_000 }],
  ['a redirect', { status: 302, headers: [['location', 'https://evil.example']] }, { _tag: 'AuthError', status: 302 }],
  ['a page', { body: '<html>' }, { _tag: 'DecodeError', issues: [{ path: '' }] }],
  ['no token', { body: '{}' }, { _tag: 'DecodeError', issues: [{ path: 'access_token', actual: 'missing' }] }],
  [
    'what can be no token',
    { body: '{"access_token":"a\\nb"}' },
    { _tag: 'DecodeError', issues: [{ actual: 'not one' }] },
  ],
  ['no connection', { failure: new Error('reset') }, { _tag: 'NetworkError', path: '/oauth/token' }],
  ['silence', { after: 1e9 }, { _tag: 'TimeoutError', path: '/oauth/token', after: 30_000 }],
  ['too much', { body: `{"access_token":"${'x'.repeat(errorBodyBytes)}"}` }, { _tag: 'DecodeError' }],
])('%s fails the call and nothing is asked of the API', (_, answer, error) => {
  const { client, outcome, bearers, scheduler } = tokenService(() => answer)
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject(error)
  expect(bearers()).toEqual([])
  expect(scheduler.actions).toHaveLength(0)
})
