import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  client,
  accessToken,
  type Endpoint,
  isRequestError,
  isTransient,
  NetworkError,
  type RequestError,
} from '../../src/core/index.ts'
import { meaningOf } from '../../src/core/cause.ts'
import { certificate, key } from './support/certificate.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { errorOf, outcomeOf } from './support/outcome.ts'
import { getThing, postThing } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

const bare = { method: 'GET', path: '/a' }
const network = (cause: unknown): NetworkError => new NetworkError({ ...bare, cause })
const coded = (code: string, message = 'failed', name = 'Error'): Error =>
  Object.assign(new Error(message), { code, name })

async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return `127.0.0.1:${port}`
}

describe.each(fetches)('%s', (_, fetch) => {
  const errorAt = (baseUrl: string): Promise<RequestError> => {
    const api = client({ baseUrl, auth: accessToken('a-token'), fetch, random: () => 0, retry: { maxAttempts: 4 } })
    return errorOf(api.run(getThing, { id: 'a' }), isRequestError)
  }

  test('a certificate that nobody signed ends the call at once and names NODE_EXTRA_CA_CERTS', async () => {
    const { message, observedResponses } = await errorAt(
      `https://${await addressOf(createServer({ cert: certificate, key }))}`,
    )
    expect(message).toMatch(/^GET \/things\/a at https:\/\/127.*NODE_EXTRA_CA_CERTS/)
    expect(observedResponses).toBeUndefined()
  })

  test('https to a port that speaks http ends the call at once and asks for the address', async () => {
    const { server } = await setups()((__, response) => response.end())
    const { message, observedResponses } = await errorAt(server.url.replace('http:', 'https:'))
    expect(message).toMatch(/this port does not speak https: is the address right\?/)
    expect(observedResponses).toBeUndefined()
    await server.close()
  })

  test('a host that does not exist is tried three times, and the error says so', async () => {
    const error = await errorAt('https://no-such-host.invalid')
    expect(error.observedResponses).toEqual({ NetworkError: 2 })
    expect(error.message).toMatch(/no such host: is the address right\?\) \(after 2 × NetworkError, in 0\.\d s\)$/)
  })

  test('where nobody listens the error says so, and how long the call was at it', async () => {
    const { server } = await setups()((__, response) => response.end())
    await server.close()
    const error = await errorAt(server.url)
    expect(error.message).toMatch(/nothing listens there: .* \(after 3 × NetworkError, in \d\.\d s\)$/)
    expect(error.elapsed).toBeGreaterThanOrEqual(750)
  })
})

test.each<[cause: unknown, advice: RegExp, isTransient: boolean]>([
  [new TypeError('fetch failed', { cause: coded('SELF_SIGNED_CERT_IN_CHAIN') }), /NODE_EXTRA_CA_CERTS/, false],
  [coded('CERT_HAS_EXPIRED', 'certificate has expired'), /one that expired has to be renewed/, false],
  [new TypeError('client error (Connect): invalid peer certificate: Expired'), /has to be renewed/, false],
  [new TypeError('client error (Connect): invalid peer certificate: UnknownIssuer'), /DENO_CERT/, false],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), /for another host: is the address right/, false],
  [new TypeError('client error (Connect): invalid peer certificate: NotValidForName'), /for another host/, false],
  [new TypeError('received corrupt message of type InvalidContentType'), /this port does not speak https/, false],
  [
    coded('', 'Requires net access to "a:443", run again with the --allow-net flag', 'NotCapable'),
    /--allow-net/,
    false,
  ],
  [coded('', 'Requires net access to "a:443"', 'PermissionDenied'), /--allow-net/, false],
  [coded('ERR_ACCESS_DENIED'), /--allow-net/, false],
  [coded('ERR_INVALID_URL', 'Invalid URL'), /is the address right/, false],
  [new TypeError('fetch failed', { cause: new Error('bad port') }), /is the address right/, false],
  [new TypeError('fetch failed', { cause: '' }), /a proxy wants a login/, false],
  [coded('ENOTFOUND'), /no such host/, true],
  [new TypeError('dns error: failed to lookup address information'), /no such host/, true],
  [new TypeError('tcp connect error: Connection refused (os error 111)'), /nothing listens there/, true],
  [coded('ConnectionRefused', 'Unable to connect. Is the computer able to access the url?'), /nothing listens/, true],
  [new TypeError('Failed to fetch'), /\(CORS\)/, true],
  [new TypeError('NetworkError when attempting to fetch resource.'), /\(CORS\)/, true],
  [new TypeError('Load failed'), /\(CORS\)/, true],
])('%s: its advice is %s, it may pass by itself: %s', (cause, advice, isPassing) => {
  const error = network(cause)
  expect(String(error.advice)).toMatch(advice)
  if (error.advice !== undefined) expect(error.message).toContain(`(${error.advice})`)
  expect(isTransient(error)).toBe(isPassing)
})

