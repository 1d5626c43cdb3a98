import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unescaped } from '../../src/core/unescaped.ts'

const inUrl = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const inHtml = (text: string): string =>
  text.replace(/[<>"'&]/g, (char) => ({ '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[char] ?? '&amp;')
const inHex = (text: string): string =>
  Array.from(text, (char) => `&#x${char.codePointAt(0)?.toString(16) ?? ''};`).join('')
const inUnicode = (text: string): string =>
  Array.from(text, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

test('undoes every escape, however they are in each other', () => {
  const plain = fc.string({
    unit: fc.constantFrom('a', 'Z', '1', '+', '/', '"', '<', '>', "'", '-', '='),
    maxLength: 20,
  })
  const ways = fc.array(fc.constantFrom(inUrl, encodeURIComponent, inHtml, inHex, inJson), { maxLength: 4 })
  fc.assert(
    fc.property(plain, fc.boolean(), ways, (text, begun, escapes) => {
      expect(
        unescaped(escapes.reduce((escaped, escape) => escape(escaped), begun ? inUnicode(text) : text)).plain,
      ).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('what is no escape stays, but for backslashes', () => {
  expect(unescaped('100 % of %zz, &nbsp; &#; \\n \\u00 a').plain).toBe('100 % of %zz, &nbsp; &#; n u00 a')
})

test('says where each character ends in the text as it was', () => {
  const { plain, endOf } = unescaped('a%2541&lt;\\"z')
  expect([plain, Array.from(plain, (_, at) => endOf(at))]).toEqual(['aA<"z', [1, 6, 10, 12, 13]])
})
