import fc from 'fast-check'
import { NEVER, of } from 'rxjs'
import { expect, test } from 'vitest'
import {
  accessToken,
  baseUrl,
  type ClientOptions,
  checkOptions,
  client,
  describe,
  isPromise,
  type OptionTable,
  typeName,
} from '../../src/core/index.ts'
import { getThing } from './support/things.ts'

const valid: ClientOptions = { baseUrl: 'https://ci.example.com', auth: accessToken('t'), transport: () => NEVER }

const refusalOf = (call: () => unknown): string => {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('It was accepted.')
}

/** As JavaScript may call it. */
const create = (options: Record<string, unknown>): unknown => client({ ...valid, ...options })
const call = (options: Record<string, unknown>): unknown => client(valid).run(getThing, { id: '7' }, options)

test.each<[Record<string, unknown>, words: string]>([
  [{ timeout: 0 }, 'timeout must be a positive number, was 0'],
  [{ timeout: '5s' }, 'timeout must be a positive number, was a string'],
  [{ timeout: Number.NaN }, 'timeout must be a positive number, was NaN'],
  [{ idleTimeout: -1 }, 'idleTimeout must be a positive number, was -1'],
  [{ retry: 5 }, 'retry must be a boolean or { maxAttempts, maxRetryAfter, when }, was 5'],
  [{ retry: { maxAttempts: 0 } }, 'retry must be a boolean or { maxAttempts, maxRetryAfter, when }, was an object'],
  [{ retry: { attempts: 3 } }, 'retry must be a boolean or { maxAttempts, maxRetryAfter, when }, was an object'],
  [{ retry: { when: true } }, 'retry must be a boolean or { maxAttempts, maxRetryAfter, when }, was an object'],
])('%o is refused by a client and by a call, before anything is sent', (options, words) => {
  expect(refusalOf(() => create(options))).toContain(`client: ${words}`)
  expect(refusalOf(() => call(options))).toContain(`getThing: ${words}`)
})

test.each<[Record<string, unknown>, words: RegExp]>([
  [{ maxBodyBytes: 0 }, /maxBodyBytes must be a positive number, was 0$/],
  [{ maxLineLength: -5 }, /maxLineLength must be a positive number, was -5$/],
  [{ fetch: 'node-fetch' }, /fetch must be a function/],
  [{ transport: {} }, /transport must be a function/],
  [{ scheduler: {} }, /scheduler must be a scheduler of rxjs/],
  [{ random: 0.5 }, /random must be a function/],
  [{ headers: 'x' }, /headers must be /],
  [{ headers: { 'x a': 'b' } }, /headers must be /],
  [{ headers: { 'x-a': 'a\nb' } }, /headers must be /],
  [{ headers: { 'x-a,x-b': 'c' } }, /headers must be /],
  [{ headers: { 'x-token': undefined } }, /headers must be /],
  [{ headers: { 'x-a': 1 } }, /headers must be /],
  [{ auth: undefined }, /auth must be accessToken/],
  [{ auth: 'a-secret-key' }, /auth must be accessToken\(…\) or clientCredentials\(…\) or apiKeyAuth\(…\)$/],
  [{ timeOut: 5 }, /^client: unknown option timeOut; there are fetch, transport, .*timeout, .*auth/],
  [{ toString: 5 }, /^client: unknown option toString/],
])('a client refuses %o', (options, words) => {
  expect(refusalOf(() => create(options))).toMatch(words)
})

test('a call refuses an unknown option and what is no signal', () => {
  expect(refusalOf(() => call({ retries: 5 }))).toBe(
    'getThing: unknown option retries; there are retry, timeout, idleTimeout, signal',
  )
  expect(refusalOf(() => call({ signal: true }))).toBe('getThing: signal must be an AbortSignal, was true')
})

test('valid options are accepted, undefined ones have their default', () => {
  const retry = { maxAttempts: 1, maxRetryAfter: 0, when: () => true }
  for (const options of [{}, { timeout: Infinity, retry: false }, { retry, timeout: undefined, headers: { a: 'b' } }]) {
    expect(() => create(options)).not.toThrow()
  }
  expect(() => call({ retry, signal: new AbortController().signal })).not.toThrow()
})

