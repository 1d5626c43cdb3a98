import { of, Subject, VirtualTimeScheduler } from 'rxjs'
import { type ApiError, DecodeError, NetworkError, pooled, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, letters } from '../support/letters.ts'
import { type Behaviour, type Life, type Request, service } from './service.ts'

/** What a pool asks for while these jobs are watched, and what their watchers see. */
function watched(
  lives: Readonly<Record<string, Life>>,
  more: Omit<Behaviour, 'lives' | 'failure'> & {
    readonly failure?: (what: string, at: number) => ApiError | undefined
    readonly from?: Readonly<Record<string, number>>
  },
): {
  readonly asked: ReadonlyArray<string>
  readonly seen: ReadonlyArray<string>
  readonly requests: ReadonlyArray<Request>
} {
  const scheduler = new VirtualTimeScheduler()
  const { failure, from = {}, ...behaviour } = more
  const { source, requests } = service(scheduler, {
    latency: () => 0,
    ...behaviour,
    lives: new Map(Object.entries(lives)),
    failure: (index) => failure?.(requests[index]?.what ?? '', requests[index]?.at ?? 0),
  })
  const pool = pooled(source, { requestsPerMinute: 6_000, pollInterval: 1_000, random: () => 1 })
  const seen: Array<string> = []
  for (const name of Object.keys(lives)) {
    scheduler.schedule(() => {
      watchJob(pool, name).subscribe({
        next: ({ job }) => seen.push(`${scheduler.now()} ${name} ${job}`),
        error: (error: unknown) => seen.push(`${scheduler.now()} ${name} ${String(error)}`),
      })
    }, from[name] ?? 0)
  }
  scheduler.flush()
  // In which order they come in one instant is no matter, but for a list, which comes before what it leads to.
  const asked = requests.map(({ at, what }) => `${at} ${what}`)
  return { asked: inOrder(asked), seen: inOrder(seen), requests }
}

const inOrder = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...lines].sort((a, b) => {
    const [[atA = '', whatA = ''], [atB = '', whatB = '']] = [a.split(' '), b.split(' ')]
    return (
      Number(atA) - Number(atB) || Number(whatB === 'list') - Number(whatA === 'list') || whatA.localeCompare(whatB)
    )
  })

const cut = new NetworkError({ method: 'GET', path: '/jobs', cause: 'cut' })
const until = (end: number): Life => [
  [0, 'r'],
  [end, 's'],
]

test('one list serves all jobs that are due; a final row ends a watch without another request', () => {
  const { asked, seen } = watched({ a: until(1_500), b: until(2_500), c: until(2_500) }, { shows: () => true })
  expect(asked).toEqual(['0 list all 3', '1000 list all 3', '2000 list all 3', '3000 list all 2'])
  expect(seen).toEqual(['0 a r', '0 b r', '0 c r', '2000 a s', '3000 b s', '3000 c s'])
})

test('what the list does not show is read by itself, at once if it was shown before, else at its own time', () => {
  const { asked } = watched({ a: until(3_500), b: until(3_500), c: until(2_500) }, { shows: (ref) => ref !== 'c' })
  expect(asked).toEqual([
    ...['0 list all 3', '0 c', '1000 list all 3', '1000 c', '2000 list all 3', '2000 c', '3000 list all 3', '3000 c'],
    '4000 list all 2',
  ])
})

test('a list that showed none of its jobs is tried again after a minute', () => {
  let rows = 0
  const { asked } = watched(
    { a: until(70_000), b: until(70_000) },
    // As where a list lags behind: the first one shows neither.
    { shows: () => ++rows > 2 },
  )
  const lists = asked.filter((line) => line.includes('list'))
  expect(lists.slice(0, 3)).toEqual(['0 list all 2', '60000 list all 2', '61000 list all 2'])
})

test('the one job of a list is read by itself until there is another', () => {
  const { asked } = watched({ a: until(3_500), b: until(3_500) }, { shows: () => true, from: { b: 1_500 } })
  expect(asked).toEqual(['0 a', '1000 a', '1500 list all 2', '2500 list all 2', '3500 list all 2'])
})

