import { connect } from 'node:net'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answerError, GenesysError } from '../../../sandbox/genesys/errors.ts'
import { genesysDefaults, type GenesysEnv, RateLimit, Tokens } from '../../../sandbox/genesys/genesys.ts'
import { Query } from '../../../sandbox/genesys/query.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import { field, genesysOf, jsonOf, sandboxes, someText } from '../support.ts'

const start = sandboxes()

describe('the API', () => {
  test('no token, a wrong token and an expired token are 401', async () => {
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

  test('every response has a correlation id, which is the contextId of errors', async () => {
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

  test('counts requests, and refuses those above the limit until the minute is over', async () => {
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
})

describe('tokens', () => {
  test('issues tokens, and answers with OAuth errors', async () => {
    const { url } = await start({ clientId: 'me', clientSecret: 'mine', genesys: { tokenSeconds: 120 } })
    const ask = (secret: string, body: string): Promise<Response> =>
      fetch(`${url}/oauth/token`, { method: 'POST', headers: { authorization: `Basic ${btoa(`me:${secret}`)}` }, body })
    const token = await jsonOf(ask('mine', 'grant_type=client_credentials'))
    expect(token).toEqual({ access_token: someText, token_type: 'bearer', expires_in: 120 })
    expect(field(token, 'access_token').length).toBeGreaterThan(20)
    const wrong = await ask('yours', 'grant_type=client_credentials')
    expect([wrong.status, await wrong.json()]).toEqual([401, { error: 'invalid_client', error_description: someText }])
    const other = await ask('mine', 'grant_type=password')
    expect([other.status, await other.json()]).toMatchObject([400, { error: 'unsupported_grant_type' }])
  })

  test('a client that disconnects within its request prints nothing on the terminal', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const sandbox = await start({ clientId: 'me', clientSecret: 'mine' })
    const { hostname, port } = new URL(sandbox.url)
    const socket = connect(Number(port), hostname)
    const closed = sandbox.closed()
    socket.write(
      `POST /oauth/token HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${btoa('me:mine')}\r\nContent-Length: 100\r\n\r\ngrant`,
    )
    await vi.waitFor(() => expect(sandbox.inFlight()).toBe(1))
    socket.destroy()
    expect((await closed).aborted).toBe(true)
    expect((await fetch(sandbox.url)).status).toBe(404)
    expect(told.mock.calls).toEqual([])
    told.mockRestore()
  })
})

describe('token lifetimes', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a token expires after its lifetime', () => {
    const tokens = new Tokens(60)
    const [first, second] = [tokens.issue(), tokens.issue()]
    expect(first).not.toBe(second)
    vi.advanceTimersByTime(59_999)
    expect([tokens.isValid(first), tokens.isValid('made up')]).toEqual([true, false])
    vi.advanceTimersByTime(1)
    expect(tokens.isValid(first)).toBe(false)
  })

  test('expireAll ends all tokens', () => {
    const tokens = new Tokens(60)
    const token = tokens.issue()
    tokens.expireAll()
    expect([tokens.isValid(token), tokens.isValid(tokens.issue())]).toEqual([false, true])
  })
})

describe('the rate limit', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('counts each token on its own for a minute', () => {
    const limit = new RateLimit(2)
    expect(limit.count('a')).toEqual({ count: 1, allowed: 2, reset: 60, exceeded: false })
    vi.advanceTimersByTime(20_500)
    expect(limit.count('a')).toMatchObject({ count: 2, reset: 40, exceeded: false })
    expect(limit.count('a')).toMatchObject({ count: 2, exceeded: true })
    expect(limit.count('b')).toMatchObject({ count: 1, reset: 60 })
    vi.advanceTimersByTime(39_500)
    expect(limit.count('a')).toMatchObject({ count: 1, reset: 60, exceeded: false })
  })
})

describe('errors', () => {
  function app(thrown: Error): Hono<GenesysEnv> {
    const server = new Hono<GenesysEnv>()
    server.get('/', () => {
      throw thrown
    })
    server.onError(answerError)
    return server
  }

  test('a GenesysError is answered as an ErrorBody', async () => {
    const refused = await app(
      new GenesysError(429, 'too.many.requests', 'Slow down.', { retryAfterSeconds: 7 }),
    ).request('/')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await refused.json()).toMatchObject({ code: 'too.many.requests', message: 'Slow down.', status: 429 })
  })

  test('an unexpected error is internal.server.error without its message', async () => {
    const broken = await app(new Error('the database password is swordfish')).request('/')
    expect(broken.status).toBe(500)
    expect(await broken.text()).not.toContain('swordfish')
  })
})

describe('query parameters', () => {
  function queryOf(text: string): Query {
    const search = new URLSearchParams(text)
    return new Query((name) => search.get(name) ?? undefined)
  }

  test('reads values and falls back to defaults', () => {
    const query = queryOf('a=text&yes=true&no=false&n=12&sort=desc')
    expect([query.text('a'), query.text('x')]).toEqual(['text', undefined])
    expect([query.flag('yes', false), query.flag('no', true), query.flag('x', true)]).toEqual([true, false, true])
    expect([query.positive('n', 1), query.positive('x', 7)]).toEqual([12, 7])
    expect([query.oneOf('sort', ['asc', 'desc']), query.oneOf('x', ['asc'])]).toEqual(['desc', undefined])
  })

  test('invalid values are invalid.query.param.value', () => {
    const query = queryOf('flag=yes&n=0&m=1.5&sort=up')
    for (const read of [
      () => query.flag('flag', true),
      () => query.positive('n', 1),
      () => query.positive('m', 1),
      () => query.oneOf('sort', ['asc']),
    ]) {
      expect(read).toThrow(expect.objectContaining({ status: 400, code: 'invalid.query.param.value' }))
    }
    expect(() => query.oneOf('sort', ['asc'])).toThrow(/\[up\].*\[sort\].*asc/)
  })
})

describe('settings', () => {
  test('tokenSeconds sets the lifetime of tokens', async () => {
    const lifetimeOf = async (tokenSeconds?: number): Promise<unknown> => {
      const sandbox = await startSandbox(tokenSeconds === undefined ? {} : { genesys: { tokenSeconds } })
      try {
        const { clientId, clientSecret, loginUrl } = sandbox.genesys
        const answer = await fetch(`${loginUrl}/oauth/token`, {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        })
        const body: unknown = await answer.json()
        return body
      } finally {
        await sandbox.close()
      }
    }
    expect(await lifetimeOf()).toMatchObject({ expires_in: genesysDefaults.tokenSeconds })
    expect(await lifetimeOf(7)).toMatchObject({ expires_in: 7 })
  })
})

describe('several sandboxes', () => {
  test('two sandboxes share nothing', async () => {
    const [one, other] = await Promise.all([startSandbox(), startSandbox()])
    try {
      const { clientId, clientSecret } = one.genesys
      const login = (url: string): Promise<Response> =>
        fetch(`${url}/oauth/token`, {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        })
      const answers = await Promise.all([login(one.genesys.loginUrl), login(other.genesys.loginUrl)])
      expect(answers.map(({ ok }) => ok)).toEqual([true, false])
    } finally {
      await Promise.all([one.close(), other.close()])
    }
  })
})
