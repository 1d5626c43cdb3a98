import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from '../../src/core/backoff.ts'

test('doubles up to the cap', () => {
  const growth = { base: 100, cap: 1_000, random: () => 0.5 }
  expect([1, 2, 3, 4, 5, 6].map((attempt) => backoff(growth, attempt))).toEqual([50, 100, 200, 400, 500, 500])
})

test('lies between nothing and its bound, at the cap too, for any attempt', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.nat(10_000),
      fc.nat(100_000),
      unit,
      (attempt, base, cap, part) => {
        const bound = Math.min(cap, base * 2 ** (attempt - 1))
        expect(backoff({ base, cap, random: () => part }, attempt)).toBeCloseTo(part * (base === 0 ? 0 : bound), 5)
      },
    ),
    { numRuns: 1000 },
  )
})

test('waiters that failed together do not come back together', () => {
  const waits = Array.from({ length: 200 }, () => backoff({ base: 100, cap: 1_000 }, 20))
  expect(new Set(waits).size).toBeGreaterThan(190)
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_000)
})
