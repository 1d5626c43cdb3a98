import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRateLimit } from '../../../sandbox/genesys/rate-limit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('counts each token for itself, refuses above the limit, and begins anew after a minute', () => {
  const limit = createRateLimit(2)
  expect(limit('a')).toEqual({ count: 1, allowed: 2, reset: 60, exceeded: false })
  vi.advanceTimersByTime(20_500)
  expect(limit('a')).toMatchObject({ count: 2, reset: 40, exceeded: false })
  expect(limit('a')).toMatchObject({ count: 2, exceeded: true })
  expect(limit('b')).toMatchObject({ count: 1, reset: 60 })
  vi.advanceTimersByTime(39_500)
  expect(limit('a')).toMatchObject({ count: 1, reset: 60, exceeded: false })
})
