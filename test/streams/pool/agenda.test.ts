import { VirtualTimeScheduler } from 'rxjs'
import { pooled, type PoolStats, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered } from '../support/letters.ts'
import { type Life, service } from './service.ts'

const forever: Life = [
  [0, 'r'],
  [1_000_000, 's'],
]

test('there is one timer for a thousand watches, and none when the last one left', () => {
  const scheduler = new VirtualTimeScheduler()
  const names = Array.from({ length: 1_000 }, (_, index) => String(index))
  const { source } = service(scheduler, { lives: new Map(names.map((name) => [name, forever])) })
  const pool = pooled(source, { requestsPerMinute: 10_000, every: 60_000 })
  const watches = names.map((name) => watchJob(pool, name).subscribe())
  expect(scheduler.actions).toHaveLength(1)
  scheduler.schedule(() => {
    expect(scheduler.actions).toHaveLength(1)
    for (const watch of watches) watch.unsubscribe()
    expect(scheduler.actions).toEqual([])
  }, 5_000)
  scheduler.flush()
})

test('Retry-After pauses the whole pool, and a refusal without it does for ever longer', () => {
  const scheduler = new VirtualTimeScheduler()
  const refusals = new Map([
    [0, answered(429, 20_000)],
    [1, answered(429)],
    [2, answered(429)],
    [5, answered(503, 7_000)],
  ])
  const lives = new Map(
    ['a', 'b', 'c'].map((name): [string, Life] => [
      name,
      [
        [0, 'r'],
        [30_000, 's'],
      ],
    ]),
  )
  const { source, requests } = service(scheduler, { lives, latency: () => 0, failure: (index) => refusals.get(index) })
  const pool = pooled(source, { requestsPerMinute: 600, maxConcurrent: 1, every: 1_000, random: () => 0 })
  const paused: Array<number> = []
  pool.stats.subscribe(({ pausedUntil }: PoolStats) => {
    if (pausedUntil._tag === 'Some' && pausedUntil.value !== paused.at(-1)) paused.push(pausedUntil.value)
  })
  for (const name of lives.keys()) watchJob(pool, name).subscribe()
  scheduler.flush()
  expect(requests.slice(0, 7).map(({ at }) => at)).toEqual([0, 20_000, 22_000, 26_000, 26_000, 26_000, 33_000])
  expect(paused).toEqual([20_000, 22_000, 26_000, 33_000])
})
