import fc from 'fast-check'
import {
  asyncScheduler,
  concat,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  queueScheduler,
  type SchedulerLike,
  Subject,
  timer,
  VirtualTimeScheduler,
} from 'rxjs'
import {
  type PollInterval,
  type WatchOptions,
  followJob,
  type Phase,
  type JobSnapshot,
  tailLog,
  watchJob,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { longestTimer as longestWait } from '../../src/core/index.ts'
import { pollJob } from '../../src/streams/pool/index.ts'
import { inTurn, type Letters, letters, marbles, phaseOf, recorded } from './support/letters.ts'

/** The snapshots of a job that is polled by itself. */
const snapshots = (
  source: Letters,
  ref: string,
  options: WatchOptions<string, string>,
  pollNow?: Observable<unknown>,
): Observable<JobSnapshot<string>> =>
  pollJob(source, ref, { scheduler: source.scheduler ?? asyncScheduler, ...options }, pollNow)

/** A source whose final snapshots settle: "f500" is Failed if that is still so 500 ms later. */
function settling(scheduler: SchedulerLike, ...jobs: readonly [string, ...ReadonlyArray<string>]): Letters {
  const next = inTurn(...jobs)
  const snapshot = (ref: string, job: string): JobSnapshot<string> => {
    const settle = Number(job.slice(1))
    return { job, phase: phaseOf(job), ...(settle > 0 ? { confirmAfter: settle } : {}) }
  }
  // The job is read when the answer comes: the wait must count from there.
  return {
    ...letters(() => of('r')),
    scheduler,
    status: (ref) => timer(2, scheduler).pipe(map(() => snapshot(ref, next()))),
  }
}

function reported(wait: number, ...jobs: readonly [string, ...ReadonlyArray<string>]): ReadonlyArray<string> {
  const scheduler = new VirtualTimeScheduler()
  const source = settling(scheduler, ...jobs)
  const { values, times, completed } = recorded(scheduler, snapshots(source, 'a', { pollInterval: wait }))
  expect(completed).toBe(true)
  return values.map(({ job, phase }, index) => `${times[index] ?? -1} ${job} ${phase}`)
}

test.each<[what: string, jobs: readonly [string, ...ReadonlyArray<string>], wanted: ReadonlyArray<string>]>([
  ['a final phase without confirmAfter is the last', ['r', 's'], ['2 r running', '1004 s succeeded']],
  [
    'one that must be confirmed counts as running until a later read agrees',
    ['f500'],
    ['2 f500 running', '504 f500 failed'],
  ],
  ['one that was left again is none', ['f500', 'r', 's'], ['2 f500 running', '504 r running', '1506 s succeeded']],
  [
    'another final phase must hold anew',
    ['f500', 's300', 's300'],
    ['2 f500 running', '504 s300 running', '806 s300 succeeded'],
  ],
  ['another one without confirmAfter is the last', ['f500', 's'], ['2 f500 running', '504 s succeeded']],
  [
    'running in between begins the wait anew',
    ['f500', 'r', 'f500', 'f500'],
    ['2 f500 running', '504 r running', '1506 f500 running', '2008 f500 failed'],
  ],
  [
    'a longer settling in the second read asks for the rest of it',
    ['f500', 'f800', 'f800'],
    ['2 f500 running', '504 f800 running', '804 f800 failed'],
  ],
])('%s', (_, jobs, wanted) => {
  // The next read starts when it is settled, and takes 2 ms to answer.
  expect(reported(1000, ...jobs)).toEqual(wanted)
})

test('while a final phase is confirmed the job is read as often as before, and a last time when it is settled', () => {
  expect(reported(200, 'f500', 'f500', 'f500', 'f500')).toEqual([
    '2 f500 running',
    '204 f500 running',
    '406 f500 running',
    '504 f500 failed',
  ])
  expect(reported(200, 'f500', 'f500', 'r', 's').slice(1)).toEqual([
    '204 f500 running',
    '406 r running',
    '608 s succeeded',
  ])
})

test('an interval that no timer can hold does not put off the last read', () => {
  const scheduler = new VirtualTimeScheduler()
  const stream = snapshots(settling(scheduler, 'f500'), 'a', { pollInterval: () => Number.POSITIVE_INFINITY })
  expect(recorded(scheduler, stream)).toMatchObject({ completed: true, endedAt: 504 })
})

test('only the last snapshot is final, whatever the service shows', () => {
  const job = fc.constantFrom('q', 'r', 's', 'f', 'e', 'x', 'f50', 's50', 'f250', 'e250')
  fc.assert(
    fc.property(job, fc.array(job, { maxLength: 12 }), (first, rest) => {
      const scheduler = new VirtualTimeScheduler()
      const source = settling(scheduler, first, ...rest, 's')
      const { values, completed } = recorded(scheduler, snapshots(source, 'a', { pollInterval: 100 }))
      const final: ReadonlyArray<Phase> = ['succeeded', 'failed', 'ended']
      expect(completed).toBe(true)
      expect(values.map(({ phase }) => final.includes(phase)).indexOf(true)).toBe(values.length - 1)
    }),
    { numRuns: 500 },
  )
})

/** When the reads were answered, each 2 ms after it began, with asks at those times. */
function polledNow(wait: number, asks: ReadonlyArray<number>, reads: number): ReadonlyArray<number> {
  const scheduler = new VirtualTimeScheduler()
  const pollNow = new Subject<void>()
  const jobs = Array.from({ length: reads - 1 }, () => 'r')
  const source = settling(scheduler, 'r', ...jobs.slice(1), 's')
  for (const at of asks) scheduler.schedule(() => pollNow.next(), at)
  const { times } = recorded(scheduler, snapshots(source, 'a', { pollInterval: wait }, pollNow))
  expect([pollNow.observed, scheduler.actions]).toEqual([false, []])
  return times
}

test('pollNow asks for a read at once', () => {
  expect(polledNow(100, [30], 3)).toEqual([2, 32, 134])
})

test('pollNow during a read is followed by another read, one for all of them', () => {
  expect(polledNow(10_000, [0.5, 1, 1.5], 3)).toEqual([2, 4, 10_006])
})

test('a read that begins after pollNow is the one that it asked for', () => {
  // The one at 60 could be followed at 530; at 130 the interval has it read anyhow.
  expect(polledNow(100, [28, 60], 4)).toEqual([2, 30, 132, 234])
})

test('polls that are asked for follow each other no more often than twice a second, however many come', () => {
  const asks = Array.from({ length: 200 }, (_, index) => 10 * index + 5)
  expect(polledNow(100_000, asks, 6)).toEqual([2, 7, 507, 1_007, 1_507, 2_007])
})

test('a queue scheduler does not wait for what is due at once: no poll and no timer is lost by that', () => {
  marbles((_, clock) => {
    const pollNow = new Subject<void>()
    const reads: Array<number> = []
    const source = settling(queueScheduler, 'r')
    const subscription = snapshots(source, 'a', { pollInterval: 10_000 }, pollNow).subscribe(() => {
      reads.push(clock.now())
    })
    for (const at of [30, 900, 2_000]) clock.schedule(() => pollNow.next(), at)
    clock.schedule(() => {
      expect(reads).toEqual([2, 32, 902, 2_002])
      subscription.unsubscribe()
    }, 5_000)
  })
})

test('a watch of the source’s own ends with the job, whatever it does, and never before', () => {
  const snapshot = (phase: Phase): JobSnapshot<string> => ({ job: phase, phase })
  const [running, over] = [snapshot('running'), snapshot('succeeded')]
  const source = (watch: Observable<JobSnapshot<string>>): Letters => letters(() => NEVER, { watch: () => watch })
  const scheduler = new VirtualTimeScheduler()
  const lasting = recorded(scheduler, watchJob(source(concat(of(running, over, over), NEVER)), 'a'))
  expect(lasting).toMatchObject({ values: [{ phase: 'running' }, { phase: 'succeeded' }], completed: true })
  const cut = {
    _tag: 'NetworkError',
    path: '/jobs/a',
    cause: { message: 'the watch of the source completed before the job was over' },
  }
  expect(recorded(scheduler, watchJob(source(of(running)), 'a'))).toMatchObject({ values: [running], error: cut })
  expect(recorded(scheduler, tailLog({ ...source(EMPTY), log: { read: () => of([]) } }, 'a')).error).toMatchObject(cut)
  expect(recorded(scheduler, followJob(source(EMPTY), 'a')).error).toMatchObject(cut)
})

test('a confirmAfter that is no number counts as none', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = { ...letters(() => NEVER), scheduler }
  const status = () => of({ job: 'f', phase: 'failed' as const, confirmAfter: Number.NaN })
  expect(recorded(scheduler, watchJob({ ...source, status }, 'a'))).toMatchObject({ completed: true, endedAt: 0 })
})

