import fc from 'fast-check'
import { expect, test } from 'vitest'
import { combine, digested, digestOf, hashOf } from '../../../src/streams/log/digest.ts'

const lines = fc.array(fc.record({ data: fc.string({ maxLength: 80, size: 'max' }) }), { maxLength: 8 })

/** FNV-1a over UTF-16 units, in whole numbers. */
const fnv = (units: ReadonlyArray<number>): bigint =>
  units.reduce((h, unit) => ((h ^ BigInt(unit)) * 0x01000193n) & 0xffffffffn, 0x811c9dc5n)

const unitsOf = (text: string): ReadonlyArray<number> =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))

test('a line hashes by its length and its first and last 16 characters, all of them where it has no more than 32', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80, size: 'max' }), (data) => {
      const half = Math.ceil(data.length / 2)
      const head = unitsOf(data).slice(0, Math.min(16, half))
      const tail = [...unitsOf(data)].reverse().slice(0, Math.min(16, half))
      const expected = (fnv([data.length, ...head]) * 31n + fnv(tail)) & 0xffffffffn
      expect(hashOf(data) >>> 0).toBe(Number(expected))
    }),
  )
})

test('a digest depends on the last lines before its end, and on nothing else', () => {
  fc.assert(
    fc.property(lines, lines, lines, (before, others, after) => {
      const last = before.slice(-digested)
      const end = others.length + last.length
      if (last.length === digested)
        expect(digestOf([...others, ...last, ...after], end)).toBe(digestOf(last, last.length))
      expect(digestOf([...last, ...after], last.length)).toBe(digestOf(last, last.length))
    }),
  )
})

test('a digest of fewer lines is that of a log that begins with them', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 0, max: digested }), (texts, few) => {
      const last = few === 0 ? [] : texts.slice(-few)
      expect(digestOf(texts, texts.length, few)).toBe(digestOf(last, last.length))
    }),
  )
})

test('a digest can be moved on line by line', () => {
  fc.assert(
    fc.property(lines, (texts) => {
      let [h3, h2, h1, h0] = [0, 0, 0, 0]
      for (const { data } of texts) [h3, h2, h1, h0] = [h2, h1, h0, hashOf(data)]
      expect(combine(h3, h2, h1, h0)).toBe(digestOf(texts, texts.length))
    }),
  )
})

test('a digest is a whole number of 32 bits that survives JSON', () => {
  fc.assert(
    fc.property(lines, (texts) => {
      const digest = digestOf(texts, texts.length)
      expect(digest).toBe(new Uint32Array([digest])[0])
    }),
  )
})

test('another order, another line or another length is another digest', () => {
  const digest = (...texts: ReadonlyArray<string>): number =>
    digestOf(
      texts.map((data) => ({ data })),
      texts.length,
    )
  const all = [
    digest('a', 'b', 'c', 'd'),
    digest('d', 'c', 'b', 'a'),
    digest('a', 'b', 'c', 'e'),
    digest('x', 'b', 'c', 'd'),
    digest('b', 'c', 'd'),
    digest('', 'b', 'c', 'd'),
    digest('a', 'b', 'c', 'd '),
  ]
  expect(new Set(all).size).toBe(all.length)
})
