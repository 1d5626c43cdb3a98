import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Clock, Timers } from '../../sandbox/time.ts'

describe('the clock', () => {
  test('timestamps have nine fraction digits and always grow', () => {
    const clock = new Clock()
    const stamps = Array.from({ length: 5000 }, () => clock.stamp())
    for (const stamp of stamps) expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect([...stamps].sort()).toEqual(stamps)
    expect(new Set(stamps).size).toBe(stamps.length)
    expect(Math.abs(Date.parse(clock.stamp()) - Date.now())).toBeLessThan(1000)
  })
})

describe('timers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('calls once, or at intervals', () => {
    const timers = new Timers()
    const once = vi.fn()
    const often = vi.fn()
    timers.after(10, once)
    const stop = timers.every(10, often)
    vi.advanceTimersByTime(35)
    stop()
    vi.advanceTimersByTime(35)
    expect([once.mock.calls.length, often.mock.calls.length]).toEqual([1, 3])
  })

  test('calls nothing after cancel or close', () => {
    const timers = new Timers()
    const call = vi.fn()
    timers.after(10, call)()
    timers.after(10, call)
    timers.every(10, call)
    timers.close()
    timers.after(10, call)
    timers.every(10, call)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(100)
    expect(call).not.toHaveBeenCalled()
  })
})
