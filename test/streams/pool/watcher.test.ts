import { defer, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { type Connection, every, isNetworkError, NetworkError, pooled, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, inTurn, letters } from '../support/letters.ts'

const cut = new NetworkError({ method: 'GET', path: '/jobs/a', cause: 'cut' })

/** A pool on a source whose looks go like that: an error, or a job. */
function poolOf(
  scheduler: VirtualTimeScheduler,
  ...looks: readonly [Error | string, ...ReadonlyArray<Error | string>]
) {
  const next = inTurn(...looks)
  const source = letters(() =>
    defer(() => {
      const look = next()
      return typeof look === 'string' ? of(look) : throwError(() => look)
    }),
  )
  return pooled(source, { requestsPerMinute: 6_000, scheduler, random: () => 0.5 })
}

test('each watcher bears as many failures as it said, and the others go on', () => {
  const scheduler = new VirtualTimeScheduler()
  const pool = poolOf(scheduler, cut, cut, cut, 's')
  const ends = [0, 2, 20].map((maxFailures) => {
    const seen: Array<unknown> = []
    watchJob(pool, 'a', { maxFailures }).subscribe({
      next: ({ job }) => seen.push(job),
      error: (error: unknown) => seen.push([scheduler.now(), isNetworkError(error) && error.trail]),
    })
    return seen
  })
  scheduler.flush()
  expect(ends).toEqual([[[0, undefined]], [[1_500, { NetworkError: 2 }]], ['s']])
})

test('each is told how the connection is, when it changes', () => {
  const scheduler = new VirtualTimeScheduler()
  const pool = poolOf(scheduler, 'q', cut, answered(429, 9_000), 'r', 'r', 's')
  const told: Array<Pick<Connection, 'state' | 'attempt' | 'waitMs'>> = []
  watchJob(pool, 'a', {
    onConnection: ({ state, attempt, waitMs }) => told.push({ state, attempt, waitMs }),
  }).subscribe()
  scheduler.flush()
  expect(told).toEqual([
    { state: 'open', attempt: 0, waitMs: 0 },
    { state: 'retrying', attempt: 1, waitMs: 500 },
    { state: 'retrying', attempt: 2, waitMs: 9_000 },
    { state: 'open', attempt: 0, waitMs: 0 },
  ])
})

test('a cadence that throws ends its own watch', () => {
  const scheduler = new VirtualTimeScheduler()
  const pool = poolOf(scheduler, 'q', 'r', 's')
  const broken = new RangeError('no cadence')
  const seen: Array<unknown> = []
  const bad = (): number => {
    throw broken
  }
  watchJob(pool, 'a', { cadence: bad }).subscribe({ error: (error: unknown) => seen.push(error) })
  watchJob(pool, 'a', { cadence: every(10) }).subscribe(({ job }) => seen.push(job))
  scheduler.flush()
  expect(seen).toEqual([broken, 'q', 'r', 's'])
})
