// Who asks: an API key, OAuth tokens, Snowflake's two headers, or an Auth of one's own.
import { inspect } from 'node:util'
import { firstValueFrom, type ObservableInput, of } from 'rxjs'
import { watchJob } from 'rxjobs'
import { accessToken, client, clientCredentials, connect, getJobs, snowflakeAuth } from 'rxjobs/connect'
import type { Auth, Authorizer, Headers, HttpRequest } from 'rxjobs/core'
import { describe, expect, test } from 'vitest'
import { answering, type Canned, errorOf, refusal, sendJson, serve } from '../support.ts'

const server = 'https://host'
const content = { guid: 'g' }
const headerOf = ({ headers }: HttpRequest, wanted: string): string | undefined =>
  headers.find(([name]) => name === wanted)?.[1]
const authorizations = (requests: ReadonlyArray<HttpRequest>): ReadonlyArray<string | undefined> =>
  requests.map((request) => headerOf(request, 'authorization'))
const refused: Canned = { status: 401, body: { code: 24, error: 'You must be authenticated.' } }

describe('OAuth', () => {
  const login = 'https://login.example.com/tenant'

  /** A service that takes the newest token only and sets a cookie, and a client that renews its tokens. */
  function renewing(loginUrl?: string) {
    let issued = 0
    let valid = ''
    const { transport, requests } = answering((request) => {
      const { method, url } = request
      if (url.endsWith('/oauth/token')) {
        valid = `token-${++issued}`
        return { body: { access_token: valid, expires_in: 3_600 } }
      }
      if (headerOf(request, 'authorization') !== `Bearer ${valid}`) return refused
      return { headers: { 'set-cookie': 'node=n1' }, body: method === 'POST' ? { task_id: 't' } : [] }
    })
    const auth = clientCredentials({ clientId: 'id', clientSecret: 'a-client-secret' })
    const options = { server, auth, transport, ...(loginUrl !== undefined && { loginUrl }) }
    const lines = () => requests.map((request) => `${request.method} ${request.url}`)
    return { pc: connect(options), requests, lines, revoke: () => (valid = 'none') }
  }

  test('one token serves the API and the pages', async () => {
    const { pc, requests, lines } = renewing(login)
    await firstValueFrom(pc.getJobs(content))
    await firstValueFrom(pc.visitContent(content))
    expect(lines()).toEqual([
      `POST ${login}/oauth/token`,
      `GET ${server}/__api__/v1/content/g/jobs`,
      `GET ${server}/content/g/`,
    ])
    expect(authorizations(requests)).toEqual([expect.stringMatching(/^Basic /), 'Bearer token-1', 'Bearer token-1'])
  })

  test.each([undefined, login])('a token that is refused is renewed at %s, which gets no cookie', async (loginUrl) => {
    const { pc, requests, lines, revoke } = renewing(loginUrl)
    await firstValueFrom(pc.getJobs(content))
    revoke()
    await firstValueFrom(pc.getJobs(content))
    const renewal = `POST ${loginUrl ?? server}/oauth/token`
    const read = `GET ${server}/__api__/v1/content/g/jobs`
    expect(lines()).toEqual([renewal, read, read, renewal, read])
    const cookies = requests.map((request) => headerOf(request, 'cookie'))
    expect(cookies).toEqual([undefined, undefined, 'node=n1', undefined, 'node=n1'])
  })

  test('a deploy that is refused is not sent twice; the next call has the new token', async () => {
    const { pc, lines, revoke } = renewing()
    await firstValueFrom(pc.getJobs(content))
    revoke()
    expect(await errorOf(pc.deployContent(content))).toMatchObject({ status: 401 })
    await firstValueFrom(pc.deployContent(content))
    expect(lines().filter((line) => line.endsWith('/deploy'))).toHaveLength(2)
  })

  test('a token that is there already is sent as it is, by a client for one endpoint, too', async () => {
    const { transport, requests } = answering(() => ({ body: [] }))
    const options = { server, auth: accessToken('a-token'), transport }
    await firstValueFrom(connect(options).getJobs(content))
    await firstValueFrom(client(options).run(getJobs, content))
    expect(authorizations(requests)).toEqual(['Bearer a-token', 'Bearer a-token'])
  })
})

