import fc from 'fast-check'
import { map, of, Subject, timer, VirtualTimeScheduler } from 'rxjs'
import { type Cadence, every, type Phase, type Reading, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { longestWait } from '../../src/core/retry-after.ts'
import { readings } from '../../src/streams/readings.ts'
import { inTurn, type Letters, letters, phaseOf, recorded } from './support/letters.ts'

/** A source whose final readings settle: "f500" is Failed if that is still so 500 ms later. */
function settling(scheduler: VirtualTimeScheduler, ...jobs: readonly [string, ...ReadonlyArray<string>]): Letters {
  const next = inTurn(...jobs)
  const reading = (ref: string, job: string): Reading<string, string> => {
    const settle = Number(job.slice(1))
    return { ref, job, phase: phaseOf(job), ...(settle > 0 ? { settle } : {}) }
  }
  // The job is read when the answer comes: the wait must count from there.
  return {
    ...letters(() => of('r')),
    scheduler,
    status: (ref) => timer(2, scheduler).pipe(map(() => reading(ref, next()))),
  }
}

function told(wait: number, ...jobs: readonly [string, ...ReadonlyArray<string>]): ReadonlyArray<string> {
  const scheduler = new VirtualTimeScheduler()
  const source = settling(scheduler, ...jobs)
  const { values, times, completed } = recorded(scheduler, readings(source, 'a', { cadence: every(wait) }))
  expect(completed).toBe(true)
  return values.map(({ job, phase }, index) => `${times[index] ?? -1} ${job} ${phase}`)
}

test.each<[what: string, jobs: readonly [string, ...ReadonlyArray<string>], wanted: ReadonlyArray<string>]>([
  ['a final phase without settling is the last', ['r', 's'], ['2 r running', '1004 s succeeded']],
  ['one that settles runs until a later look agrees', ['f500'], ['2 f500 running', '504 f500 failed']],
  ['one that was left again is none', ['f500', 'r', 's'], ['2 f500 running', '504 r running', '1506 s succeeded']],
  [
    'another final phase settles anew',
    ['f500', 's300', 's300'],
    ['2 f500 running', '504 s300 running', '806 s300 succeeded'],
  ],
  ['another one that need not settle is the last', ['f500', 's'], ['2 f500 running', '504 s succeeded']],
  [
    'running in between begins the settling anew',
    ['f500', 'r', 'f500', 'f500'],
    ['2 f500 running', '504 r running', '1506 f500 running', '2008 f500 failed'],
  ],
  [
    'a longer settling in the second look asks for the rest of it',
    ['f500', 'f800', 'f800'],
    ['2 f500 running', '504 f800 running', '804 f800 failed'],
  ],
])('%s', (_, jobs, wanted) => {
  // The next look starts when it is settled, and takes 2 ms to answer.
  expect(told(1000, ...jobs)).toEqual(wanted)
})

test('while it settles it is looked at as often as ever, and a last time when it is settled', () => {
  expect(told(200, 'f500', 'f500', 'f500', 'f500')).toEqual([
    '2 f500 running',
    '204 f500 running',
    '406 f500 running',
    '504 f500 failed',
  ])
  expect(told(200, 'f500', 'f500', 'r', 's').slice(1)).toEqual(['204 f500 running', '406 r running', '608 s succeeded'])
})

test('a cadence that no timer can hold does not put off the last look', () => {
  const scheduler = new VirtualTimeScheduler()
  const stream = readings(settling(scheduler, 'f500'), 'a', { cadence: () => Number.POSITIVE_INFINITY })
  expect(recorded(scheduler, stream)).toMatchObject({ completed: true, endedAt: 504 })
})

test('only the last reading is final, whatever the service shows', () => {
  const job = fc.constantFrom('q', 'r', 's', 'f', 'e', 'x', 'f50', 's50', 'f250', 'e250')
  fc.assert(
    fc.property(job, fc.array(job, { maxLength: 12 }), (first, rest) => {
      const scheduler = new VirtualTimeScheduler()
      const source = settling(scheduler, first, ...rest, 's')
      const { values, completed } = recorded(scheduler, readings(source, 'a', { cadence: every(100) }))
      const final: ReadonlyArray<Phase> = ['succeeded', 'failed', 'ended']
      expect(completed).toBe(true)
      expect(values.map(({ phase }) => final.includes(phase)).indexOf(true)).toBe(values.length - 1)
    }),
    { numRuns: 500 },
  )
})

test('a nudge asks for a look at once, and not for a second one beside it', () => {
  const scheduler = new VirtualTimeScheduler()
  const nudge = new Subject<void>()
  const source = settling(scheduler, 'r', 'r', 's')
  for (const at of [1, 30, 31]) scheduler.schedule(() => nudge.next(), at)
  const { times } = recorded(scheduler, readings(source, 'a', { cadence: every(100) }, nudge))
  // The one at 1 and the one at 31 meet a look that is under way.
  expect(times).toEqual([2, 32, 134])
})

test('the cadence gets the job, its age from the first answer, and how many looks there were', () => {
  const scheduler = new VirtualTimeScheduler()
  const calls: Array<readonly [string, number, number]> = []
  const cadence = (job: string, age: number, attempt: number): number => {
    calls.push([job, age, attempt])
    return 10 * attempt
  }
  recorded(scheduler, readings(settling(scheduler, 'q', 'r', 'r', 's'), 'a', { cadence }))
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
  [0.5, 0.5],
])('a cadence of %d waits %d', (wait, wanted) => {
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn('r', 's')
  const stream = watchJob(
    letters(() => of(next())),
    'a',
    { scheduler, cadence: () => wait },
  )
  expect(recorded(scheduler, stream)).toMatchObject({ times: [0, wanted], completed: true })
})

test.each([
  [Number.NaN, 'NaN'],
  [undefined, 'missing'],
  ['100', '"100"'],
])(
  'a cadence that gives %s fails the stream: it is neither the end of the job nor a wait without end',
  (wait, words) => {
    const scheduler = new VirtualTimeScheduler()
    // @ts-expect-error what JavaScript and JSON.parse can give all the same
    const cadence: Cadence = () => wait
    const { completed, error } = recorded(scheduler, readings(settling(scheduler, 'r', 's'), 'a', { cadence }))
    expect(completed).toBe(false)
    expect(error).toEqual(new TypeError(`the cadence gave ${words} after look 1; it must give milliseconds`))
  },
)

test('on the real clock, too, a cadence that asks for no wait lets others go on', async () => {
  let looks = 0
  const source = letters(() => of(`r${++looks}`))
  const seen = new Promise((resolve) => setImmediate(resolve))
  const subscription = watchJob(source, 'a', { cadence: () => Number.NEGATIVE_INFINITY }).subscribe()
  await seen
  subscription.unsubscribe()
  expect(looks).toBeGreaterThan(0)
})
