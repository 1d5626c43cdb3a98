import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact, redactFor } from '../../src/core/redact.ts'

const key = 'kX7+/Zq"\\v=='
const clean = (text: string): string => redact(text, [key])
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('takes every secret out, wherever it is and as often as it is there', () => {
  expect(redact('a-first b-second a-first', ['first', 'second'])).toBe('a-[secret] b-[secret] a-[secret]')
  expect(redact('nothing here', ['other', ''])).toBe('nothing here')
  expect(redact('nothing here', [])).toBe('nothing here')
})

test.each([
  ['as it is', `Key ${key}`],
  ['in JSON', JSON.stringify({ said: key })],
  ['in JSON that is in JSON', JSON.stringify(JSON.stringify({ said: key }))],
  ['with escaped slashes', JSON.stringify(key).replaceAll('/', '\\/')],
  ['with escaped signs', JSON.stringify(key).replaceAll('+', '\\u002B').replaceAll('=', '\\u003d')],
  ['in a URL', `/a?key=${encodeURIComponent(key)}&x`],
  ['in a URL, lower case', `/a?key=${encodeURIComponent(key).toLowerCase()}&x`],
  ['in upper case', key.toUpperCase()],
  ['in base64', base64(key)],
  ['in base64 of a header', `Basic ${base64(`Key ${key}`)}`],
  ['in base64 among more', base64(`user:${key}@host`)],
  ['in base64 for URLs', Buffer.from(`a:${key}`).toString('base64url')],
])('a secret %s', (_, text) => {
  expect(clean(text)).toMatch(/\[secret\]/)
  expect(clean(text)).not.toMatch(/kX7|Zq/i)
  const decoded = clean(text)
    .split(/[^\w+/=-]+/)
    .map((part) => Buffer.from(part, 'base64').toString())
  expect(decoded.join()).not.toMatch(/X7\+|Zq"/)
})

test('a key that looks escaped is found', () => {
  const looks = 'Abcdefgh%41ijklmnop'
  for (const text of [looks, encodeURIComponent(looks), JSON.stringify(looks)])
    expect(redact(`<${text}>`, [looks]).replaceAll('"', '')).toBe('<[secret]>')
})

test.each([
  ['t', 'bad.credentials of t: no "t"', 'bad.credentials of [secret]: no "[secret]"'],
  ['key', 'monkey, key=key', 'monkey, [secret]=[secret]'],
  ['secret', 'the secret is secret', 'the [secret] is [secret]'],
])('the short secret %j leaves the message readable and is replaced once', (secret, text, wanted) => {
  expect(redact(text, [secret])).toBe(wanted)
  expect(redact(text, [secret, secret])).toBe(wanted)
  expect(redact(wanted, [secret])).toBe(wanted)
})

test('of secrets that contain each other the longer one goes', () => {
  expect(redact('<abcdefgh>', ['abcde', 'abcdefgh'])).toBe('<[secret]>')
})

test('a JSON text around a key stays JSON', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const value: unknown = JSON.parse(clean(JSON.stringify({ said: `${before} ${key} ${after}` })))
      expect(value).toEqual({ said: `${before} [secret] ${after}` })
    }),
    { numRuns: 500 },
  )
})

test('no secret of any characters is left, in any text around it', () => {
  const unit = fc.constantFrom('a', 'b', '.', '+', '\\', '"', '$', '(', ')', '[', '%', '^', '-', '|', '*', '?', '{')
  fc.assert(
    fc.property(fc.string({ unit, minLength: 5, maxLength: 40 }), fc.string(), fc.string(), (one, before, after) => {
      expect(redact(`${before}${one}${after}`, [one]).replaceAll('[secret]', '\u0000')).not.toContain(one)
    }),
    { numRuns: 2000 },
  )
})

test('a token of kilobytes is taken out, in a text of the size of an error body', () => {
  const token = `eyJ${'aB3_-'.repeat(1_000)}`
  expect(redact(`<${token}>`, [token])).toBe('<[secret]>')
  const begun = performance.now()
  expect(redact(`${'eyJaB3_-'.repeat(8_000)}<${token}>`, [token])).toMatch(/<\[secret\]>$/)
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('a text made to be slow is not', () => {
  const begun = performance.now()
  for (const unit of ['"', '\\', '%', 'u', '\\u00', 'kX7+/Z', '%25']) {
    expect(clean(`${unit.repeat(65_536 / unit.length)}x ${key}`)).toMatch(/\[secret\]$/)
  }
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test('where a secret cannot be told from what was sent, nothing of the text is given', () => {
  const authorizer = { headers: () => [], secrets: () => ['abcdefgh'] }
  // What an Auth in JavaScript may give.
  const sent: unknown = [['x-token', undefined]]
  const isHeaders = (value: unknown): value is ReadonlyArray<readonly [string, string]> => Array.isArray(value)
  expect(isHeaders(sent) && redactFor(authorizer, sent, [], 'a text')).toBe('[secret]')
})
