import { expect, test } from 'vitest'
import { Growth } from '../../../src/streams/log/growth.ts'

test('what is likely new is what came in the last interval, scaled to this one, and a tenth', () => {
  const growth = new Growth()
  growth.asked(0)
  growth.added(5_000)
  growth.asked(1_000)
  expect([growth.last, growth.likely]).toEqual([5_000, 0])
  growth.added(100)
  growth.asked(3_000)
  expect(growth.likely).toBeGreaterThanOrEqual(220)
  expect(growth.likely).toBeLessThanOrEqual(221)
  growth.added(0)
  growth.asked(4_000)
  expect([growth.last, growth.likely]).toEqual([0, 0])
})
