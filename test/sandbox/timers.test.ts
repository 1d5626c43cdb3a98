import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTimers } from '../../sandbox/timers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('calls once after the time, and again and again', () => {
  const timers = createTimers()
  const once = vi.fn()
  const often = vi.fn()
  timers.after(10, once)
  const stop = timers.every(10, often)
  vi.advanceTimersByTime(35)
  stop()
  vi.advanceTimersByTime(35)
  expect([once.mock.calls.length, often.mock.calls.length]).toEqual([1, 3])
})

test('calls nothing once cancelled or closed, and leaves no timer', () => {
  const timers = createTimers()
  const call = vi.fn()
  timers.after(10, call)()
  timers.after(10, call)
  timers.every(10, call)
  timers.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(100)
  expect(call).not.toHaveBeenCalled()
})
