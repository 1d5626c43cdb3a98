import { map, of, take, timer, VirtualTimeScheduler } from 'rxjs'
import { followJob, pooled, type JobSnapshot, jobSource, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { inTurn, letters, phaseOf, recorded } from '../support/letters.ts'
import { mostInMinute, service } from './service.ts'

test('is the source but for what goes through the pool, with whatever else it has', () => {
  const source = { ...jobSource({ status: (id: number) => of({ id }), phase: () => 'succeeded' }), extra: 7 }
  const pool = pooled(source, { requestsPerMinute: 60 })
  expect(pool.extra).toBe(7)
  expect([pool.refOf, pool.keyOf]).toEqual([source.refOf, source.keyOf])
  expect(['log' in pool, 'cancel' in pool, 'list' in pool]).toEqual([false, false, false])
})

test('counts what a read costs at most, and no more than it did cost', () => {
  const scheduler = new VirtualTimeScheduler()
  const sent: Array<number> = []
  const next = inTurn('r', 'r', 's')
  const status = () =>
    timer(10, scheduler).pipe(
      map((): JobSnapshot<string> => {
        const job = next()
        sent.push(...Array<number>(phaseOf(job) === 'running' ? 1 : 2).fill(scheduler.now()))
        return { job, phase: phaseOf(job) }
      }),
    )
  const source = { ...letters(() => of('s')), scheduler, status, requests: 2 }
  const pool = pooled(source, { requestsPerMinute: 3, pollInterval: 100 })
  const { values } = recorded(scheduler, watchJob(pool, 'a'))
  expect(values.map(({ job }) => job)).toEqual(['r', 's'])
  // Two of three are left after the first read, one after the second: the third may need two.
  expect([sent.length, mostInMinute(sent)]).toEqual([4, 3])
})

test('a job is followed to its outcome through the pool', () => {
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn('q', 'r', 'f')
  const pool = pooled(
    letters(() => of(next())),
    { requestsPerMinute: 60, pollInterval: 1_000, scheduler },
  )
  const { values, completed } = recorded(scheduler, followJob(pool, 'a'))
  const reported = values.map((event) => (event._tag === 'Status' ? event.job : event._tag))
  expect([reported, completed]).toEqual([['Connection', 'q', 'r', 'f', 'Settled'], true])
  expect(scheduler.actions).toEqual([])
})

test('after a list was read none of the jobs that it shows waits for the budget', () => {
  const scheduler = new VirtualTimeScheduler()
  const lives = new Map(['a', 'b', 'c'].map((name) => [name, [[0, 'r'] as const]]))
  const { source } = service(scheduler, { lives, shows: () => true })
  const pool = pooled(source, { requestsPerMinute: 600, pollInterval: 1_000 })
  for (const name of lives.keys()) watchJob(pool, name).subscribe()
  const waiting: Array<number> = []
  scheduler.schedule(() => pool.stats.pipe(take(1)).subscribe((stats) => waiting.push(stats.waiting)), 5_500)
  scheduler.maxFrames = 6_000
  scheduler.flush()
  expect(waiting).toEqual([0])
})