/** An Auth as an object with methods, whose tokens are refused ones until the third. */
class OwnAuthorizer implements Authorizer {
  count = 1
  headers(): Headers {
    return [['authorization', `Own ${this.count}`]]
  }
  secrets(): ReadonlyArray<string> {
    return [`token-${this.count}`]
  }
  onUnauthorized(): boolean {
    this.count++
    return true
  }
}

test('an Auth of one’s own may be an object with methods; its secrets and those of the cookies are taken out', async () => {
  const { transport, requests } = answering((request, index) => {
    if (index === 0) return refused
    if (index === 1) return { headers: { 'set-cookie': 'node=a-session-cookie' }, body: [] }
    return { status: 400, body: { code: 3, error: `token-2 and ${headerOf(request, 'cookie') ?? 'none'}` } }
  })
  const auth: Auth = () => new OwnAuthorizer()
  const pc = connect({ server, auth, transport })
  await firstValueFrom(pc.getJobs(content))
  expect(await errorOf(pc.getJobs(content))).toMatchObject({ detail: '[secret] and node=[secret]' })
  expect(authorizations(requests)).toEqual(['Own 1', 'Own 2', 'Own 2'])
})

describe('inside Snowflake', () => {
  const [token, apiKey] = ['a-snowflake-token', 'a-connect-key']

  test('both headers are on every request, on real sockets', async () => {
    const seen: Array<unknown> = []
    const address = await serve(({ headers }, response) => {
      seen.push([headers.authorization, headers['x-rsc-authorization']])
      sendJson(response, [])
    })
    const pc = connect({ server: address, auth: snowflakeAuth({ token, apiKey }) })
    await firstValueFrom(pc.getJobs(content))
    await firstValueFrom(pc.visitContent(content))
    const both = ['Snowflake Token="a-snowflake-token"', 'Key a-connect-key']
    expect(seen).toEqual([both, both])
  })

  test.each<[what: string, give: (text: string) => string | ObservableInput<string>]>([
    ['a text', (text) => text],
    ['a promise', (text) => Promise.resolve(text)],
    ['an Observable', (text) => of(text, 'a-later-one')],
  ])('a function that gives %s is asked for each request, and again after a 401', async (_, give) => {
    let count = 0
    const { transport, requests } = answering((__, index) => (index === 1 ? refused : { body: [] }))
    const pc = connect({ server, auth: snowflakeAuth({ token: () => give(`token-${++count}`), apiKey }), transport })
    await firstValueFrom(pc.getJobs(content))
    await firstValueFrom(pc.getJobs(content))
    expect(authorizations(requests)).toEqual([1, 2, 3].map((number) => `Snowflake Token="token-${number}"`))
  })

  test('a fixed token that is refused is not sent again, and neither is a deploy', async () => {
    const { transport, requests } = answering(() => refused)
    const pc = connect({ server, auth: snowflakeAuth({ token, apiKey }), transport })
    expect(await errorOf(pc.getJobs(content))).toMatchObject({ status: 401 })
    const fresh = connect({ server, auth: snowflakeAuth({ token: () => token, apiKey }), transport })
    expect(await errorOf(fresh.deployContent(content))).toMatchObject({ status: 401 })
    expect(requests).toHaveLength(2)
  })

  test('neither token nor key is in an error or an inspected client', async () => {
    const { transport } = answering((request) => {
      const given = ['authorization', 'x-rsc-authorization'].map((name) => headerOf(request, name))
      return { status: 400, body: { code: 3, error: `who sent ${given.join(', ')}, ${token}, ${apiKey}?` } }
    })
    for (const given of [token, () => of(token)]) {
      const pc = connect({ server, auth: snowflakeAuth({ token: given, apiKey }), transport })
      const error = await errorOf(pc.getJobs(content))
      expect(error.message).toContain('who sent Snowflake [secret], Key [secret], [secret], [secret]?')
      const shown = inspect([error, pc], { depth: 12, showHidden: true }) + JSON.stringify([error, pc])
      expect(shown).not.toContain(token)
      expect(shown).not.toContain(apiKey)
    }
  })

  test('what the function fails with, or gives wrongly, is told', async () => {
    const { transport, requests } = answering(() => ({ body: [] }))
    const failing = (give: () => string): Promise<Error> =>
      errorOf(
        connect({ server, auth: snowflakeAuth({ token: give, apiKey }), transport }).getJobs(content, { retry: false }),
      )
    const expired = await failing(() => {
      throw new Error('the key file is gone')
    })
    expect(expired.message).toContain('auth failed: the key file is gone')
    expect((await failing(() => '')).message).toContain('auth failed: snowflakeAuth: token: is missing or empty')
    const token = (): Promise<string> => Promise.reject(new Error('the session is over'))
    const { jobs } = connect({ server, auth: snowflakeAuth({ token, apiKey }), transport })
    const ended = await errorOf(watchJob(jobs, { guid: 'g', key: 'k' }))
    expect(ended).toMatchObject({ _tag: 'NetworkError', cause: { message: 'auth failed: the session is over' } })
    expect(requests).toEqual([])
  })

  test.each<[what: string, credentials: object, says: RegExp]>([
    ['no token', { apiKey }, /^snowflakeAuth: token: is missing or empty$/],
    ['no key', { token }, /^snowflakeAuth: apiKey: is missing or empty$/],
    ['the whole header', { token: `Snowflake Token="${token}"`, apiKey }, /^snowflakeAuth: token: has a space in it; /],
    ['a token with quotes', { token: `"${token}"`, apiKey }, /^snowflakeAuth: token: has a quote in it; give it alone/],
    ['a key with its word', { token, apiKey: `Key ${apiKey}` }, /^snowflakeAuth: apiKey: has a space in it; /],
    ['a line end', { token: `${token}\n`, apiKey }, /^snowflakeAuth: token: .* was it read with its line end\?$/],
    ['another name', { token, key: apiKey }, /^snowflakeAuth: unknown option key; there are token, apiKey$/],
  ])('%s is refused without repeating it', (_, credentials, says) => {
    // @ts-expect-error JavaScript has no compiler to refuse it
    const words = refusal(() => snowflakeAuth(credentials))
    expect(words).toMatch(says)
    expect(words).not.toContain(token)
    expect(words).not.toContain(apiKey)
  })
})

