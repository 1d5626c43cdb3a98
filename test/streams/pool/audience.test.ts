import { of, VirtualTimeScheduler } from 'rxjs'
import { every, pooled, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { letters, marbles } from '../support/letters.ts'
import { service } from './service.ts'

test('one poll serves all watchers of a job; a late one gets the current value at once', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const looks = ['-q|', '-r|', '-s|'].map((answer) => cold(answer))
    let look = 0
    const source = letters(() => looks[look++] ?? expect.unreachable('there are three looks'))
    const watched = pooled(source, { requestsPerMinute: 60, every: 10, scheduler }).watch
    if (watched === undefined) return expect.unreachable('a pool watches')
    const job = watched('a', {})
    const q = { ref: 'a', job: 'q', phase: 'queued' }
    const r = { ref: 'a', job: 'r', phase: 'running' }
    const s = { ref: 'a', job: 's', phase: 'succeeded' }
    expectObservable(job).toBe('-q 10ms r 10ms (s|)', { q, r, s })
    expectObservable(job, '-----^').toBe('-----q------r 10ms (s|)', { q, r, s })
    for (const [index, frames] of ['^!', '11ms ^!', '22ms ^!'].entries()) {
      expectSubscriptions(looks[index]?.subscriptions ?? []).toBe(frames)
    }
  })
})

test('the lowest interval asked for wins, and goes with the one who asked for it', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source, requests } = service(scheduler, {
    lives: new Map([
      [
        'a',
        [
          [0, 'r'],
          [20_000, 's'],
        ],
      ],
    ]),
    latency: () => 0,
  })
  const pool = pooled(source, { requestsPerMinute: 1_000 })
  watchJob(pool, 'a', { cadence: every(5_000) }).subscribe()
  const eager = watchJob(pool, 'a', { cadence: every(1_000) }).subscribe()
  // It comes in the middle of a wait and asks for less; what it wants counts from the last look.
  scheduler.schedule(
    () =>
      watchJob(pool, 'a', { cadence: every(300) })
        .subscribe()
        .add(() => undefined),
    15_500,
  )
  scheduler.schedule(() => eager.unsubscribe(), 3_500)
  scheduler.flush()
  const times = requests.map(({ at }) => at)
  expect(times.slice(0, 7)).toEqual([0, 1_000, 2_000, 3_000, 8_000, 13_000, 15_500])
  expect(times.slice(7, 9)).toEqual([15_800, 16_100])
})

test('each look is told, and what is news is the affair of the stream', () => {
  const scheduler = new VirtualTimeScheduler()
  let beat = 0
  const source = letters(() => of(beat < 3 ? `r${beat++}` : 's'), { same: (a, b) => a[0] === b[0] })
  const pool = pooled(source, { requestsPerMinute: 600, every: 10, scheduler })
  const [looks, seen]: [Array<string>, Array<string>] = [[], []]
  pool.watch?.('a', {}).subscribe(({ job }) => looks.push(job))
  watchJob(pool, 'a').subscribe(({ job }) => seen.push(job))
  scheduler.flush()
  expect([looks, seen]).toEqual([
    ['r0', 'r1', 'r2', 's'],
    ['r0', 's'],
  ])
})
