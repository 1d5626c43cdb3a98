import {
  defer,
  delay,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  Subject,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import { type Connection, type JobList, type PoolOptions, pooled, type RateLimit, watchJob } from 'rxjobs'
import { describe, expect, test } from 'vitest'
import { answered, type Letters, letters } from '../support/letters.ts'
import { service } from './service.ts'

const minute = 60_000

// ---- a list that is wrong

/** When each of so many jobs is seen to be over that ended at that moment, if their list shows what it shows. */
function delays(
  count: number,
  pollInterval: number | undefined,
  list: (ref: string, isOver: boolean, now: number) => ReadonlyArray<'running' | 'succeeded'>,
  over = 300_000,
) {
  const scheduler = new VirtualTimeScheduler()
  const requests: Array<number> = []
  const answer = <A>(make: () => A): Observable<A> =>
    defer(() => {
      requests.push(scheduler.now())
      return of(make()).pipe(delay(100, scheduler))
    })
  const isOver = (): boolean => scheduler.now() >= over
  const jobList: JobList<string, string> = {
    scopeOf: () => 'all',
    read: (_, refs) =>
      answer(() =>
        refs.flatMap((ref) =>
          list(ref, isOver(), scheduler.now()).map((phase) => ({ ref, phase, job: phase === 'running' ? 'r' : 's' })),
        ),
      ),
  }
  const source = letters(() => answer(() => (isOver() ? 's' : 'r')), { scheduler, list: jobList })
  const jobs = pooled(source, { requestsPerMinute: 300, ...(pollInterval === undefined ? {} : { pollInterval }) })
  const ends: Array<number> = []
  for (let index = 0; index < count; index++) {
    watchJob(jobs, String(index)).subscribe({ complete: () => ends.push(scheduler.now() - over) })
  }
  scheduler.flush()
  return { ends, requests, left: scheduler.actions.length }
}

describe.each([2, 10, 90])('of %i jobs', (count) => {
  test.each<[string, Parameters<typeof delays>[2]]>([
    ['is stale for ever', () => ['running']],
    ['lies about one of them', (ref, isOver) => [isOver && ref !== '0' ? 'succeeded' : 'running']],
    ['lies about half of them', (ref, isOver) => [isOver && Number(ref) % 2 === 0 ? 'succeeded' : 'running']],
    ['names each twice, as it was and as it is', (_, isOver) => (isOver ? ['succeeded', 'running'] : ['running'])],
    ['shows one of them no more', (ref, isOver) => (isOver && ref === '0' ? [] : ['running'])],
  ])('a list that %s delays no end by more than a minute', (_, list) => {
    for (const [interval, bound] of [
      [undefined, minute],
      [15_000, minute],
      [300_000, 300_000 + minute],
    ] as const) {
      const { ends, left } = delays(count, interval, list)
      expect(ends).toHaveLength(count)
      expect(Math.max(...ends)).toBeLessThanOrEqual(bound)
      expect(left).toBe(0)
    }
  })
})

test('such reads take at most half of the budget', () => {
  const { requests } = delays(1_000, 10_000, () => ['running'], 600_000)
  const inMinute = requests.filter((at) => at >= 240_000 && at < 300_000).length
  expect(inMinute).toBeLessThanOrEqual(150 + 10)
  expect(inMinute).toBeGreaterThan(140)
})

/** How long after their ends those of a thousand jobs are seen, on average, where a list shows so many of those that run. */
function meanDelay(rows: number): number {
  const scheduler = new VirtualTimeScheduler()
  const ends = new Map(Array.from({ length: 1_000 }, (_, index) => [String(index), (10 + index / 20) * minute]))
  const lives = new Map(Array.from(ends, ([name, end]) => [name, [[0, 'r'] as const, [end, 's'] as const]]))
  const shows = (name: string): boolean => Number(name) % 1_000 < rows && scheduler.now() < (ends.get(name) ?? 0)
  const { source } = service(scheduler, { lives, latency: () => 150, shows })
  const pool = pooled(source, { requestsPerMinute: 60, random: () => 0.5 })
  const delays: Array<number> = []
  for (const [name, end] of ends) {
    watchJob(pool, name).subscribe({ complete: () => delays.push(scheduler.now() - end) })
  }
  scheduler.flush()
  expect(delays).toHaveLength(ends.size)
  return delays.reduce((all, one) => all + one, 0) / ends.size
}

test('such reads delay no list, and no read of a job that its list shows no more', () => {
  // A list every 3.75 s, then a read of each job that is over: 36 requests a minute of 60.
  expect(meanDelay(1_000)).toBeLessThan(4_000)
})

test('such reads take little from jobs that no list shows', () => {
  expect(meanDelay(200)).toBeLessThan(230_000)
})

// ---- a limit of the service that others use, too

/** A service that counts requests in minutes of its own, those of another consumer among them, and what a pool gets from it. */
function shared(
  others: number,
  answers: { readonly limits?: boolean; readonly retryAfter?: boolean; latency: number },
) {
  const scheduler = new VirtualTimeScheduler()
  const refused: Array<number> = []
  const served: Array<number> = []
  const limits = new Subject<RateLimit>()
  const usedBy = (now: number): number =>
    Math.floor(((now % minute) * others) / minute) + served.filter((at) => at >= now - (now % minute)).length
  const source = letters(
    () =>
      defer(() => {
        const now = scheduler.now()
        const used = usedBy(now)
        const resetIn = minute - (now % minute)
        if (used < 300) served.push(now)
        else refused.push(now)
        return timer(answers.latency, scheduler).pipe(
          map(() => {
            if (answers.limits) limits.next({ allowed: 300, used, resetIn })
            if (used >= 300) throw answered(429, answers.retryAfter ? resetIn : undefined)
            return 'r'
          }),
        )
      }),
    { scheduler, ...(answers.limits ? { limits } : {}) },
  )
  const jobs = pooled(source, { requestsPerMinute: 300, pollInterval: 2_000, random: () => 0.5 })
  const watches = Array.from({ length: 100 }, (_, index) =>
    watchJob(jobs, `${index}`, { retry: { maxAttempts: 1_000 } }).subscribe(),
  )
  scheduler.schedule(() => watches.forEach((watch) => watch.unsubscribe()), 30 * minute)
  scheduler.flush()
  const perMinute = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
    Array.from({ length: 30 }, (_, index) => times.filter((at) => Math.floor(at / minute) === index).length)
  return { refused: perMinute(refused), served: perMinute(served) }
}

test.each([
  { limits: true, retryAfter: true, latency: 100 },
  { limits: false, retryAfter: true, latency: 100 },
  { limits: false, retryAfter: false, latency: 100 },
])('another consumer that uses 250 of 300 a minute costs at most one 429 a minute: %o', (answers) => {
  const { refused, served } = shared(250, answers)
  expect(Math.max(...refused)).toBeLessThanOrEqual(1)
  // What is left is used.
  expect(served.slice(5).reduce((sum, count) => sum + count, 0) / 25).toBeGreaterThan(30)
})

test.each([true, false])('where answers take long it costs those that are under way together: limits %s', (limits) => {
  const { refused, served } = shared(250, { limits, retryAfter: true, latency: 900 })
  expect(Math.max(...refused)).toBeLessThanOrEqual(4)
  expect(Math.max(...refused.slice(5))).toBeLessThanOrEqual(2)
  expect(served.slice(5).reduce((sum, count) => sum + count, 0) / 25).toBeGreaterThan(30)
})

test.each<[string, RateLimit]>([
  ['nothing allowed', { allowed: 0, used: 0, resetIn: 30_000 }],
  ['less than nothing allowed', { allowed: -1, used: 5, resetIn: 30_000 }],
  ['less than nothing used', { allowed: 300, used: -5, resetIn: 30_000 }],
  ['no number', { allowed: Number.NaN, used: 300, resetIn: 30_000 }],
  ['no bound', { allowed: 300, used: Number.POSITIVE_INFINITY, resetIn: 30_000 }],
  ['a reset in the past', { allowed: 300, used: 300, resetIn: -1 }],
  ['a reset that is a date', { allowed: 300, used: 300, resetIn: 1_790_000_000_000 }],
  ['a reset in a day', { allowed: 300, used: 300, resetIn: 86_400_000 }],
])('a rate limit that makes no sense is ignored: %s', (_, limit) => {
  const scheduler = new VirtualTimeScheduler()
  const reads: Array<number> = []
  const source = letters(() => defer(() => (reads.push(scheduler.now()), of('r'))), { scheduler, limits: of(limit) })
  const watch = watchJob(pooled(source, { requestsPerMinute: 600, pollInterval: 1_000 }), 'a').subscribe()
  scheduler.schedule(() => watch.unsubscribe(), 10_500)
  scheduler.flush()
  expect(reads).toHaveLength(11)
})

test.each<[string, Observable<RateLimit>]>([
  ['fails', throwError(() => new Error('mine'))],
  ['gives what is none', of(undefined as never, { allowed: 1, used: 1, resetIn: 60_000 })],
])('limits of a source that %s end nothing', (_, limits) => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(() => of('s'), { scheduler, limits })
  let completed = false
  watchJob(pooled(source, { requestsPerMinute: 60 }), 'a').subscribe({ complete: () => (completed = true) })
  scheduler.flush()
  expect(completed).toBe(true)
})