test('the interval gets the job, its age from the first answer, and how many reads there were', () => {
  const scheduler = new VirtualTimeScheduler()
  const calls: Array<readonly [string, number, number]> = []
  const pollInterval = (job: string, age: number, attempt: number): number => {
    calls.push([job, age, attempt])
    return 10 * attempt
  }
  recorded(scheduler, snapshots(settling(scheduler, 'q', 'r', 'r', 's'), 'a', { pollInterval }))
  expect(calls).toEqual([
    ['q', 0, 1],
    ['r', 12, 2],
    ['r', 34, 3],
  ])
})

test.each([
  [Number.POSITIVE_INFINITY, longestWait],
  [Number.NEGATIVE_INFINITY, 0],
  [-5, 0],
  [1e300, longestWait],
  [2 ** 31, longestWait],
  [0, 0],
  [0.5, 1],
])('an interval of %d waits %d', (wait, wanted) => {
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn('r', 's')
  const stream = watchJob(
    letters(() => of(next())),
    'a',
    { scheduler, pollInterval: () => wait },
  )
  expect(recorded(scheduler, stream)).toMatchObject({ times: [0, wanted], completed: true })
})

test.each([
  [Number.NaN, 'NaN'],
  [undefined, 'undefined'],
  ['100', '"100"'],
])(
  'an interval that gives %s fails the stream: it is neither the end of the job nor a wait without end',
  (wait, words) => {
    const scheduler = new VirtualTimeScheduler()
    // @ts-expect-error what JavaScript and JSON.parse can give all the same
    const pollInterval: PollInterval = () => wait
    const { completed, error } = recorded(scheduler, snapshots(settling(scheduler, 'r', 's'), 'a', { pollInterval }))
    expect(completed).toBe(false)
    expect(error).toEqual(new TypeError(`pollInterval gave ${words} after read 1; it must give milliseconds`))
  },
)

test('on the real clock, too, an interval that asks for no wait lets others go on', async () => {
  let reads = 0
  const source = letters(() => of(`r${++reads}`))
  const seen = new Promise((resolve) => setImmediate(resolve))
  const subscription = watchJob(source, 'a', { pollInterval: () => Number.NEGATIVE_INFINITY }).subscribe()
  await seen
  subscription.unsubscribe()
  expect(reads).toBeGreaterThan(0)
})
