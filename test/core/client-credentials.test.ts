import { inspect } from 'node:util'
import { firstValueFrom, forkJoin, retry, VirtualTimeScheduler } from 'rxjs'
import { describe, expect, test } from 'vitest'
import {
  client,
  clientCredentials,
  type HttpRequest,
  header,
  type StoredToken,
  type TokenStore,
} from '../../src/core/index.ts'
import { type Canned, canned } from './support/canned.ts'
import { SettableScheduler } from './support/schedulers.ts'
import { getThing, postThing } from './support/things.ts'
import { basic, clientId, clientSecret, fine, isToken, loginUrl, token, tokenService } from './support/token-service.ts'
import { virtualClient } from './support/virtual.ts'

test('asks for a token as RFC 6749 has it, and uses it', () => {
  const { client, outcome, requests, bearers } = tokenService()
  expect(outcome(client.run(getThing, { id: 'a' })).values).toEqual([{ id: 'a' }])
  expect(requests[0]?.request).toMatchObject({
    method: 'POST',
    url: `${loginUrl}/oauth/token`,
    body: 'grant_type=client_credentials',
  })
  const { headers } = requests[0]?.request ?? { headers: [] }
  expect(header(headers, 'authorization')).toBe(`Basic ${basic}`)
  expect(header(headers, 'content-type')).toBe('application/x-www-form-urlencoded')
  expect(bearers()).toEqual(['Bearer token-0'])
})

test('200 concurrent calls share one token request, and so do those that come while it runs', () => {
  const { client, outcome, tokens, bearers, scheduler } = tokenService()
  const calls = Array.from({ length: 200 }, () => client.run(getThing, { id: 'a' }))
  scheduler.schedule(() => client.run(getThing, { id: 'late' }).subscribe(), 99)
  expect(outcome(forkJoin(calls)).values).toHaveLength(1)
  expect(tokens()).toEqual([0])
  expect(new Set(bearers())).toEqual(new Set(['Bearer token-0']))
  expect(bearers()).toHaveLength(201)
})

test.each([
  ['a tenth before the end', { expires_in: 100 }, 90_000],
  ['a minute before the end', { expires_in: 86_400 }, 86_340_000],
  ['at once, when it has no life', { expires_in: 0 }, 0],
])('renews %s', (_, lifetime, after) => {
  const { client, tokens, scheduler } = tokenService((index) => token(index, lifetime))
  const call = (): void => void client.run(getThing, { id: 'a' }).subscribe()
  call()
  const got = 100
  if (after > 0) scheduler.schedule(call, got + after - 1)
  scheduler.schedule(call, got + after)
  scheduler.flush()
  expect(tokens()).toEqual([0, got + after])
})

test.each([{}, { expires_in: null }, { expires_in: 'soon' }, { expires_in: -1 }])(
  'a token with %o is kept',
  (lifetime) => {
    const { client, tokens, scheduler } = tokenService((index) => token(index, lifetime))
    for (const at of [0, 1_000, 1e9]) scheduler.schedule(() => client.run(getThing, { id: 'a' }).subscribe(), at)
    scheduler.flush()
    expect(tokens()).toEqual([0])
  },
)

test('a clock that is set back does not make a token live longer', () => {
  const scheduler = new SettableScheduler()
  let issued = 0
  const { transport, requests } = canned(scheduler, (request) =>
    isToken(request) ? token(issued++, { expires_in: 100 }) : fine,
  )
  const auth = clientCredentials({ clientId, clientSecret })
  const api = client({ baseUrl: 'https://api.example.com', loginUrl, auth, transport, scheduler })
  const call = (): void => void api.run(getThing, { id: 'a' }).subscribe()
  call()
  scheduler.schedule(() => {
    call()
    scheduler.setBy = -3_600_000
    call()
  }, 50_000)
  scheduler.schedule(call, 100_100)
  scheduler.flush()
  expect([issued, requests.length]).toEqual([2, 6])
})

test('no timer runs for the renewal', () => {
  const { client, outcome, scheduler } = tokenService()
  outcome(client.run(getThing, { id: 'a' }))
  expect(scheduler.actions).toHaveLength(0)
})

