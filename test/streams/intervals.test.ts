import fc from 'fast-check'
import { exponentialInterval, adaptiveInterval } from 'rxjobs'
import { expect, test } from 'vitest'
import { refusal } from '../apis/support.ts'

const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const age = fc.double({ min: 0, max: 1e12, noNaN: true })
const attempt = fc.integer({ min: 1, max: 1_000_000 })

test('adaptiveInterval: from 0.5 s to 5 % of the age, never above 15 s', () => {
  fc.assert(
    fc.property(age, attempt, luck, (ms, count, drawn) => {
      const wait = adaptiveInterval({ random: () => drawn })({}, ms, count)
      expect(wait).toBeGreaterThanOrEqual(500)
      expect(wait).toBeLessThanOrEqual(Math.min(15_000, Math.max(500, ms * 0.05)))
    }),
  )
})

test.each([
  [0, 1, 500],
  [10_000, 1, 500],
  [100_000, 1, 5_000],
  [100_000, 0, 500],
  [100_000, 0.5, 2_750],
  [300_000, 1, 15_000],
  [3_600_000, 1, 15_000],
])('adaptiveInterval: at the age of %d ms with luck %d it is %d', (ms, drawn, wanted) => {
  expect(adaptiveInterval({ random: () => drawn })({}, ms, 1)).toBe(wanted)
})

test('adaptiveInterval: its bounds are what it is given', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), fc.nat(60_000), age, luck, (min, more, ms, drawn) => {
      const max = min + more
      const wait = adaptiveInterval({ min, max, share: 0.5, random: () => drawn })({}, ms, 1)
      expect(wait).toBeGreaterThanOrEqual(min - 1e-6)
      expect(wait).toBeLessThanOrEqual(max + 1e-6)
    }),
  )
})

test('the jitter is drawn anew each time', () => {
  const waits = (interval = adaptiveInterval()): ReadonlySet<number> =>
    new Set(Array.from({ length: 20 }, () => interval({}, 200_000, 1)))
  expect(waits().size).toBeGreaterThan(1)
  expect(waits(exponentialInterval()).size).toBeGreaterThan(1)
})

test('exponentialInterval: between half and the whole of what grows by half each time, never above 30 s', () => {
  fc.assert(
    fc.property(age, attempt, luck, (ms, count, drawn) => {
      const full = Math.min(30_000, 500 * 1.5 ** (count - 1))
      const wait = exponentialInterval({ random: () => drawn })({}, ms, count)
      expect(wait).toBeGreaterThanOrEqual(full / 2)
      expect(wait).toBeLessThanOrEqual(full)
    }),
  )
})

test('exponentialInterval: base, factor and max', () => {
  const waits = [1, 2, 3, 4, 5, 2_000].map((count) =>
    exponentialInterval({ base: 100, factor: 3, max: 2_000, random: () => 1 })({}, 0, count),
  )
  expect(waits).toEqual([100, 300, 900, 2_000, 2_000, 2_000])
})

test('a shortest wait beyond the default of the longest one is kept', () => {
  expect(adaptiveInterval({ min: 20_000 })({}, 1e9, 1)).toBe(20_000)
})

test.each<[words: RegExp, make: () => unknown]>([
  [/^adaptiveInterval: min must be a positive number, was NaN/, () => adaptiveInterval({ min: Number.NaN })],
  [/^adaptiveInterval: min must be a positive number, was 0/, () => adaptiveInterval({ min: 0 })],
  [/^adaptiveInterval: max must be at least min, was 5/, () => adaptiveInterval({ min: 10, max: 5 })],
  [/^adaptiveInterval: max must be a positive number, was NaN/, () => adaptiveInterval({ max: Number.NaN })],
  [/^adaptiveInterval: share must be a number from 0 up, was -1/, () => adaptiveInterval({ share: -1 })],
  [/^exponentialInterval: base must be a positive number, was 0/, () => exponentialInterval({ base: 0 })],
  [/^exponentialInterval: factor must be a number from 1 up, was 0.5/, () => exponentialInterval({ factor: 0.5 })],
  [/^exponentialInterval: max must be a positive number, was 0/, () => exponentialInterval({ max: 0 })],
])('options that give no wait are refused at the call: %s', (words, make) => {
  expect(refusal(make)).toMatch(words)
})