test('options that are no object are named by their type', () => {
  const table: OptionTable = {}
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusalOf(() => checkOptions('f', 'a-key', table))).toBe('f: the options must be an object, was a string')
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusalOf(() => client())).toBe('client: the options must be an object with baseUrl and auth')
})

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
  [[1, { a: 2 }], '[1,{"a":2}]'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [10n, 'bigint'],
  [() => 1, 'function'],
  [Symbol('s'), 'symbol'],
  [of(1), 'an Observable'],
  [Promise.resolve(1), 'a promise'],
])('%o', (value, words) => {
  expect(describe(value)).toBe(words)
})

test('what has no JSON is said by its kind', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(describe(loop)).toBe('object')
  expect(describe({ deep: 10n })).toBe('object')
})

test('whatever the value, it is one short line', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, maxDepth: 3 }), (value) => {
      expect(describe(value)).toMatch(/^[^\n]{1,81}$/)
    }),
    { numRuns: 1000 },
  )
  expect(describe('x'.repeat(500))).toBe(`"${'x'.repeat(79)}…`)
})

test('what may be a secret is shown by its kind alone', () => {
  const kinds = ['a-secret', { apiKey: 'a-secret' }, ['a-secret'], of('a-secret'), 7, undefined, null].map(typeName)
  const object = 'an object with the keys ["apiKey"]'
  expect(kinds).toEqual(['a string', object, 'an array', 'an Observable', '7', 'undefined', 'null'])
})

test('a promise is what can be awaited', () => {
  const foreign = { then: () => undefined }
  expect([Promise.resolve(), foreign, { then: 1 }, null, 'then'].map(isPromise)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

const messageOf = (url: string, allowHttp?: boolean): string => {
  try {
    baseUrl('server', url, allowHttp)
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('It was accepted.')
}

test.each([
  ['https://connect.example.com', 'https://connect.example.com'],
  ['https://connect.example.com/', 'https://connect.example.com'],
  ['HTTPS://Connect.Example.com:443/rsc//', 'https://connect.example.com/rsc'],
  ['https://connect.example.com:8443/a/../b', 'https://connect.example.com:8443/b'],
  ['http://localhost:3939', 'http://localhost:3939'],
  ['http://app.localhost', 'http://app.localhost'],
  ['http://127.8.9.10/x', 'http://127.8.9.10/x'],
  ['http://[::1]:80', 'http://[::1]'],
])('%s', (url, base) => {
  expect(baseUrl('server', url)).toBe(base)
  expect(baseUrl('server', base)).toBe(base)
})

test.each([
  ['', 'is missing'],
  ['connect.example.com', 'must begin with https://'],
  ['ftp://connect.example.com', 'must begin with https://'],
  ['https://', 'must begin with https://'],
  ['https://a:b', 'must begin with https://'],
  ['https://a b', 'or blank'],
  [' https://connect.example.com', 'or blank'],
  ['https://h\n.evil.com', 'or blank'],
  ['https://h\t.evil.com', 'or blank'],
  ['https://connect.example.com\r', 'or blank'],
  ['https://user:word@connect.example.com', 'user name, password'],
  ['https://connect.example.com?x=1', 'query'],
  ['https://connect.example.com#x', 'fragment'],
])('%j is refused', (url, words) => {
  expect(messageOf(url)).toContain(words)
  expect(messageOf(url)).toMatch(/^server: /)
})

test.each([
  'connect.example.com',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '10.0.0.1',
  '[::2]',
  'xlocalhost',
])('plain http to %s needs to be allowed', (host) => {
  expect(messageOf(`http://${host}`)).toContain('allowHttp')
  expect(baseUrl('server', `http://${host}`, true)).toBe(`http://${host}`)
  expect(baseUrl('server', `https://${host}`)).toBe(`https://${host}`)
})

test('what stands in the wrong option may be a key: the error does not repeat it', () => {
  for (const url of [
    's3cr3tS3cr3tS3cr3t',
    's3cr3t.s3cr3t.s3cr3t',
    'http://s3cr3ts3cr3t',
    'admin:s3cr3tS3cr3tS3cr3t@host',
    'https://admin:s3cr3tS3cr3tS3cr3t@host',
    'https://s3cr3tS3cr3tS3cr3t host',
  ]) {
    expect(messageOf(url)).not.toContain('s3cr3t')
  }
})

test('whatever is accepted is an origin and a path, and stays as it is', () => {
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['https'] }), (url) => {
      const base = baseUrl('server', url)
      expect(base.endsWith('/')).toBe(false)
      expect(new URL(base).href.replace(/\/$/, '')).toBe(base)
      expect(baseUrl('server', base)).toBe(base)
    }),
    { numRuns: 500 },
  )
})