test('a job goes to another list when its scope changes; one whose scope is none is read by itself', () => {
  const { asked, seen } = watched(
    {
      a: [
        [0, 'q'],
        [1_500, 'r'],
        [3_500, 's'],
      ],
      b: [
        [0, 'q'],
        [1_500, 'x'],
        [3_500, 's'],
      ],
      c: [
        [0, 'q'],
        [2_500, 's'],
      ],
    },
    {
      // As a filter by status does it.
      shows: (ref, scope) => (scope === 'q' ? ref === 'c' : true),
      scopeOf: (_, last = 'q') => (last === 'x' ? undefined : last),
    },
  )
  expect(seen).toEqual(['0 a q', '0 b q', '0 c q', '2000 a r', '2000 b x', '3000 c s', '4000 a s', '4000 b s'])
  expect(asked.filter((line) => line.includes('list'))).toEqual(['0 list q 3', '1000 list q 3', '2000 list q 3'])
})

test('a list that fails in passing is waited for; when it keeps failing its jobs are read one by one for a while', () => {
  const { asked, seen } = watched(
    { a: until(90_000), b: until(90_000) },
    { shows: () => true, failure: (what, at) => (what.startsWith('list') && at < 60_000 ? cut : undefined) },
  )
  const lists = asked.filter((line) => line.includes('list'))
  expect(lists.slice(0, 3)).toEqual(['0 list all 2', '1000 list all 2', '3000 list all 2'])
  // It rests for a minute from its third failure; a read after that goes back to it.
  expect(lists[3]).toBe('63000 list all 2')
  expect(asked.slice(3, 7)).toEqual(['3000 a', '3000 b', '4000 a', '4000 b'])
  expect(seen).toEqual(['3000 a r', '3000 b r', '90000 a s', '90000 b s'])
})

test.each([answered(403), new DecodeError({ method: 'GET', path: '/jobs', issues: [] })])(
  'a list that cannot be had is done without: %s',
  (error) => {
    const { asked, seen } = watched(
      { a: until(1_500), b: until(1_500) },
      { shows: () => true, failure: (what) => (what.startsWith('list') ? error : undefined) },
    )
    expect(asked).toEqual(['0 list all 2', '0 a', '0 b', '1000 a', '1000 b', '2000 a', '2000 b'])
    expect(seen).toEqual(['0 a r', '0 b r', '2000 a s', '2000 b s'])
  },
)

test('a list that fails is no failure of its jobs: a watch that allows none goes on', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source } = service(scheduler, {
    lives: new Map([
      ['a', until(1_500)],
      ['b', until(1_500)],
    ]),
    shows: () => true,
    failure: (index) => (index === 0 ? cut : undefined),
  })
  const pool = pooled(source, { requestsPerMinute: 6_000, pollInterval: 1_000, random: () => 0 })
  const seen: Array<unknown> = []
  for (const name of ['a', 'b']) {
    watchJob(pool, name, { retry: { maxAttempts: 1 } }).subscribe({
      next: ({ job }) => seen.push(job),
      error: (error: unknown) => seen.push(error),
    })
  }
  scheduler.flush()
  expect(seen).toEqual(['r', 'r', 's', 's'])
})

test('a defect of the list goes to those who watch', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source } = service(scheduler, { lives: new Map(), shows: () => true })
  const defect = new RangeError('no list')
  const read = (): never => {
    throw defect
  }
  const list = source.list && { ...source.list, read }
  const pool = pooled({ ...source, ...(list && { list }) }, { requestsPerMinute: 600 })
  const seen: Array<unknown> = []
  for (const name of ['a', 'b']) watchJob(pool, name).subscribe({ error: (error: unknown) => seen.push(error) })
  scheduler.flush()
  expect([seen, scheduler.actions]).toEqual([[defect, defect], []])
})

test('those who leave while the list is read are not waited for; the last one aborts it', () => {
  const scheduler = new VirtualTimeScheduler()
  const { source, requests, open } = service(scheduler, { lives: new Map(), latency: () => 50, shows: () => true })
  const pool = pooled(source, { requestsPerMinute: 600 })
  const watches = ['a', 'b', 'c'].map((name) => watchJob(pool, name, { pollInterval: 1_000 }).subscribe())
  scheduler.schedule(() => watches[0]?.unsubscribe(), 20)
  scheduler.schedule(() => {
    expect(open()).toBe(1)
    for (const watch of watches) watch.unsubscribe()
    expect([open(), scheduler.actions]).toEqual([0, []])
  }, 30)
  scheduler.flush()
  expect(requests).toEqual([{ at: 0, what: 'list all 3' }])
})

