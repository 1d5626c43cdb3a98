import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import {
  type Auth,
  accessToken,
  apiKeyAuth,
  client,
  clientCredentials,
  isRequestError,
  type RequestError,
} from '../../src/core/index.ts'
import { exposed } from './support/exposed.ts'
import { fetches } from './support/fetches.ts'
import { errorOf, outcomeOf } from './support/outcome.ts'
import { answerJson, type Seen, servers } from './support/server.ts'
import { getThing, tailThings } from './support/things.ts'

const serve = servers()
const key = 'kX7+/Zq9vAk/long+Enough=='
const clientSecret = 'sQ8+/Yw0uBl/also+Enough=='
const token = 'tR9+/Xe1tCm/still+Enough=='
const basic = Buffer.from(`a-client:${clientSecret}`).toString('base64')
const secrets = [key, clientSecret, token, basic]

const auths: ReadonlyArray<readonly [string, Auth]> = [
  ['a key', apiKeyAuth('Key', 'apiKey', key)],
  ['a token', accessToken(token)],
  ['client credentials', clientCredentials({ clientId: 'a-client', clientSecret })],
  // An Auth of somebody else, which does not know what to keep secret.
  ['a careless Auth', (context) => ({ ...apiKeyAuth('Key', 'apiKey', key)(context), secrets: () => [] })],
]

type Echo = (said: string, response: ServerResponse, seen: Seen) => void
const text =
  (status: number, body: (said: string) => string): Echo =>
  (said, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(body(said))
const quoted = (said: string): string => JSON.stringify({ error: said, error_description: said, id: [said] })
/** As .NET and PHP write it. */
const escaped = (said: string): string =>
  quoted(said).replaceAll('+', '\\u002B').replaceAll('=', '\\u003d').replaceAll('/', '\\/')

/** What a server may answer that repeats what it was sent. */
const echoes: ReadonlyArray<readonly [string, Echo]> = [
  ['in an error', text(400, quoted)],
  ['in an error, as words', text(401, (said) => `not allowed with ${said}\nmore`)],
  ['in an error, escaped', text(403, escaped)],
  ['in an error, as JSON in JSON', text(422, (said) => JSON.stringify({ error: escaped(said) }))],
  ['in an error, encoded', text(404, (said) => `/login?then=${encodeURIComponent(said)}`)],
  ['in an error, across its bound', text(500, (said) => 'x'.repeat(65_536 - 22) + said)],
  ['in a wrong type', text(200, (said) => JSON.stringify({ id: { said } }))],
  ['in a wrong type, escaped', text(200, (said) => JSON.stringify({ id: [escaped(said)] }))],
  ['in a wrong type, across the cut', text(200, (said) => JSON.stringify({ id: ['x'.repeat(61), said] }))],
  ['in no JSON', text(200, (said) => `you sent ${said}`)],
  ['in no JSON, across the cut', text(200, (said) => `${'x'.repeat(60)} ${said}`)],
  ['in half of a JSON', text(200, (said) => quoted(said).slice(0, -3))],
  ['in a line that is none', text(200, (said) => `{"id":"a"}\n${said}\n`)],
  ['in an event that is none', text(200, (said) => `data: ${said}\n\n`)],
  [
    'in headers',
    (said, response) =>
      void response
        .writeHead(302, {
          location: `https://away.example/${said}/${encodeURIComponent(said)}/`,
          'x-id': said,
          'www-authenticate': said,
        })
        .end(said),
  ],
  [
    'in the headers of a wrong type',
    (said, response) => void response.writeHead(200, { 'x-id': said }).end('{"id":5}'),
  ],
]

function expectNothingShown(error: RequestError): void {
  expect(exposed(error, secrets)).toEqual([])
}

describe.each(auths)('%s', (name, auth) => {
  describe.each(echoes)('repeated %s', (where, echo) => {
    test.each([
      ['a value', getThing],
      ['a stream', tailThings],
    ] as const)('of %s', async (__, endpoint) => {
      const { url } = await serve((seen, response) => {
        if (seen.url === '/oauth/token') answerJson(response, { access_token: token, expires_in: 600 })
        else echo(seen.headers.authorization ?? '', response, seen)
      })
      const errorDetail = (body: unknown): { detail: string } => ({ detail: JSON.stringify(body) })
      const api = client({
        baseUrl: url,
        auth,
        retry: false,
        correlationHeader: 'x-id',
        ...(name === 'a key' ? { errorDetail } : {}),
      })
      const { error } = await outcomeOf(api.run<{ readonly id: string }, unknown>(endpoint, { id: 'a' }))
      if (endpoint === getThing || !/type|half/.test(where)) expect(isRequestError(error)).toBe(true)
      if (isRequestError(error)) expectNothingShown(error)
    })
  })

  test.each(echoes)('repeated by a token service %s', async (__, echo) => {
    const { url } = await serve((seen, response) => echo(seen.headers.authorization ?? '', response, seen))
    const api = client({ baseUrl: url, auth, retry: false, correlationHeader: 'x-id' })
    expectNothingShown(await errorOf(api.run(getThing, { id: 'a' }), isRequestError))
  })

  test('held and said by the error of a fetch', async () => {
    const api = client({
      baseUrl: 'https://api.example.com',
      auth,
      retry: false,
      fetch: (url, init) => {
        const said = JSON.stringify(init.headers)
        const cause = Object.assign(new Error(`bad header ${said}`), { code: `E_${said}`, init })
        throw Object.assign(new Error(`fetch of ${url} with ${said} failed`, { cause }), {
          config: init,
          request: init,
        })
      },
    })
    const error = await errorOf(api.run(getThing, { id: 'a' }), isRequestError)
    expectNothingShown(error)
    expect(error).toMatchObject({ _tag: 'NetworkError', message: expect.stringContaining('fetch of https') as unknown })
  })

  test('held by the error of a transport that throws at once', async () => {
    const api = client({
      baseUrl: 'https://api.example.com',
      auth,
      retry: false,
      transport: (request) => {
        throw Object.assign(new TypeError(JSON.stringify(request)), { request })
      },
    })
    const error = await errorOf(api.run(getThing, { id: 'a' }), isRequestError)
    expectNothingShown(error)
    expect(error._tag).toBe('NetworkError')
  })

  test.each(fetches)('in a client, its streams and a subscription under way, with %s', async (__, fetch) => {
    const server = await serve((seen, response) => {
      if (seen.url === '/oauth/token') answerJson(response, { access_token: token, expires_in: 600 })
      else response.write('{"id":"a"}\n')
    })
    const api = client({ baseUrl: server.url, auth, fetch })
    const tail = api.run(tailThings, { id: 'a' })
    const shown = await new Promise((resolve) => {
      const subscription = tail.subscribe(() => {
        resolve(exposed({ api, auth, tail, subscription }, secrets))
        subscription.unsubscribe()
      })
    })
    expect(shown).toEqual([])
    await server.left
  })
})
