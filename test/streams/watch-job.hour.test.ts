import { defer, map, of } from 'rxjs'
import { type PollInterval, adaptiveInterval, watchJob } from 'rxjobs'
import { TestScheduler } from 'rxjs/testing'
import { expect, test } from 'vitest'
import { letters } from './support/letters.ts'

const hour = 3_600_000

/** Watches a job that takes an hour, in virtual time. */
function anHour(pollInterval?: number | PollInterval): {
  readonly reads: number
  readonly endedAt: number
  readonly realMs: number
} {
  const clock = new TestScheduler(() => expect.unreachable('no marbles here'))
  let reads = 0
  let endedAt = -1
  const begun = performance.now()
  clock.run(() => {
    const source = letters(() =>
      defer(() => {
        reads++
        return of(clock.now() < hour ? 'r' : 's')
      }),
    )
    const options = { scheduler: clock, ...(pollInterval === undefined ? {} : { pollInterval }) }
    watchJob(source, 'a', options)
      .pipe(map(({ phase }) => phase))
      .subscribe({ complete: () => (endedAt = clock.now()) })
  })
  return { reads, endedAt, realMs: performance.now() - begun }
}

test('an hour of polling every second is 3601 reads and ends on the second, in a moment of real time', () => {
  const runs = [1, 2, 3].map(() => anHour(1_000))
  for (const { reads, endedAt } of runs) expect([reads, endedAt]).toEqual([3_601, hour])
  // The mark is 100 ms. The best of three, and ten times that, leave room for a busy machine and none for a real timer.
  expect(Math.min(...runs.map(({ realMs }) => realMs))).toBeLessThan(1_000)
})

test('an hour at the default pollInterval: the longest waits are 15 s, the shortest 0.5 s', () => {
  const { reads, endedAt } = anHour()
  expect(reads).toBeGreaterThan(hour / 15_000)
  expect(reads).toBeLessThan(hour / 500)
  expect(endedAt).toBeGreaterThanOrEqual(hour)
  expect(endedAt).toBeLessThan(hour + 15_000)
})

test('without luck in the jitter an hour costs 500 ms a read at most, with it 5 % of the age', () => {
  expect(anHour(adaptiveInterval({ random: () => 0 })).reads).toBe(7_201)
  expect(anHour(adaptiveInterval({ random: () => 1 })).reads).toBeLessThan(330)
})
