import { expect, test } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { createJobStore } from '../../../sandbox/connect/job-store.ts'
import { createTimers } from '../../../sandbox/timers.ts'

test('keeps jobs by content and key, the newest first', () => {
  const store = createJobStore({ clock: createClock(), timers: createTimers(), settleMs: 0, graceMs: 0 })
  const origin = { guid: 'g', contentId: 1, variantId: 0, bundleId: 0, tag: 'run_app' }
  const [first, second] = [store.create(origin), store.create(origin)]
  store.create({ ...origin, guid: 'other' })
  expect(store.of('g')).toEqual([second, first])
  expect(first.origin.key).toMatch(/^[A-Za-z0-9]{16}$/)
  expect(first.origin.id).not.toBe(second.origin.id)
  expect(store.get('g', first.origin.key)).toBe(first)
  expect(store.of('nowhere')).toEqual([])
  expect(() => store.get('other', first.origin.key)).toThrow()
})
