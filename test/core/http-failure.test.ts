import { expect, test } from 'vitest'
import { accessToken } from '../../src/core/auth.ts'
import type { ClientOptions } from '../../src/core/client-options.ts'
import { httpFailure } from '../../src/core/http-failure.ts'
import type { Head } from '../../src/core/transport.ts'

const asked = { method: 'GET', path: '/a' }
const options: ClientOptions = { baseUrl: 'https://api.example.com', auth: accessToken('t') }
/** The envelope of a service whose errors are `{ error }`. */
const envelope: ClientOptions = {
  ...options,
  errorDetail: (body) =>
    typeof body === 'object' && body !== null && 'error' in body ? { code: 7, detail: String(body.error) } : undefined,
}
const clean = (text: string): string => text.replaceAll('a-key', '[secret]')
const failure = (head: Partial<Head>, body: string, how = options): unknown =>
  httpFailure(asked, { status: 500, headers: [], ...head }, body, 0, how, clean)

test("the service's own code and words", () => {
  expect(failure({}, '{"error":"full"}', envelope)).toMatchObject({ code: 7, detail: 'full', body: { error: 'full' } })
  expect(failure({}, '{"error":"full"}')).toMatchObject({ code: undefined, body: { error: 'full' } })
})

test("the advice of the service's client", () => {
  const advising: ClientOptions = { ...options, errorDetail: () => ({ code: 7, detail: 'full', advice: 'wait a day' }) }
  expect(failure({}, '{}', advising)).toMatchObject({
    advice: 'wait a day',
    message: 'GET /a: 500 (code 7): full (wait a day)',
  })
})

test.each([
  ['Bad Gateway\nby a proxy', 'Bad Gateway'],
  [' \n Bad Gateway', 'Bad Gateway'],
  ['<html><title>Bad Gateway</title>', undefined],
  ['', undefined],
  ['x'.repeat(500), 'x'.repeat(200)],
])('a body without them: %j', (body, detail) => {
  expect(failure({}, body, envelope)).toMatchObject({ code: undefined, detail, body })
})

test('a body that is nested beyond reason stays text, so that the error can be written down', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
  expect(JSON.parse(JSON.stringify(failure({}, nested(30_000))))).toMatchObject({ body: nested(30_000) })
  expect(failure({}, nested(51))).toMatchObject({ body: nested(51) })
  expect(failure({}, nested(50))).toMatchObject({ body: JSON.parse(nested(50)) as unknown })
})

test('null is a body, too', () => {
  expect(failure({}, 'null')).toMatchObject({ body: null })
})

test('a 404 without the envelope means that there is no such endpoint', () => {
  const missing = (body: string, how = envelope): unknown =>
    Reflect.get(Object(failure({ status: 404 }, body, how)), 'missing')
  expect(missing('{"error":"no such job"}')).toBe('object')
  expect(missing('<html>Not Found')).toBe('endpoint')
  expect(missing('{}')).toBe('endpoint')
  expect(missing('<html>Not Found', options)).toBe('object')
  expect(failure({ status: 410 }, '{}', envelope)).toMatchObject({ missing: undefined })
})

test('the correlation id is the one in the header that was named, else the one in the body', () => {
  const head = { headers: [['X-Correlation', 'of header']] } as const
  const named = { ...options, correlationHeader: 'x-correlation' }
  expect(failure(head, '{}', named)).toMatchObject({ correlationId: 'of header' })
  expect(failure(head, '{}')).toMatchObject({ correlationId: undefined })
  const both = { ...named, errorDetail: () => ({ correlationId: 'of body' }) }
  expect(failure(head, '{}', both)).toMatchObject({ correlationId: 'of header' })
  expect(failure({}, '{}', both)).toMatchObject({ correlationId: 'of body' })
})

test('Retry-After in milliseconds', () => {
  expect(failure({ headers: [['Retry-After', '2']] }, '')).toMatchObject({ retryAfter: 2_000 })
})

test('where a redirect led, without its query', () => {
  const headers = [['Location', 'https://login.example.com/sso?next=%2F']] as const
  expect(failure({ status: 302, headers }, '<html>')).toMatchObject({
    detail: 'redirected to https://login.example.com/sso, which is not followed with a key; give the final address',
  })
  expect(failure({ status: 304, headers: [] }, '')).toMatchObject({ detail: undefined })
})

test('browsers hide redirects behind a status of 0', () => {
  expect(failure({ status: 0 }, '')).toMatchObject({
    status: 0,
    detail: 'redirected, which is not followed with a key; give the final address',
  })
})

test('an errorDetail that fails on a body it did not expect is as good as none', () => {
  const strict: ClientOptions = {
    ...options,
    errorDetail: () => {
      throw new TypeError('not what I expected')
    },
  }
  expect(failure({ status: 502 }, '<html>', strict)).toMatchObject({ _tag: 'HttpError', status: 502, body: '<html>' })
})

test('no secret is in what it takes from body and headers, and of many headers none is looked at for nothing', () => {
  let looks = 0
  const counting = (text: string): string => {
    looks++
    return clean(text)
  }
  const named: ClientOptions = {
    ...options,
    correlationHeader: 'x-id',
    errorDetail: (body, headers) => ({
      code: 'code a-key',
      detail: JSON.stringify([body, headers]),
      advice: 'not a-key',
    }),
  }
  const many = (count: number): unknown => {
    looks = 0
    const headers = Array.from({ length: count }, (_, index) => [`x-${index}`, 'a-key'] as const)
    return httpFailure(
      asked,
      { status: 500, headers: [['x-id', 'id of a-key'], ...headers] },
      '"a-key"',
      0,
      named,
      counting,
    )
  }
  expect(JSON.stringify(many(2_000))).not.toContain('a-key')
  const looksAtMany = looks
  expect(many(1)).toMatchObject({ code: 'code [secret]', correlationId: 'id of [secret]', body: '[secret]' })
  expect(looks).toBe(looksAtMany)
})
