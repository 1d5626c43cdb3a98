import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nesting } from '../../../src/core/framing/nesting.ts'

const value = fc
  .jsonValue({ maxDepth: 4 })
  .filter((one) => typeof one === 'object' && one !== null)
  .map((one) => JSON.stringify(one))

test('an object or an array ends where it does, however it is cut and whatever follows', () => {
  fc.assert(
    fc.property(
      value,
      fc.constantFrom('', ' ', '}', ']', '{"a":1}', '"'),
      fc.nat(),
      fc.nat(),
      (json, more, one, other) => {
        const text = json + more
        const [first = 0, second = 0] = [one % (text.length + 1), other % (text.length + 1)].sort((a, b) => a - b)
        const push = nesting()
        const texts = [text.slice(0, first), text.slice(first, second), text.slice(second)]
        const ends = texts.map((piece) => push(piece))
        const last = ends.findIndex((end) => end >= 0)
        expect(texts.slice(0, last).join('').length + (ends[last] ?? NaN)).toBe(json.length)
      },
    ),
    { numRuns: 1000 },
  )
})

test('what is in a string is no bracket, and what is open has no end', () => {
  const push = nesting()
  expect(['{"a":"', '}', '\\', '"', ']}', '"', ' }x'].map(push)).toEqual([-1, -1, -1, -1, -1, -1, 2])
})