test('of a reset, and of an error that nobody knows, nothing is said that is not known', () => {
  for (const cause of [coded('ECONNRESET'), 'gone', undefined, 'the body ended after 7 of 10 bytes']) {
    expect(network(cause).advice).toBeUndefined()
  }
  expect(meaningOf({ name: 'Error', message: 'the certainty of a concert' })).toBeUndefined()
})

// ---- what may not arrive twice

const arrived = /it may have arrived: find out before you send it again/
const lookup: Endpoint<{ readonly id: string }, unknown> = { ...postThing, lookup: 'see what getThings gives' }

test.each<[string, Parameters<typeof virtualClient>[0], boolean]>([
  ['a reset', () => ({ failure: coded('ECONNRESET') }), true],
  ['no response', () => ({ after: 60_000 }), true],
  ['a gateway that waited in vain', () => ({ status: 504 }), true],
  ['a page that does not say why', () => ({ failure: new TypeError('Failed to fetch') }), true],
  ['a refused connection', () => ({ failure: coded('ECONNREFUSED') }), false],
  ['a host that does not exist', () => ({ failure: coded('ENOTFOUND') }), false],
  ['a certificate', () => ({ failure: coded('CERT_HAS_EXPIRED') }), false],
  ['a refusal', () => ({ status: 409 }), false],
])('a POST that ends with %s is sent once; its error says whether it may have arrived', (_, answer, mayHave) => {
  const { client: api, outcome, requests } = virtualClient(answer)
  const { error } = outcome(api.run(postThing, { id: 'a' }))
  expect(arrived.test(String(error))).toBe(mayHave)
  expect(requests).toHaveLength(1)
  expect(String(outcome(api.run(lookup, { id: 'a' })).error).includes('see what getThings gives')).toBe(mayHave)
  expect(arrived.test(String(outcome(api.run(getThing, { id: 'a' }, { retry: false })).error))).toBe(false)
})

test('a POST for which there is no token did not arrive', () => {
  const auth = () => ({
    headers: () => {
      throw coded('ECONNRESET')
    },
    secrets: () => [],
  })
  const { client: api, outcome, requests } = virtualClient(() => ({}), { auth })
  expect(String(outcome(api.run(postThing, { id: 'a' })).error)).not.toMatch(arrived)
  expect(requests).toEqual([])
})

test('what `when` gives or throws in place of true and false is the error of the call', async () => {
  const { client: api, outcome } = virtualClient(() => ({ status: 503 }))
  const thrown = new Error('mine')
  const fails = (when: never): unknown => outcome(api.run(getThing, { id: 'a' }, { retry: { when } })).error
  expect(fails((() => Promise.resolve(false)) as never)).toMatchObject({
    name: 'TypeError',
    message: 'retry.when gave a promise; it must give true or false',
  })
  const throwing = (): never => {
    throw thrown
  }
  expect(fails(throwing as never)).toBe(thrown)
  expect((await outcomeOf(api.run(getThing, { id: 'a' }, { retry: false }))).error).toMatchObject({ status: 503 })
})
