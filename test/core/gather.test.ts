import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gather } from '../../src/core/gather.ts'
import { cuts, pieces } from './support/arrangements.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

test('what fits is the text, wherever its bytes are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), cuts, (text, at) => {
      fc.pre(!text.startsWith('\ufeff'))
      const bytes = encode(text)
      const body = gather(bytes.length)
      expect(pieces(bytes, at).map((piece) => body.push(piece))).not.toContain(false)
      expect(body.text()).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('beyond the bound it says so, again and again, and keeps exactly what fits', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(100), cuts, (bound, size, at) => {
      const bytes = encode('x'.repeat(size))
      const body = gather(bound)
      const answers = pieces(bytes, at).map((piece) => body.push(piece))
      expect(answers).toEqual([...answers].sort().reverse())
      expect(answers.at(-1) ?? true).toBe(size <= bound)
      expect(body.text()).toBe('x'.repeat(Math.min(size, bound)))
    }),
    { numRuns: 1000 },
  )
})

test('a character that the bound cuts is a replacement character', () => {
  const body = gather(2)
  expect(body.push(encode('a€'))).toBe(false)
  expect(body.text()).toBe('a\ufffd')
})

test('a byte order mark is no part of the text', () => {
  const body = gather(100)
  body.push(encode('\ufeff{}'))
  expect(body.text()).toBe('{}')
})
