import fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { buildRequest } from '../../src/core/endpoint.ts'
import {
  asBody,
  bindOperations,
  booleanParam,
  type Check,
  type Endpoint,
  enumParam,
  inBody,
  inPath,
  inQuery,
  integerParam,
  json,
  pathOf,
  pathParam,
  positiveIntegerParam,
  stringParam,
} from '../../src/core/index.ts'
import { getThing, getThings } from './support/things.ts'
import { virtualClient } from './support/virtual.ts'

interface Params {
  readonly a: string
  readonly b: string
  readonly page?: number
  readonly q?: string
  readonly deep?: boolean
}

const get: Endpoint<Params, unknown> = {
  name: 'getIt',
  method: 'GET',
  path: '/x/{a}/y/{b}',
  parameters: {
    a: inPath,
    b: inPath,
    page: inQuery(positiveIntegerParam),
    q: inQuery(stringParam),
    deep: inQuery(booleanParam),
  },
  responses: { 200: json(t.unknown) },
}

const post: Endpoint<Record<string, unknown>, unknown> = {
  name: 'postIt',
  method: 'POST',
  path: '/x',
  parameters: { name: inBody(stringParam, true), token: inBody(stringParam), on: inBody(booleanParam) },
  responses: {},
}

/** What buildRequest says is wrong with parameters that no compiler has seen. */
function wrong<P extends object>(endpoint: Endpoint<P, unknown>, params: P): string {
  try {
    buildRequest(endpoint, params)
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
  }
  throw new Error('They were accepted.')
}
/** As a caller without types would pass them. */
const untyped: Endpoint<Record<string, unknown>, unknown> = { ...get, parameters: { ...get.parameters } }

test('puts parameters in their places, encoded', () => {
  const call = buildRequest(get, { a: 'a/b ?#%ü', b: '...', page: 2, q: 'x & y=ü', deep: false })
  expect(call).toEqual({
    path: '/x/a%2Fb%20%3F%23%25%C3%BC/y/...',
    query: '?page=2&q=x+%26+y%3D%C3%BC&deep=false',
    body: undefined,
  })
  expect(pathOf(get, { a: 'k', b: '{a}' })).toBe('/x/k/y/%7Ba%7D')
  expect(buildRequest(get, { a: "$&$1'", b: '$`' }).path).toBe("/x/%24%26%241'/y/%24%60")
})

test('a query that is empty has no question mark; what is undefined is not there', () => {
  expect(buildRequest(untyped, { a: 'k', b: 'l', page: undefined }).query).toBe('')
})

test('body fields go into one JSON object, and what is not declared goes nowhere', () => {
  const call = buildRequest(post, { name: 'n', on: false, token: undefined, other: 1 })
  expect([call.path, call.query, call.body]).toEqual(['/x', '', '{"name":"n","on":false}'])
})

test('bytes are the body as they are, and are never shown', () => {
  const put: Endpoint<{ readonly id: string; readonly archive: Uint8Array }, unknown> = {
    name: 'putIt',
    method: 'PUT',
    path: '/x/{id}',
    parameters: { id: inPath, archive: asBody },
    responses: {},
  }
  const archive = new Uint8Array([1, 2, 3])
  expect(buildRequest(put, { id: 'a', archive })).toEqual({ path: '/x/a', query: '', body: archive })
  expect(wrong(put, { id: 'a', archive: new Uint8Array() })).toBe(
    'putIt: archive must be a Uint8Array that is not empty, was a value of type object',
  )
})

test('names the operation and all that is wrong', () => {
  expect(wrong(untyped, { a: '', page: 0 })).toBe(
    "getIt: a must be a string that is not empty, '.' or '..', was \"\"; " +
      "b must be a string that is not empty, '.' or '..', was undefined; " +
      'page must be a whole number from 1 up, was 0',
  )
})

test.each<[given: unknown, words: string]>([
  [undefined, 'was undefined'],
  [null, 'was null'],
  ['a-key', 'was a string'],
  [7, 'was 7'],
])('%o in place of the parameters is told from one that is missing in them', (given, words) => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const params: Record<string, unknown> = given
  expect(wrong(untyped, params)).toMatch(/^getIt: its parameters must be \{ a, b, page\?, q\?, deep\? }, /)
  expect(wrong(untyped, params)).toMatch(new RegExp(`${words}$`))
})

test.each([
  [{ a: '.' }, 'was "."'],
  [{ a: '..' }, 'was ".."'],
  [{ a: '\ud800' }, 'was "\\ud800"'],
  [{ a: 7 }, 'was 7'],
  [{ a: 7n }, 'was bigint'],
  [{ a: null }, 'was null'],
  [{ a: ['x'] }, 'was ["x"]'],
  [{ page: Number.NaN }, 'was NaN'],
  [{ page: null }, 'was null'],
  [{ page: '2' }, 'was "2"'],
  [{ deep: 'yes' }, 'was "yes"'],
  [{ q: '' }, 'was ""'],
])('%o', (params, words) => {
  const message = wrong(untyped, { a: 'k', b: 'l', ...params })
  expect(message).toMatch(/^getIt: \w+ must be /)
  expect(message.endsWith(words)).toBe(true)
})

