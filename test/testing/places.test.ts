import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogPiece } from '../../src/testing/elements.ts'
import { placesAfter } from '../../src/testing/places.ts'

const gap: LogPiece = { _tag: 'Gap' }
const piece = (text: string): LogPiece => (text === '~' ? gap : { _tag: 'Line', data: text })
const after = (log: string, given: string) => {
  const { places, wrong } = placesAfter(Array.from(log), Array.from(given, piece))
  return wrong === undefined ? [...places].sort((a, b) => a - b) : `wrong at ${wrong}`
}

test.each([
  ['abc', '', [0]],
  ['abc', 'ab', [2]],
  ['abc', 'ac', 'wrong at 1'],
  ['abc', 'aab', 'wrong at 1'],
  ['abc', 'a~', [1, 2, 3]],
  ['abc', '~c', [3]],
  ['abab', '~b', [2, 4]],
  ['abab', '~bb', 'wrong at 2'],
  ['abc', 'abcd', 'wrong at 3'],
])('of the log %j the pieces %j lead to %j', (log, given, expected) => {
  expect(after(log, given)).toEqual(expected)
})

test('a log with any of its lines taken out, and a gap for each, fits; without the gaps it does not', () => {
  const lines = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 30 })
  fc.assert(
    fc.property(lines, fc.nat(), (log, at) => {
      const missing = 1 + (at % (log.length - 2))
      const told = log.map((data, index): LogPiece => (index === missing ? gap : { _tag: 'Line', data }))
      expect(placesAfter(log, told)).toEqual({ places: new Set([log.length]) })
      const silent = told.filter(({ _tag }) => _tag === 'Line')
      expect(placesAfter(log, silent).wrong).toBe(missing)
    }),
    { seed: 11 },
  )
})
