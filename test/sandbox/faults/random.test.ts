import { expect, test } from 'vitest'
import { createRandom } from '../../../sandbox/faults/random.ts'

const numbers = (seed: number, count: number): number[] => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => random())
}

test('the same seed gives the same numbers, another one others', () => {
  expect(numbers(7, 50)).toEqual(numbers(7, 50))
  expect(numbers(8, 50)).not.toEqual(numbers(7, 50))
})

test('they lie from 0 up to 1 and are spread evenly', () => {
  const drawn = numbers(42, 20_000)
  const tenths = Array.from({ length: 10 }, (_, tenth) => drawn.filter((one) => Math.floor(one * 10) === tenth).length)
  expect(tenths.reduce((sum, count) => sum + count)).toBe(20_000)
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
})