test.each<[what: string, credentials: object, says: string]>([
  ['both', { apiKey: 'k', auth: accessToken('t') }, 'connect: give either apiKey or auth, not both'],
  ['none', {}, 'connect: apiKey: is missing or empty'],
  ['a key that is undefined', { apiKey: undefined }, 'connect: apiKey: is missing or empty'],
  [
    'a token that is no Auth',
    { auth: 'a-bare-token' },
    'connect: auth must be accessToken(…), clientCredentials(…), snowflakeAuth(…) or another Auth, was a string',
  ],
  [
    'credentials that are no Auth',
    { auth: { clientId: 'id', clientSecret: 'a-bare-token' } },
    'connect: auth must be accessToken(…), clientCredentials(…), snowflakeAuth(…) or another Auth, was an object with the keys ["clientId","clientSecret"]',
  ],
  ['a bad address for tokens', { auth: accessToken('t'), loginUrl: 'login' }, 'loginUrl: must begin with https://'],
])('%s is refused, and says why', (_, credentials, says) => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const words = refusal(() => connect({ server, ...credentials }))
  expect(words).toContain(says)
  expect(words).not.toContain('a-bare-token')
})

test('an apiKey that is undefined beside an auth is none', async () => {
  const { transport, requests } = answering(() => ({ body: [] }))
  // @ts-expect-error with exactOptionalPropertyTypes: an option that is undefined is left out
  const pc = connect({ server, apiKey: undefined, auth: accessToken('t'), transport })
  await firstValueFrom(pc.getJobs(content))
  expect(authorizations(requests)).toEqual(['Bearer t'])
})
