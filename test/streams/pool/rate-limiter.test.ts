import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimiter } from '../../../src/streams/pool/rate-limiter.ts'
import { mostInMinute } from './service.ts'

/** When requests begin that all want to begin at once, each answered after `latency`. */
function begun(limiter: RateLimiter, count: number, latency: number): ReadonlyArray<number> {
  const times: Array<number> = []
  const running: Array<readonly [end: number, stop: () => void]> = []
  let now = 0
  while (times.length < count) {
    for (const [end, stop] of running.filter(([at]) => at <= now)) {
      stop()
      running.splice(
        running.findIndex(([at]) => at === end),
        1,
      )
    }
    const at = Math.max(limiter.availableAt(now, 1), limiter.placeFreeAt(now))
    if (at <= now) {
      const request = limiter.begin(now, 1, true)
      times.push(now)
      const end = now + latency
      running.push([end, () => limiter.answered(end, request, 1)])
    } else now = Math.ceil(Math.min(at, ...running.map(([end]) => Math.max(end, now + 1))))
  }
  return times
}

test('no minute has more than allowed, a quarter may go at once, and the whole budget is used', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 2_000 }), (perMinute, latency) => {
      const times = begun(new RateLimiter(perMinute, 1_000), 3 * perMinute, latency)
      expect(mostInMinute(times)).toBeLessThanOrEqual(perMinute)
      expect(times.filter((at) => at === 0)).toHaveLength(Math.ceil(perMinute / 4))
      expect(times.at(-1)).toBeLessThanOrEqual(3 * (60_001 + latency))
    }),
    { numRuns: 60 },
  )
})

test('a request without an answer gives up its place after five seconds and its share after two minutes', () => {
  const limiter = new RateLimiter(1, 1)
  limiter.begin(0, 1, true)
  expect(limiter.placeFreeAt(100)).toBe(5_000)
  expect(limiter.placeFreeAt(5_000)).toBe(5_000)
  expect(limiter.used(119_000)).toBe(1)
  expect(limiter.availableAt(200_000, 1)).toBe(200_000)
})

test('what the service says of its limit holds until it begins again', () => {
  const limiter = new RateLimiter(600, 10)
  limiter.applyLimit(0, { allowed: 10, used: 10, resetIn: 9_000 })
  expect([limiter.pausedUntil(0), limiter.availableAt(0, 1)]).toEqual([9_000, 9_000])
  expect([limiter.pausedUntil(9_000), limiter.availableAt(9_000, 1)]).toEqual([undefined, 9_000])
})

test('a pause is never shortened by another one', () => {
  const limiter = new RateLimiter(600, 10)
  limiter.pause(5_000)
  limiter.pause(2_000)
  expect(limiter.availableAt(0, 1)).toBe(5_000)
})