test('a final row that tells all and must hold for a while is confirmed by a later list, not by each job', () => {
  const scheduler = new VirtualTimeScheduler()
  const lists: Array<number> = []
  const ends: Array<number> = []
  const source = letters(() => expect.unreachable('no job is read by itself'), {
    list: {
      scopeOf: () => 'all',
      read: (_, refs) => {
        lists.push(scheduler.now())
        return of(refs.map((ref) => ({ ref, job: 'f', phase: 'failed' as const, confirmAfter: 700 })))
      },
    },
  })
  const pool = pooled(source, { requestsPerMinute: 600, pollInterval: 5_000, scheduler })
  for (let index = 0; index < 50; index++) {
    watchJob(pool, `job-${index}`).subscribe({ complete: () => ends.push(scheduler.now()) })
  }
  scheduler.flush()
  expect([lists, ends]).toEqual([[0, 700], Array.from({ length: 50 }, () => 700)])
})

test('a list that shows a job as running five seconds after a read of its own found it over is not used for a minute', () => {
  const scheduler = new VirtualTimeScheduler()
  const [over, lists, ends] = [100_000, new Array<number>(), new Map<string, number>()]
  const checks: Array<unknown> = []
  const source = letters(() => of(scheduler.now() < over ? 'r' : 's'), {
    list: {
      scopeOf: () => 'all',
      read: (_, refs) => {
        lists.push(scheduler.now())
        return of(refs.map((ref) => ({ ref, job: 'r', phase: 'running' as const })))
      },
    },
  })
  const status: typeof source.status = (ref, options) => {
    checks.push(options)
    return source.status(ref)
  }
  const pool = pooled({ ...source, status }, { requestsPerMinute: 6_000, pollInterval: 1_000, scheduler })
  for (let index = 0; index < 50; index++) {
    watchJob(pool, `job-${index}`).subscribe({ complete: () => ends.set(`job-${index}`, scheduler.now()) })
  }
  scheduler.flush()
  // Each was checked every 50 s; a check asks for all details, so that an end that it finds needs no second request.
  expect(checks.slice(0, 50)).toEqual(checks.slice(0, 50).map(() => ({ expectFinal: true })))
  expect([...ends.values()].filter((at) => at <= over + 8_000)).toHaveLength(50)
  expect(lists.at(-1)).toBeLessThanOrEqual(over + 7_000)
})

test('a list that comes from a cache of three seconds is used all the time', () => {
  const scheduler = new VirtualTimeScheduler()
  const lists: Array<number> = []
  let reads = 0
  const endOf = (ref: string): number => 60_000 + 5_000 * Number(ref)
  const phaseOf = (ref: string, at: number) => (at < endOf(ref) ? ('running' as const) : ('succeeded' as const))
  const source = letters(
    (ref) => {
      reads++
      return of(phaseOf(ref, scheduler.now()) === 'running' ? 'r' : 's')
    },
    {
      list: {
        scopeOf: () => 'all',
        read: (_, refs) => {
          lists.push(scheduler.now())
          const shown = Math.max(0, scheduler.now() - 3_000)
          return of(refs.map((ref) => ({ ref, job: phaseOf(ref, shown), phase: phaseOf(ref, shown) })))
        },
      },
    },
  )
  const pool = pooled(source, { requestsPerMinute: 600, pollInterval: 2_000, scheduler })
  for (let index = 0; index < 100; index++) watchJob(pool, String(index)).subscribe()
  scheduler.flush()
  const pauses = lists.map((at, index) => at - (lists[index - 1] ?? 0))
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2_500)
  // Each is checked every 40 s: 113 times in all while there are a hundred, then ever fewer, and once more where a check finds the end.
  expect(reads).toBeLessThanOrEqual(113 + (100 * 500) / 40 / 2 + 100)
})

test.each([
  ['while its list is read', [10_050], [10_100]],
  ['shortly before its list is read', [9_700, 9_900], [9_700, 10_700]],
])('a read that is asked for %s is still made', (_, askedAt, readAt) => {
  const scheduler = new VirtualTimeScheduler()
  const lives = new Map(['a', 'b', 'c'].map((name) => [name, until(30_000)]))
  const { source, requests } = service(scheduler, { lives, latency: () => 100, shows: () => true })
  const pool = pooled(source, { requestsPerMinute: 6_000, pollInterval: 9_900 })
  const asks = new Subject<void>()
  pool.watch?.('a', {}, asks).subscribe()
  for (const name of ['b', 'c']) watchJob(pool, name).subscribe()
  for (const at of askedAt) scheduler.schedule(() => asks.next(), at)
  scheduler.maxFrames = 14_000
  scheduler.flush()
  expect(requests.filter(({ what }) => what === 'a').map(({ at }) => at)).toEqual(readAt)
  expect(requests.filter(({ what }) => what.startsWith('list')).map(({ at }) => at)).toEqual([0, 10_000])
})
