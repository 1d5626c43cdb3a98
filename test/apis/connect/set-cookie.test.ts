import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSetCookie } from '../../../src/apis/connect/set-cookie.ts'

const now = Date.UTC(2026, 0, 1)
const plain = { domain: undefined, path: undefined, secure: false, expires: undefined }

test.each([
  ['a=1', [{ ...plain, name: 'a', value: '1' }]],
  ['a=', [{ ...plain, name: 'a', value: '' }]],
  ['a=b=c; HttpOnly; SameSite=Lax', [{ ...plain, name: 'a', value: 'b=c' }]],
  ['a="q"; Path=/rsc; Secure', [{ ...plain, name: 'a', value: '"q"', path: '/rsc', secure: true }]],
  ['a=1; PATH=rsc; domain=.Example.COM', [{ ...plain, name: 'a', value: '1', domain: 'example.com' }]],
  ['a=1; Domain=', [{ ...plain, name: 'a', value: '1' }]],
])('%s', (header, cookies) => {
  expect(parseSetCookie(header, now)).toEqual(cookies)
})

test.each([
  ['Expires=Thu, 01 Jan 2026 00:01:00 GMT', now + 60_000],
  ['expires=Thu, 01-Jan-2026 00:01:00 GMT', now + 60_000],
  ['Max-Age=5', now + 5_000],
  ['Max-Age=-5', now - 5_000],
  ['Expires=Thu, 01 Jan 2026 00:01:00 GMT; Max-Age=0', now],
  ['Max-Age=soon; Expires=Thu, 01 Jan 2026 00:01:00 GMT', now + 60_000],
  ['Expires=never', undefined],
])('%s', (attributes, expires) => {
  expect(parseSetCookie(`a=1; ${attributes}`, now)).toMatchObject([{ expires }])
})

test.each(['', ';', '=1', 'a', 'a b=1', 'a\n=1', 'a=1\r\nx-other: 1', 'a=\u20ac', `a=${'x'.repeat(4096)}`])(
  '%j is none',
  (header) => expect(parseSetCookie(header, now)).toEqual([]),
)

test('several that a fetch has joined, with dates in them', () => {
  const name = fc.stringMatching(/^[a-z]{1,5}$/)
  const value = fc.stringMatching(/^[!-+\--:<-~]{0,9}$/)
  const rest = fc.constantFrom('', '; Path=/', '; Expires=Thu, 01 Jan 2026 00:01:00 GMT; HttpOnly', '; Max-Age=9')
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value, rest), { minLength: 1 }), fc.constantFrom(',', ', '), (some, comma) => {
      const header = some.map(([is, of, more]) => `${is}=${of}${more}`).join(comma)
      expect(parseSetCookie(header, now).map((cookie) => [cookie.name, cookie.value])).toEqual(
        some.map(([is, of]) => [is, of]),
      )
    }),
  )
})
