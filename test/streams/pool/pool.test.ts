import { Observable, type Subscriber, VirtualTimeScheduler } from 'rxjs'
import { pooled, type PoolStats, type RateLimit, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { service } from './service.ts'

test('tells what it does to who asks, now and at each change', () => {
  const scheduler = new VirtualTimeScheduler()
  const lives = new Map(
    ['a', 'b'].map(
      (name) =>
        [
          name,
          [
            [0, 'r'],
            [5_000, 's'],
          ],
        ] as const,
    ),
  )
  const { source } = service(scheduler, { lives, latency: () => 100 })
  const pool = pooled(source, { requestsPerMinute: 60, maxConcurrent: 1, pollInterval: 1_000 })
  const seen = new Map<number, PoolStats>()
  const watching = pool.stats.subscribe((stats) => seen.set(scheduler.now(), stats))
  expect(seen.get(0)).toMatchObject({ requests: 0, inFlight: 0, watches: 0, jobs: 0, waiting: 0, lag: 0 })
  for (const name of ['a', 'a', 'b']) watchJob(pool, name).subscribe()
  scheduler.schedule(
    () => expect(seen.get(50) ?? seen.get(0)).toMatchObject({ requests: 1, inFlight: 1, waiting: 1 }),
    60,
  )
  scheduler.schedule(
    () => expect(seen.get(100)).toMatchObject({ requests: 2, watches: 3, jobs: 2, waiting: 0, lag: 100 }),
    110,
  )
  scheduler.flush()
  const last = [...seen.values()].at(-1)
  expect(last).toMatchObject({ inFlight: 0, watches: 0, jobs: 0, waiting: 0, pausedUntil: undefined })
  watching.unsubscribe()
})

test('listens to the limits while it is used, and obeys them for all', () => {
  const scheduler = new VirtualTimeScheduler()
  let listener: Subscriber<RateLimit> | undefined
  const limits = new Observable<RateLimit>((subscriber) => {
    listener = subscriber
    return () => (listener = undefined)
  })
  const lives = new Map(
    ['a', 'b'].map(
      (name) =>
        [
          name,
          [
            [0, 'r'],
            [25_000, 's'],
          ],
        ] as const,
    ),
  )
  const { source, requests } = service(scheduler, { lives })
  const pool = pooled({ ...source, limits }, { requestsPerMinute: 600 })
  expect(listener).toBe(undefined)
  for (const name of ['a', 'b']) watchJob(pool, name, { pollInterval: 1_000 }).subscribe()
  scheduler.schedule(() => listener?.next({ allowed: 300, used: 298, resetIn: 20_000 }), 500)
  // A stream of limits that fails is no reason to end a watch.
  scheduler.schedule(() => listener?.error(new Error('lost')), 15_000)
  scheduler.flush()
  expect(requests.map(({ at }) => at).filter((at) => at > 500 && at < 22_000)).toEqual([
    1_010, 1_010, 20_500, 20_500, 21_510, 21_510,
  ])
  expect(listener).toBe(undefined)
})

test('a job that is over is forgotten: who watches it again looks again', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source, requests } = service(scheduler, { lives: new Map([['a', [[0, 's']]]]) })
  const pool = pooled(source, { requestsPerMinute: 600 })
  const seen: Array<string> = []
  for (const at of [0, 500]) scheduler.schedule(() => watchJob(pool, 'a').subscribe(({ job }) => seen.push(job)), at)
  scheduler.flush()
  expect([seen, requests.map(({ at }) => at)]).toEqual([
    ['s', 's'],
    [0, 500],
  ])
})
