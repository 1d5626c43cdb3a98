import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact } from '../../src/core/redact.ts'

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
})

test('a text made to be slow is not', () => {
  for (const unit of ['"', '\\', '%', 'u', '\\u00', 'kX7+/Z']) {
    expect(clean(`${unit.repeat(65_536 / unit.length)}x ${key}`)).toMatch(/\[secret\]$/)
  }
})
