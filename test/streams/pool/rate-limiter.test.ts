import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestWait } from '../../../src/core/retry-after.ts'
import { Budget } from '../../../src/streams/pool/budget.ts'
import { mostInMinute } from './service.ts'

const budgetOf = (requestsPerMinute: number, maxConcurrent = 1_000): Budget =>
  new Budget({ requestsPerMinute, maxConcurrent })

/** When requests begin that all want to begin at once, each answered after `latency`. */
function begun(budget: Budget, count: number, latency = 0): ReadonlyArray<number> {
  let now = 0
  return Array.from({ length: count }, () => {
    now = budget.opensAt(now, 1)
    budget.begin(now, 1)
    budget.end(now + latency, 1, 1)
    return now
  })
}

test('no minute has more than allowed, whatever calls cost and however long they take, and none waits for ever', () => {
  const call = fc.record({
    gap: fc.integer({ min: 0, max: 20_000 }),
    requests: fc.integer({ min: 1, max: 3 }),
    unused: fc.integer({ min: 0, max: 2 }),
    latency: fc.integer({ min: 0, max: 90_000 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 40 }), fc.array(call, { maxLength: 150 }), (allowed, calls) => {
      const budget = budgetOf(allowed)
      const counted: Array<number> = []
      let under: Array<{ readonly until: number; readonly end: () => void }> = []
      let now = 0
      function answerUntil(time: number): void {
        under = [...under].sort((a, b) => a.until - b.until)
        for (const { until, end } of under.filter((one) => one.until <= time)) {
          now = Math.max(now, until)
          end()
        }
        under = under.filter((one) => one.until > time)
      }
      for (const { gap, requests, unused, latency } of calls) {
        answerUntil(now + gap)
        now = Math.max(now, 0) + gap
        for (let at = budget.opensAt(now, requests); at > now; at = budget.opensAt(now, requests)) {
          const answer = Math.min(...under.map(({ until }) => until))
          expect(Math.min(at, answer)).toBeLessThan(Number.POSITIVE_INFINITY)
          const next = Math.min(at, answer)
          answerUntil(next)
          now = Math.max(now, next)
        }
        const sent = Math.max(1, requests - unused)
        budget.begin(now, requests)
        // The service may count them as late as when it answers.
        const until = now + latency
        under.push({ until, end: () => budget.end(until, requests, sent) })
        for (let count = 0; count < sent; count++) counted.push(now + latency * (count % 2))
      }
      expect(mostInMinute([...counted].sort((a, b) => a - b))).toBeLessThanOrEqual(allowed)
    }),
  )
})

describe('how a budget is spent', () => {
  test('a quarter at once, the rest evenly, and then for good at the rate that is allowed', () => {
    const times = begun(budgetOf(300), 1_500, 50)
    expect(times.filter((time) => time === 0)).toHaveLength(75)
    const gaps = times.slice(76).map((time, index) => time - (times[index + 75] ?? 0))
    // Nowhere a stop: who comes next waits for less than half a second.
    expect(Math.max(...gaps)).toBeLessThan(500)
    expect(times.filter((time) => time >= 120_000 && time < 180_000).length).toBeGreaterThanOrEqual(299)
  })

  test.each([1, 2, 3, 4, 5])('%d a minute are %d a minute', (allowed) => {
    const times = begun(budgetOf(allowed), 20 * allowed)
    expect(mostInMinute(times)).toBe(allowed)
    expect(times.at(-1)).toBeLessThanOrEqual(20 * 60_000)
  })

  test('it waits for an answer where as many calls are under way as may be, or all requests are', () => {
    const few = budgetOf(100, 2)
    few.begin(0, 1)
    expect(few.opensAt(5, 1)).toBe(5)
    few.begin(5, 1)
    expect(few.opensAt(5, 1)).toBe(Number.POSITIVE_INFINITY)
    few.end(9, 1, 1)
    expect(few.opensAt(9, 1)).toBe(9)
    const small = budgetOf(2)
    small.begin(0, 2)
    expect(small.opensAt(100_000, 1)).toBe(Number.POSITIVE_INFINITY)
  })

  test('what was set aside and not sent is free again', () => {
    const budget = budgetOf(10)
    budget.begin(0, 2)
    expect(budget.used(1)).toBe(2)
    budget.end(1, 2, 1)
    expect([budget.used(60_001), budget.used(60_002), budget.calls]).toEqual([1, 0, 0])
  })
})

describe('what the service says', () => {
  test('a pause holds everything back until it is over, the longest one', () => {
    const budget = budgetOf(100)
    budget.pause(9_000)
    budget.pause(5_000)
    expect([budget.opensAt(100, 1), budget.pausedUntil(100), budget.pausedUntil(9_000)]).toEqual([
      9_000,
      9_000,
      undefined,
    ])
  })

  test('what others left of its limit is not exceeded before its count begins again', () => {
    const budget = budgetOf(100)
    budget.begin(0, 1)
    budget.obey(10, { allowed: 180, used: 177, resetIn: 30_000 })
    budget.end(10, 1, 1)
    budget.begin(10, 1)
    expect(budget.opensAt(11, 1)).toBe(11)
    budget.begin(11, 1)
    expect([budget.opensAt(12, 1), budget.pausedUntil(12)]).toEqual([30_010, 30_010])
    expect([budget.opensAt(30_010, 1), budget.pausedUntil(30_010)]).toEqual([30_010, undefined])
  })

  test.each([
    { allowed: Number.NaN, used: 3, resetIn: 1_000 },
    { allowed: 1, used: 1, resetIn: 0 },
    { allowed: 1, used: 1, resetIn: -5 },
    { allowed: 1, used: 1, resetIn: Number.NaN },
  ])('%j tells nothing', (limit) => {
    const budget = budgetOf(100)
    budget.obey(0, limit)
    expect(budget.opensAt(0, 1)).toBe(0)
  })

  test('a limit that never begins again holds no longer than any wait', () => {
    const budget = budgetOf(100)
    budget.obey(0, { allowed: 1, used: 1, resetIn: Number.POSITIVE_INFINITY })
    expect(budget.opensAt(0, 1)).toBe(longestWait)
  })
})