test('leaving the only call stops the token request, leaving one of two does not', () => {
  const { client, scheduler, tokens } = tokenService()
  const first = client.run(getThing, { id: 'a' }).subscribe()
  first.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
  const values: Array<unknown> = []
  const second = client.run(getThing, { id: 'a' }).subscribe()
  client.run(getThing, { id: 'a' }).subscribe((value) => values.push(value))
  second.unsubscribe()
  scheduler.flush()
  expect([tokens(), values]).toEqual([[0, 0], [{ id: 'a' }]])
})

test('tokens live in their client, not in the value that was configured', () => {
  const auth = clientCredentials({ clientId, clientSecret })
  const asked = [0, 1].map(() => {
    const { client, outcome, requests } = virtualClient((request) => (isToken(request) ? token(0) : fine), {
      loginUrl,
      auth,
    })
    outcome(client.run(getThing, { id: 'a' }))
    return requests.filter(({ request }) => isToken(request)).length
  })
  expect(asked).toEqual([1, 1])
})

test.each([
  [{ clientId: '', clientSecret }, /^clientId: /],
  [{ clientId, clientSecret: '' }, /^clientSecret: /],
  [{ clientId, clientSecret: `${clientSecret}\n` }, /^clientSecret: .*line end\?$/],
])('credentials that cannot stand in a header throw without being repeated', (credentials, words) => {
  expect(() => clientCredentials(credentials)).toThrow(words)
  expect(() => clientCredentials(credentials)).not.toThrow(/s3cr3t/)
})

test('the value and what is made of it show no secret', () => {
  const { client, outcome } = tokenService()
  outcome(client.run(getThing, { id: 'a' }))
  const shown = [clientCredentials({ clientId, clientSecret }), client].map((value) =>
    inspect(value, { depth: 10, showHidden: true }),
  )
  for (const secret of ['s3cr3t', basic, 'token-0']) expect(shown.join()).not.toContain(secret)
})

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
  expect(outcome(client.run(getThing, { id: 'a' }, { retry: true })).completed).toBe(true)
  expect(tokens()).toHaveLength(2)
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
    { _tag: 'AuthError', status: 403, detail: expect.stringContaining('a web page, not the API') as unknown },
  ],
  ['a limit', { status: 429, headers: [['retry-after', '3']], body: '[]' }, { _tag: 'AuthError', retryAfter: 3_000 }],
  [
    'a redirect',
    { status: 302, headers: [['location', 'https://login.example.com/sso?x=1']], body: '' },
    {
      _tag: 'AuthError',
      detail: expect.stringMatching(/^redirected to https:..login.example.com.sso, which/) as unknown,
    },
  ],
  ['a page', { body: '<html>' }, { _tag: 'DecodeError', issues: [{ path: '' }] }],
  ['no token', { body: '{}' }, { _tag: 'DecodeError', issues: [{ path: 'access_token', actual: 'missing' }] }],
  [
    'what can be no token',
    { body: '{"access_token":"a\\nb"}' },
    { _tag: 'DecodeError', issues: [{ actual: 'not one' }] },
  ],
  ['no connection', { failure: new Error('reset') }, { _tag: 'NetworkError', path: '/oauth/token' }],
  ['silence', { after: 1e9 }, { _tag: 'RequestTimeoutError', path: '/oauth/token', after: 30_000 }],
  ['too much', { body: `{"access_token":"${'x'.repeat(65_536)}"}` }, { _tag: 'DecodeError' }],
])('%s fails the call and nothing is asked of the API', (_, answer, error) => {
  const { client, outcome, bearers, scheduler } = tokenService(() => answer)
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject(error)
  expect(bearers()).toEqual([])
  expect(scheduler.actions).toHaveLength(0)
})

test('a page in place of a token says where it came from, without what is ours', () => {
  const { client, outcome } = tokenService(() => ({ body: `<html>Welcome ${basic}</html>` }))
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject({
    message:
      'POST /oauth/token at https://login.example.com: the body should be JSON, was ' +
      'a web page, not the API: is the address right, is a login or proxy before it?',
  })
})

