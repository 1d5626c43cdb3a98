import fc from 'fast-check'
import { defer, map, NEVER, type Observable, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { type PoolOptions, pooled, watchJob } from 'rxjobs'
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
  const pool = pooled(
    letters(() => NEVER, { scheduler, failure }),
    { random: () => 0, ...options },
  )
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

test('a request without an answer gives up its place after five seconds; where too many hang one goes at a time', () => {
  const hanging = begun(7, { requestsPerMinute: 600, maxConcurrent: 2 }, () => NEVER)
  expect(hanging).toEqual([0, 0, 5_000, 5_000, 10_000, 15_000, 20_000])
  const four = (index: number): Observable<unknown> => (index < 4 ? NEVER : of('f'))
  expect(begun(9, { requestsPerMinute: 600, maxConcurrent: 2 }, four).slice(4)).toEqual(Array(5).fill(10_000))
})

test('a request without an answer gives up its share of the budget after two minutes', () => {
  expect(begun(2, { requestsPerMinute: 1 }, () => NEVER)).toEqual([0, 120_002])
})

test('a pause has jitter above what the service asks for', () => {
  const refused = throwError(() => answered(429, 10_000))
  const answer = (index: number): Observable<unknown> => (index === 0 ? refused : of('f'))
  expect(begun(2, { requestsPerMinute: 600, random: () => 0.5 }, answer)).toEqual([0, 10_500])
})

test('a pause is never shortened by another one', () => {
  const waits = [5_000, 2_000]
  const answer = (index: number, scheduler: VirtualTimeScheduler): Observable<unknown> => {
    const wait = waits[index]
    return timer(10 + 10 * index, scheduler).pipe(map(() => (wait === undefined ? 'f' : fail(wait))))
  }
  expect(begun(4, { requestsPerMinute: 600, maxConcurrent: 2 }, answer)).toEqual([0, 0, 5_010, 5_010])
})

test.each([undefined, 0, 1, 999])('a 429 with the Retry-After %s ms pauses the pool for a second', (retryAfter) => {
  const refused = throwError(() => answered(429, retryAfter))
  const answer = (index: number): Observable<unknown> => (index === 0 ? refused : of('f'))
  expect(begun(2, { requestsPerMinute: 600 }, answer)).toEqual([0, 1_000])
})

test('what may not be sent at once is spread over the rest of the minute', () => {
  const times = begun(600, { requestsPerMinute: 300, maxConcurrent: 1_000 }, () => of('f'))
  const pauses = times.map((at, index) => at - (times[index - 1] ?? 0))
  expect(Math.max(...pauses)).toBeLessThanOrEqual(300)
})

test('a request that was counted and not sent is given back to the limit of the service', () => {
  const scheduler = new VirtualTimeScheduler()
  const times: Array<number> = []
  const limits = of({ allowed: 40, used: 0, resetIn: 600_000 })
  const source = letters(() => defer(() => (times.push(scheduler.now()), of('r'))), { scheduler, limits })
  const pool = pooled({ ...source, requests: 2 }, { requestsPerMinute: 600, pollInterval: 1_000 })
  const watch = watchJob(pool, 'a').subscribe()
  scheduler.schedule(() => watch.unsubscribe(), 300_000)
  scheduler.flush()
  expect(times).toHaveLength(39)
})

function fail(retryAfter: number): never {
  throw answered(503, retryAfter)
}