test('of a body field only the kind is said, whatever it holds', () => {
  expect(wrong(post, { name: 's', token: ['hidden'] })).toBe(
    'postIt: token must be a string that is not empty, was a value of type object',
  )
  const kinds = fc.anything({ withBigInt: true }).filter((value) => stringParam(value) !== undefined)
  fc.assert(
    fc.property(kinds, (value) => {
      expect(wrong(post, { name: value })).toMatch(
        /^postIt: name must be .*, was (undefined|null|""|false|-?0|NaN|bigint|a value of type [a-z]+)$/,
      )
    }),
    { numRuns: 500 },
  )
})

const anySegment = fc.string({
  unit: fc.oneof(
    fc.constantFrom('.', '/', '\\', '%2e', '%', '?', '#', ';', '\t', '\n', '{b}', ' '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('an acceptable segment stays one segment of the URL, and can be read back', () => {
  fc.assert(
    fc.property(
      anySegment.filter((value) => pathParam(value) === undefined),
      anySegment.filter((value) => pathParam(value) === undefined),
      (a, b) => {
        const { pathname, search, hash } = new URL(`https://example.com/api${buildRequest(get, { a, b }).path}`)
        const steps = pathname.split('/')
        expect(steps).toHaveLength(6)
        expect([decodeURIComponent(steps[3] ?? ''), decodeURIComponent(steps[5] ?? '')]).toEqual([a, b])
        expect([search, hash]).toEqual(['', ''])
      },
    ),
    { numRuns: 2000 },
  )
})

test('whatever is given for the query can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (q) => {
      const { path, query } = buildRequest(get, { a: 'k', b: 'l', q })
      expect(new URL(`https://example.com${path}${query}`).searchParams.get('q')).toBe(q)
    }),
    { numRuns: 500 },
  )
})

const accepts = (check: Check, value: unknown): boolean => check(value) === undefined

test.each<[string, Check, ReadonlyArray<unknown>, ReadonlyArray<unknown>]>([
  [
    'pathParam',
    pathParam,
    ['a', '...', '.a', 'a/b', ' ', '\n', '%2e', '😀'],
    ['', '.', '..', '\ud800', 'a\udc00b', 5, null, undefined, {}],
  ],
  ['stringParam', stringParam, ['a', '.', ' '], ['', '\ud800', 5, null, undefined]],
  ['booleanParam', booleanParam, [true, false], ['true', 0, null, undefined]],
  [
    'positiveIntegerParam',
    positiveIntegerParam,
    [1, 2 ** 53 - 1],
    [0, -1, 1.5, 2 ** 53, Number.NaN, Infinity, '1', 1n, null, undefined],
  ],
  ['integerParam', integerParam(0, 20), [0, 1, 20], [-1, 21, 0.5, Number.NaN, '0', null, undefined]],
  [
    'asBody',
    asBody.check,
    [new Uint8Array(1), Buffer.from('a')],
    [new Uint8Array(0), 'a', new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), [1], null, undefined],
  ],
  ['enumParam', enumParam('a', 'b'), ['a', 'b'], ['c', '', 'toString', 5, null, undefined]],
])('%s', (_, check, good, bad) => {
  for (const value of good) expect(check(value)).toBeUndefined()
  for (const value of bad) expect(check(value)).toMatch(/\w/)
})

test('a segment is what can be encoded and is no step of a path', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
          fc.constantFrom('.', '\ud83d', '\ude00'),
        ),
      }),
      (value) => {
        expect(accepts(pathParam, value)).toBe(!/\p{Surrogate}/u.test(value) && !['', '.', '..'].includes(value))
      },
    ),
    { numRuns: 2000 },
  )
})

test('places', () => {
  expect(inPath).toMatchObject({ place: 'path', required: true })
  expect(asBody).toMatchObject({ place: 'bytes', required: true })
  expect(inQuery(booleanParam)).toEqual({ place: 'query', required: false, check: booleanParam })
  expect(inBody(booleanParam)).toEqual({ place: 'body', required: false, check: booleanParam })
  expect(inBody(booleanParam, true)).toEqual({ place: 'body', required: true, check: booleanParam })
})

test('the endpoints of a record are methods of a client, with optional parameters where all of them are', () => {
  const { client, outcome, requests } = virtualClient(({ url }) => ({ body: url.endsWith('a') ? '{"id":"a"}' : '[]' }))
  const { thing, things } = bindOperations(client, { thing: getThing, things: getThings })
  expect(outcome(thing({ id: 'a' })).values).toEqual([{ id: 'a' }])
  expect(outcome(things()).values).toEqual([[]])
  expect(outcome(things({ page: 2 }, { retry: false })).values).toEqual([[]])
  expect(requests.map(({ request }) => request.url.replace('https://api.example.com/v1', ''))).toEqual([
    '/things/a',
    '/things',
    '/things?page=2',
  ])
  // @ts-expect-error a required parameter is missing
  expect(() => thing({})).toThrow(TypeError)
  // @ts-expect-error a parameter has a wrong type
  expect(() => things({ page: 'two' })).toThrow(TypeError)
})