// ---- what others do

test('looks that hang take no place from others for long, however many hang, and a kill goes first', () => {
  const scheduler = new VirtualTimeScheduler()
  const reads: Array<number> = []
  const killed: Array<number> = []
  const source: Letters = letters(
    (ref) =>
      ref.startsWith('hung') ? NEVER : defer(() => (reads.push(scheduler.now()), of('r').pipe(delay(50, scheduler)))),
    { scheduler, cancel: () => defer(() => (killed.push(scheduler.now()), EMPTY)) },
  )
  const jobs = pooled(source, { requestsPerMinute: 6_000, pollInterval: 1_000, maxConcurrent: 3 })
  const watches = [...Array.from({ length: 50 }, (_, index) => `hung-${index}`), 'a'].map((ref) =>
    watchJob(jobs, ref).subscribe(),
  )
  scheduler.schedule(() => jobs.cancel?.('hung-7').subscribe(), 30_000)
  scheduler.schedule(() => watches.forEach((watch) => watch.unsubscribe()), 600_000)
  scheduler.flush()
  expect(killed).toEqual([30_000])
  const pauses = reads.map((at, index) => at - (reads[index - 1] ?? 0)).slice(1)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(6_100)
  expect(reads.length).toBeGreaterThan(300)
})

const thrown = new Error('mine')
const throwing = (): never => {
  throw thrown
}
test.each<[string, object, unknown]>([
  ['pollInterval throws', { pollInterval: throwing }, thrown],
  ['pollInterval gives no number', { pollInterval: () => Number.NaN }, expect.any(TypeError)],
  ['pollInterval gives a promise', { pollInterval: () => Promise.resolve(5) }, expect.any(TypeError)],
  ['onConnection throws', { onConnection: throwing }, thrown],
  ['retry.when throws', { retry: { when: throwing } }, thrown],
  ['retry.when gives a promise', { retry: { when: () => Promise.resolve(true) } }, expect.any(TypeError)],
  ['random throws', { random: throwing }, thrown],
])('where %s one watch ends, and no other of the same job', (_, options, error) => {
  const scheduler = new VirtualTimeScheduler()
  let read = 0
  const source = letters(
    () => defer(() => (read++ === 1 ? throwError(() => answered(503)) : of(read > 3 ? 's' : 'r'))),
    {
      scheduler,
    },
  )
  const jobs = pooled(source, { requestsPerMinute: 600 } satisfies PoolOptions)
  const ends: Record<string, unknown> = {}
  for (const [name, own] of [
    ['before', {}],
    ['wrong', options],
    ['after', {}],
  ] as const) {
    watchJob(jobs, 'a', own).subscribe({
      error: (failure: unknown) => (ends[name] = failure),
      complete: () => (ends[name] = 'complete'),
    })
  }
  scheduler.flush()
  expect(ends).toEqual({ before: 'complete', after: 'complete', wrong: error })
})

