import fc from 'fast-check'
import { defer, map, NEVER, type Observable, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { type PoolOptions, pooled } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, letters } from '../support/letters.ts'
import { mostInMinute } from './service.ts'

/** When requests begin that all want to begin at once. */
function begun(
  count: number,
  options: PoolOptions,
  answer: (index: number, scheduler: VirtualTimeScheduler) => Observable<unknown>,
): ReadonlyArray<number> {
  const scheduler = new VirtualTimeScheduler()
  scheduler.maxFrames = 1_000_000
  const times: Array<number> = []
  const failure = (): Observable<undefined> =>
    defer(() => answer(times.push(scheduler.now()) - 1, scheduler)).pipe(map(() => undefined))
  const pool = pooled(letters(() => NEVER, { scheduler, failure }), options)
  for (let index = 0; index < count; index++) pool.failure('a', 'f').subscribe({ error: () => undefined })
  scheduler.flush()
  return times
}

test('no minute has more than allowed, a quarter may go at once, and the whole budget is used', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 2_000 }), (requestsPerMinute, latency) => {
      const options = { requestsPerMinute, maxConcurrent: 1_000 }
      const times = begun(3 * requestsPerMinute, options, (_, scheduler) => timer(latency, scheduler))
      expect(times).toHaveLength(3 * requestsPerMinute)
      expect(mostInMinute(times)).toBeLessThanOrEqual(requestsPerMinute)
      expect(times.filter((at) => at === 0)).toHaveLength(Math.ceil(requestsPerMinute / 4))
      expect(times.at(-1)).toBeLessThanOrEqual(3 * (60_001 + latency))
    }),
    { numRuns: 60 },
  )
})

test('a request without an answer gives up its place after five seconds, but for as many as there are places', () => {
  const times = begun(5, { requestsPerMinute: 600, maxConcurrent: 2 }, () => NEVER)
  expect(times).toEqual([0, 0, 5_000, 5_000])
})

test('a request without an answer gives up its share of the budget after two minutes', () => {
  expect(begun(2, { requestsPerMinute: 1 }, () => NEVER)).toEqual([0, 120_002])
})

test('a pause is never shortened by another one', () => {
  const waits = [5_000, 2_000]
  const answer = (index: number, scheduler: VirtualTimeScheduler): Observable<unknown> => {
    const wait = waits[index]
    return timer(10 + 10 * index, scheduler).pipe(map(() => (wait === undefined ? 'f' : fail(wait))))
  }
  expect(begun(4, { requestsPerMinute: 600, maxConcurrent: 2 }, answer)).toEqual([0, 0, 5_010, 5_010])
})

test('a 429 without Retry-After pauses the pool for a second', () => {
  const answer = (index: number): Observable<unknown> => (index === 0 ? throwError(() => answered(429)) : of('f'))
  expect(begun(2, { requestsPerMinute: 600 }, answer)).toEqual([0, 1_000])
})

function fail(retryAfter: number): never {
  throw answered(503, retryAfter)
}
