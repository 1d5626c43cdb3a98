import { expect, test } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'

test('stamps have nine fraction digits, always grow, and tell the time', () => {
  const clock = createClock()
  const stamps = Array.from({ length: 5000 }, () => clock.stamp())
  for (const stamp of stamps) expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  expect([...stamps].sort()).toEqual(stamps)
  expect(new Set(stamps).size).toBe(stamps.length)
  expect(Math.abs(Date.parse(clock.stamp()) - Date.now())).toBeLessThan(1000)
})