// ---- requests of one's own

test('a submit waits for the budget, counts in it and takes no place; its 429 pauses the pool and is told', () => {
  const scheduler = new VirtualTimeScheduler()
  const times: Array<number> = []
  const source = letters(() => of('r'), { scheduler })
  const jobs = pooled(source, { requestsPerMinute: 4, pollInterval: 600_000, maxConcurrent: 1 })
  const told: Array<Connection['state']> = []
  const watch = watchJob(jobs, 'a', { onConnection: ({ state }) => void told.push(state) }).subscribe()
  const submit = (answer: Observable<string>): Observable<string> =>
    defer(() => {
      times.push(scheduler.now())
      return answer
    })
  scheduler.schedule(() => {
    for (const answer of [of('one'), of('two'), throwError(() => answered(429, 5_000)), of('four')]) {
      submit(answer)
        .pipe(jobs.request)
        .subscribe({ error: () => undefined })
    }
    expect(times).toEqual([])
  }, 1_000)
  scheduler.schedule(() => watch.unsubscribe(), 300_000)
  scheduler.flush()
  expect(times.length).toBe(4)
  const starts = [0, ...times]
  expect(starts.filter((at) => at < minute).length).toBeLessThanOrEqual(4)
  expect(told).toEqual(['open', 'retrying'])
})

test('a submit that is left before its turn is not sent', () => {
  const scheduler = new VirtualTimeScheduler()
  const jobs = pooled(
    letters(() => NEVER, { scheduler }),
    { requestsPerMinute: 1 },
  )
  let sent = 0
  const submit = jobs.request(defer(() => (sent++, of('x'))))
  submit.subscribe()
  scheduler.schedule(() => submit.subscribe().unsubscribe(), 1_000)
  scheduler.flush()
  expect([sent, scheduler.actions.length]).toEqual([1, 0])
})
