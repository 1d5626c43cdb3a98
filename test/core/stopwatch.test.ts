import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stopwatch } from '../../src/core/stopwatch.ts'
import { SettableScheduler } from './support/settable-scheduler.ts'

test('tells what passed, and that nothing did where the clock was set back', () => {
  const scheduler = new SettableScheduler()
  scheduler.setBy = 1_000_000
  const passed = stopwatch(scheduler)
  const told = [1_000_000, 1_000_500, 1_000_400, 1_000_450, 0, 10].map((now) => {
    scheduler.setBy = now
    return passed()
  })
  expect(told).toEqual([0, 500, 500, 550, 550, 560])
})

test('never goes back, and between two settings runs as the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(1_000))), (settings) => {
      const scheduler = new SettableScheduler()
      const passed = stopwatch(scheduler)
      let before = 0
      for (const [now, more] of settings) {
        scheduler.setBy = now
        const start = passed()
        expect(start).toBeGreaterThanOrEqual(before)
        scheduler.setBy = now + more
        before = passed()
        expect(before).toBe(start + more)
      }
    }),
  )
})