test.each(['null', '[]', '5', '{"access_token":""}', '{"access_token":5}'])('%s holds no token', (body) => {
  const { client, outcome } = tokenService(() => ({ body }))
  expect(outcome(client.run(getThing, { id: 'a' })).error).toMatchObject({
    ...{ _tag: 'DecodeError', issues: [{ path: 'access_token' }] },
  })
})

describe('a token store', () => {
  /** A service that refuses the tokens of a list, and clients of it that share a clock. */
  function shared(revoked: ReadonlyArray<string> = [], life: object = { expires_in: 1_000 }) {
    const scheduler = new VirtualTimeScheduler()
    const seen = { fetched: 0, bearers: [] as Array<string> }
    const answer = (request: HttpRequest): Canned => {
      if (isToken(request)) return { ...token(seen.fetched++, life), after: undefined }
      const bearer = header(request.headers, 'authorization') ?? 'none'
      seen.bearers.push(bearer.replace('Bearer ', ''))
      const echo = JSON.stringify({ said: bearer })
      return revoked.some((one) => bearer === `Bearer ${one}`) ? { status: 401, body: echo } : { body: '{"id":"a"}' }
    }
    const clientWith = (tokenStore: TokenStore) =>
      virtualClient(answer, { loginUrl, auth: clientCredentials({ clientId, clientSecret, tokenStore }), scheduler })
        .client
    const wait = (ms: number): void => {
      scheduler.schedule(() => undefined, ms)
      scheduler.flush()
    }
    return { seen, scheduler, clientWith, wait }
  }
  /** A store in memory, which says what was done with it. */
  function memory(stored?: StoredToken, later = false) {
    const steps: Array<string> = []
    const held: { stored: StoredToken | undefined } = { stored }
    const store: TokenStore = {
      get: () => {
        steps.push('get')
        return later ? Promise.resolve(held.stored) : held.stored
      },
      set: (given) => {
        steps.push(`set ${given.token} until ${given.expiresAt}`)
        held.stored = given
        return later ? Promise.resolve('OK') : undefined
      },
    }
    return { store, steps, held }
  }
  const thing = { id: 'a' }

  test.each([false, true])(
    'gives several clients one token, and the next one when that is over (promises: %s)',
    async (later) => {
      const { seen, clientWith, wait } = shared()
      const { store, steps } = memory(undefined, later)
      const clients = [clientWith(store), clientWith(store), clientWith(store)]
      for (const api of clients) expect(await firstValueFrom(api.run(getThing, thing))).toEqual(thing)
      expect(steps).toEqual(['get', 'set token-0 until 940000', 'get', 'get'])
      wait(939_999)
      for (const api of clients) await firstValueFrom(api.run(getThing, thing))
      expect(seen.fetched).toBe(1)
      wait(1)
      for (const api of clients) await firstValueFrom(api.run(getThing, thing))
      expect(steps.slice(4)).toEqual(['get', 'set token-1 until 1880000', 'get', 'get'])
      expect(seen.bearers.map((bearer) => bearer.slice(-1)).join('')).toBe('000000111')
    },
  )

  test('is read once for all calls that wait', async () => {
    const { seen, clientWith } = shared()
    const { store, steps } = memory({ token: 'kept', expiresAt: 1_000 })
    const api = clientWith(store)
    await firstValueFrom(forkJoin(Array.from({ length: 50 }, () => api.run(getThing, thing))))
    expect([steps, seen.fetched, new Set(seen.bearers)]).toEqual([['get'], 0, new Set(['kept'])])
  })

  test('does not give a token again that was refused, whatever it holds', async () => {
    const { seen, clientWith, wait } = shared(['revoked'])
    const held = { token: 'revoked', expiresAt: 1e12 }
    const api = clientWith({ get: () => held, set: () => undefined })
    for (let call = 1; call <= 3; call++) {
      await firstValueFrom(api.run(getThing, thing))
      wait(1_000_000)
    }
    expect(seen.bearers).toEqual(['revoked', 'token-0', 'token-1', 'token-2'])
  })

  test('gives the token that another client fetched after both were refused', async () => {
    const revoked: Array<string> = []
    const { seen, clientWith } = shared(revoked)
    const { store } = memory()
    const clients = [clientWith(store), clientWith(store)]
    for (const api of clients) await firstValueFrom(api.run(getThing, thing))
    revoked.push('token-0')
    for (const api of clients) await firstValueFrom(api.run(getThing, thing))
    expect(seen.fetched).toBe(2)
    expect(seen.bearers.slice(2)).toEqual(['token-0', 'token-1', 'token-0', 'token-1'])
  })

  const secretOfStore = 'redis://user:pa55@host'
  const fail = (): never => {
    throw new Error(secretOfStore)
  }
  const failures: ReadonlyArray<[what: string, get: () => unknown]> = [
    ['throws', fail],
    ['rejects', () => Promise.reject(new Error(secretOfStore))],
    ...[null, 'a text', 5, [], {}, { token: 5, expiresAt: 1e12 }, { token: 'a\nb', expiresAt: 1e12 }].map(
      (found): [string, () => unknown] => [`gives ${JSON.stringify(found)}`, () => found],
    ),
    ...[{}, { expiresAt: 0 }, { expiresAt: null }, { expiresAt: 'soon' }, { expiresAt: Number.NaN }].map(
      (life): [string, () => unknown] => [
        `gives a token with ${JSON.stringify(life)}`,
        () => ({ token: 'kept', ...life }),
      ],
    ),
  ]
  test.each(failures)('that %s is no failure of the call', async (_, get) => {
    for (const set of [fail, () => Promise.reject(new Error(secretOfStore))]) {
      const { seen, clientWith } = shared()
      // @ts-expect-error: as a caller without types may do
      const store: TokenStore = { get, set }
      expect(await firstValueFrom(clientWith(store).run(getThing, thing))).toEqual(thing)
      expect(seen.bearers).toEqual(['token-0'])
    }
  })

  test('that gives nothing for five seconds is left out, and no timer stays', async () => {
    const { seen, clientWith, scheduler } = shared()
    const answer = firstValueFrom(clientWith({ get: () => new Promise(() => {}), set: fail }).run(getThing, thing))
    scheduler.flush()
    expect(await answer).toEqual(thing)
    expect([seen.fetched, scheduler.now(), scheduler.actions]).toEqual([1, 5_000, []])
    await firstValueFrom(clientWith(memory({ token: 'kept', expiresAt: 1e6 }).store).run(getThing, thing))
    expect([seen.bearers, scheduler.actions]).toEqual([['token-0', 'kept'], []])
  })

  test('does not get a token whose life is not known', async () => {
    const { clientWith } = shared([], {})
    const { store, steps } = memory()
    await firstValueFrom(clientWith(store).run(getThing, thing))
    expect(steps).toEqual(['get'])
  })

  test('and its tokens are in no error and in no inspection', async () => {
    const { clientWith } = shared(['kept', 'token-0'])
    const { store } = memory({ token: 'kept', expiresAt: 1e6 })
    const api = clientWith(store)
    const error: unknown = await firstValueFrom(api.run(getThing, thing)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 401, body: { said: 'Bearer [secret]' } })
    const { client: broken } = virtualClient(() => ({ status: 400, body: '{"error":"invalid_client"}' }), {
      loginUrl,
      auth: clientCredentials({ clientId, clientSecret, tokenStore: { get: fail, set: fail } }),
    })
    const refused: unknown = await firstValueFrom(broken.run(getThing, thing)).catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ _tag: 'AuthError', code: 'invalid_client' })
    const shown = [error, refused, api, broken].map((value) => inspect(value, { depth: 10, showHidden: true }))
    for (const secret of ['kept', 'token-0', 'pa55', 's3cr3t']) expect(shown.join()).not.toContain(secret)
  })

  test.each([{}, { get: () => undefined }, { get: 5, set: 5 }, 'a path'])('%o is none', (tokenStore) => {
    // @ts-expect-error: as a caller without types may do
    expect(() => clientCredentials({ clientId, clientSecret, tokenStore })).toThrow(
      /^tokenStore: must have get and set$/,
    )
  })
})
