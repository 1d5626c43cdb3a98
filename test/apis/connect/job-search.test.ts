import fc from 'fast-check'
import { concat, ignoreElements, Subject, timer, toArray } from 'rxjs'
import { type Connection, every } from 'rxjobs'
import type { JobItem } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { jobSearch, type StartedJobsOptions, type TaskContent } from '../../../src/apis/connect/job-search.ts'
import { type Canned } from '../support.ts'
import { type Course, course, scripted } from './publishing.ts'

const cadence = every(1_000)
const content: TaskContent = { guid: 'g', bundle_id: '7' }
const task = { at: 0 }

/** What a search finds on a service with those jobs, and when, where the task is over after 2500 ms. */
function found(
  jobs: Course['jobs'],
  options: StartedJobsOptions = {},
  where = content,
): { readonly keys: ReadonlyArray<string>; readonly looks: number; readonly endedAt: number } {
  const { pc, clock, lines } = course({ task, jobs })
  const search = jobSearch(pc, where, { cadence, ...options })
  const keys: Array<string> = []
  let endedAt = -1
  concat(search.begin.pipe(ignoreElements()), search.until(timer(2_500, clock))).subscribe({
    next: ({ ref }) => keys.push(`${clock.now()} ${ref.key}`),
    complete: () => (endedAt = clock.now()),
  })
  clock.flush()
  return { keys, looks: lines.length, endedAt }
}

const one = (key: string, job: JobItem = {}): JobItem => ({ key, bundle_id: '7', status: 0, ...job })

test('new jobs are found as they come, those of before are not', () => {
  const jobs = [
    { from: -1, job: one('old') },
    { from: 500, job: one('first') },
    { from: 2_200, job: one('last') },
  ]
  expect(found(jobs)).toEqual({ keys: ['1000 first', '2500 last'], looks: 5, endedAt: 2_500 })
})

test.each<[what: string, job: JobItem, options: StartedJobsOptions, found: boolean]>([
  ['of the bundle', { bundle_id: '7' }, {}, true],
  ['of another bundle', { bundle_id: '6' }, {}, false],
  ['of no known bundle', { bundle_id: null }, {}, true],
  ['of bundle 0, which is none', { bundle_id: '0' }, {}, true],
  ['of the tag', { tag: 'run_app' }, { tag: 'run_app' }, true],
  ['of one of the tags', { tag: 'run_app' }, { tag: ['run_api', 'run_app'] }, true],
  ['of another tag', { tag: 'git' }, { tag: 'run_app' }, false],
  ['of no known tag', {}, { tag: 'run_app' }, false],
  ['without a key', { key: '' }, {}, false],
  ['whose key is no place in a path', { key: '..' }, {}, false],
  ['whose key is half a character', { key: '\ud800' }, {}, false],
])('a job %s', (_, job, options, is) => {
  expect(found([{ from: 500, job: one('new', job) }], options).keys).toEqual(is ? ['1000 new'] : [])
})

test('without a bundle id any bundle will do', () => {
  expect(found([{ from: 500, job: one('new', { bundle_id: '6' }) }], {}, { guid: 'g' }).keys).toEqual(['1000 new'])
})

test('the oldest comes first, whatever the order of the list; what has not started comes last', () => {
  const started = fc.uniqueArray(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(started, fc.nat(2), (times, queued) => {
      const timed = times.map((at) => one(String(at), { start_time: new Date(at).toISOString() }))
      const waiting = Array.from({ length: queued }, (_, index) => one(`q${index}`, { start_time: null }))
      const { keys } = found([...waiting, ...timed].map((job) => ({ from: 1, job })))
      const sorted = [...times].sort((a, b) => a - b).map(String)
      expect(keys).toEqual([...sorted, ...waiting.map(({ key }) => key)].map((key) => `1000 ${key}`))
    }),
    { numRuns: 30 },
  )
})

test('after a visit it looks a few times more while there is no job at all', () => {
  expect(found([{ from: 4_000, job: one('late') }], { visit: true })).toMatchObject({
    keys: ['4500 late'],
    endedAt: 4_500,
  })
  expect(found([], { visit: true })).toEqual({ keys: [], looks: 14, endedAt: 11_500 })
  expect(found([{ from: 500, job: one('new') }], { visit: true }).endedAt).toBe(2_500)
})

test('the default cadence takes its chances from `random`, too', () => {
  const { pc, clock, lines } = course({ task, jobs: [] })
  const search = jobSearch(pc, content, { random: () => 0 })
  search.until(timer(40_000, clock)).subscribe()
  clock.flush()
  // Each half second, and once at the end.
  expect(lines).toHaveLength(81)
})

test('a cadence that gives no number is an error, and no list without a pause', () => {
  const { pc, clock, lines } = course({ task, jobs: [] })
  let error: unknown
  jobSearch(pc, content, { cadence: () => Number.NaN })
    .until(timer(2_500, clock))
    .subscribe({ error: (thrown: unknown) => (error = thrown) })
  clock.flush()
  expect([lines.length, error]).toMatchObject([1, { name: 'TypeError' }])
})

test('a list that fails in passing is asked for again, and that is told', () => {
  const answers: ReadonlyArray<Canned> = [
    { status: 503 },
    { status: 429, headers: { 'retry-after': '7' } },
    { body: [] },
  ]
  const { pc, clock, lines } = scripted(() => answers[lines.length - 1] ?? { body: [] })
  const told: Array<string> = []
  const onConnection = ({ ref, to, state, attempt }: Connection): unknown =>
    told.push(`${JSON.stringify(ref)} ${to} ${state} ${attempt}`)
  const search = jobSearch(pc, content, { cadence, onConnection: (connection) => void onConnection(connection) })
  search.begin.subscribe()
  clock.flush()
  expect(told).toEqual(
    ['status retrying 1', 'status retrying 2', 'status open 0'].map((what) => `{"guid":"g"} ${what}`),
  )
  expect(lines).toHaveLength(3)
})

test('leaving stops it, also in a wait', () => {
  const { pc, clock, lines } = course({ task, jobs: [] })
  const subscription = jobSearch(pc, content, { cadence }).until(new Subject()).pipe(toArray()).subscribe()
  clock.schedule(() => subscription.unsubscribe(), 1_500)
  clock.flush()
  expect(lines).toHaveLength(2)
})
