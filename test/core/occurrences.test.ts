import fc from 'fast-check'
import { expect, test } from 'vitest'
import { occurrences } from '../../src/core/occurrences.ts'

const few = (maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength, size: 'max' })

test('finds what a look at each place finds', () => {
  fc.assert(
    fc.property(few(40), few(6, 1), (text, word) => {
      const { places, begunBy } = occurrences(text, word)
      const all = Array.from(text, (_, from) => ({ from, to: from + word.length }))
      expect(places).toEqual(all.filter(({ from }) => text.startsWith(word, from)))
      for (let to = 0; to <= text.length; to++) {
        const lengths = Array.from({ length: Math.min(word.length, to + 1) }, (_, length) => length)
        const ends = lengths.filter((length) => text.slice(0, to).endsWith(word.slice(0, length)))
        expect(begunBy(to)).toBe(Math.max(...ends))
      }
    }),
    { numRuns: 2000 },
  )
})

test('a word that is longer than the text has only begun', () => {
  expect(occurrences('xab', 'abc').places).toEqual([])
  expect(occurrences('xab', 'abc').begunBy(3)).toBe(2)
  expect(occurrences('', 'abc').begunBy(0)).toBe(0)
})
