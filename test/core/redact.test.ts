import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact } from '../../src/core/redact.ts'
import { unescaped } from '../../src/core/unescaped.ts'

const key = 'kX7+/Zq"\\v=='
const clean = (text: string): string => redact(text, [key])

test('takes every secret out, wherever it is and as often as it is there', () => {
  expect(redact('a-one b-two a-one', ['one', 'two'])).toBe('a-[secret] b-[secret] a-[secret]')
  expect(redact('nothing here', ['one', ''])).toBe('nothing here')
})

test.each([
  ['as it is', `Key ${key}`],
  ['in JSON', JSON.stringify({ said: key })],
  ['in JSON that is in JSON', JSON.stringify(JSON.stringify({ said: key }))],
  ['with escaped slashes', JSON.stringify(key).replaceAll('/', '\\/')],
  ['with escaped signs', JSON.stringify(key).replaceAll('+', '\\u002B').replaceAll('=', '\\u003d')],
  ['in a URL', `/a?key=${encodeURIComponent(key)}&x`],
  [
    'in a URL, lower case',
    `/a?key=${encodeURIComponent(key).toLowerCase().replace('kx7', 'kX7').replace('zq', 'Zq')}&x`,
  ],
])('a secret %s', (_, text) => {
  expect(clean(text)).toMatch(/\[secret\]/)
  expect(clean(text)).not.toMatch(/kX7|Zq/)
})

const punctuated = "Ab+/=&<c>'d;e%41f"
const numbered = (text: string, base: 10 | 16): string =>
  Array.from(text, (char) => `&#${base === 16 ? 'x' : ''}${char.charCodeAt(0).toString(base)};`).join('')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test.each([
  ['in a URL', `?key=${encodeURIComponent(punctuated)}&x`],
  ['in a URL that is in a URL', encodeURIComponent(`?key=${encodeURIComponent(punctuated)}`)],
  ['in HTML, by numbers', `<b>${numbered(punctuated, 10)}</b>`],
  ['in HTML, by hex numbers', `<b>${numbered(punctuated, 16).toUpperCase()}</b>`],
  ['in HTML in a URL', encodeURIComponent(numbered(punctuated, 10))],
  ['in HTML, by names', punctuated.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')],
  ['in upper case', punctuated.toUpperCase()],
  ['in lower case', `is ${punctuated.toLowerCase()} right?`],
  ['in base64', base64(punctuated)],
  ['in base64 of a header', `Basic ${base64(`Key ${punctuated}`)}`],
  ['in base64 among more', base64(`user:${punctuated}@host`)],
  ['in base64 for URLs', Buffer.from(`a:${punctuated}`).toString('base64url')],
  ['in base64 that is cut off', base64(`Key ${punctuated}`).slice(0, 18)],
])('a secret of signs %s', (_, text) => {
  const left = redact(text, [punctuated])
  expect(left).toContain('[secret]')
  expect(unescaped(left).plain.toLowerCase()).not.toMatch(/ab\+|%41f|eaf/)
  const decoded = left.split(/[^\w+/=-]+/).map((part) => Buffer.from(part, 'base64').toString().toLowerCase())
  expect(decoded.join()).not.toMatch(/ab\+\/|%41/)
})

test('a key that looks escaped is found where it was escaped, and where not', () => {
  const looks = 'Abcdefgh%41ijklmnop'
  for (const text of [looks, encodeURIComponent(looks), JSON.stringify(looks), decodeURIComponent(looks)])
    expect(redact(`<${text}>`, [looks]).replaceAll('"', '')).toBe('<[secret]>')
})

test('a text that ends as no key is cut off stays, one that ends with half an escape does not', () => {
  expect(redact('a word and more of a word', ['word-of-a-key'])).toBe('a word and more of a word')
  expect(redact('/a?key=word-of-%2', ['word-of-+key'])).toBe('/a?key=[secret]%2')
  expect(redact('key word-of-&#4', ['word-of-+key'])).toBe('key [secret]&#4')
  expect(redact('the word-of-a.', ['word-of-a-key'])).toBe('the word-of-a.')
})

test('what overlaps goes as one', () => {
  expect(redact('<abcabcab>', ['abcab'])).toBe('<[secret]>')
})

test('JSON stays JSON, whatever the secret', () => {
  const unit = fc.constantFrom('n', 'u', '0', '\\', '"', '/', '%', '&', 'k')
  const text = fc.string({ unit, maxLength: 8 })
  fc.assert(
    fc.property(
      text.filter((one) => /^\\*[^"\\][^"]*$/.test(one)),
      text,
      text,
      (secret, before, after) => {
        const sent = JSON.stringify({ '': `${before}\n${secret}${after}\\` })
        expect(() => JSON.parse(redact(sent, [secret])) as unknown).not.toThrow()
      },
    ),
    { numRuns: 2000 },
  )
})

test('JSON stays JSON', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const value: unknown = JSON.parse(clean(JSON.stringify({ said: `${before} ${key} ${after}` })))
      expect(value).toEqual({ said: `${before} [secret] ${after}` })
    }),
    { numRuns: 500 },
  )
})

test('a secret that is cut off at the end is taken out too', () => {
  for (let length = 5; length < key.length; length++) {
    const part = key.slice(0, length)
    for (const text of [
      `Key ${part}`,
      `${JSON.stringify(`Key ${part}`).slice(0, -1)}…`,
      JSON.stringify(`Key ${part}`),
    ]) {
      expect(clean(text)).toMatch(/^"?Key \[secret\][\\"…]*$/)
    }
  }
  expect(clean('Key kX7+')).toBe('Key kX7+')
  expect(clean('Key kX7+/Z and more')).toBe('Key kX7+/Z and more')
})

test('no secret is left of any length, in any text around it', () => {
  const secret = fc
    .string({
      unit: fc.constantFrom('a', 'b', '.', '+', '\\', '"', '$', '(', '%'),
      minLength: 1,
      maxLength: 40,
    })
    .filter((text) => /[^\\]/.test(text))
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (one, before, after) => {
      expect(redact(`${before}${one}${after}`, [one]).replaceAll('[secret]', '\u0000')).not.toContain(one)
    }),
    { numRuns: 2000 },
  )
})

test('a token of kilobytes is taken out', () => {
  const token = `eyJ${'aB3_-'.repeat(1_000)}`
  expect(redact(`<${token}>`, [token])).toBe('<[secret]>')
  expect(redact(`"Bearer ${token.slice(0, 70)}…`, [token])).toBe('"Bearer [secret]…')
  // Compared place by place, this would be half a billion steps.
  const made = `${'a'.repeat(32_000)}b`
  expect(redact('a'.repeat(65_536), [made]).length).toBeLessThan(65_536)
})

test('a text made to be slow is not', () => {
  for (const unit of ['"', '\\', '%', 'u', '\\u00', 'kX7+/Z', '%25', '&amp;', '&#38;', '\\u005c']) {
    expect(clean(`${unit.repeat(65_536 / unit.length)}x ${key}`)).toMatch(/\[secret\]$/)
  }
  // A server chooses what its cookies hold, and they are secrets, too.
  expect(redact('\\'.repeat(65_536), ['\\'.repeat(8)])).toBe('[secret]')
})
