// thenJobs: the jobs that a task starts, found in the list of its content's jobs.
import fc from 'fast-check'
import { lastValueFrom, NEVER, of, tap } from 'rxjs'
import { type Connection, thenFollow } from 'rxjobs'
import {
  connect,
  type JobItem,
  type StartedJobsOptions,
  type TaskContent,
  thenFollowTask,
  thenJobs,
} from 'rxjobs/connect'
import { describe, expect, test } from 'vitest'
import { sandboxes } from '../../sandbox/support.ts'
import { all, type Canned, connectTo, refusal } from '../support.ts'
import { type Course, course, published, scripted } from './publishing.ts'

const start = sandboxes()
const soon = { pollInterval: 10 }
const second = { pollInterval: 1_000 }
const content: TaskContent = { guid: 'g', bundle_id: '7' }
const started = { task_id: 't' }
const one = (key: string, job: JobItem = {}): JobItem => ({ key, bundle_id: '7', status: 0, ...job })

/** The jobs found and when, on a service with those jobs and a task that is over after 2500 ms (as noticed: 3000). */
function found(
  jobs: Course['jobs'],
  options: StartedJobsOptions = {},
  where = content,
): { readonly keys: ReadonlyArray<string>; readonly lists: number; readonly endedAt: number } {
  const { pc, clock, lines } = course({ task: { at: 2_500 }, jobs })
  const keys: Array<string> = []
  let endedAt = -1
  of(started)
    .pipe(thenJobs(pc, where, { ...second, ...options }))
    .subscribe({
      next: ({ key }) => keys.push(`${clock.now()} ${key}`),
      complete: () => (endedAt = clock.now()),
    })
  clock.flush()
  return { keys, lists: lines.filter((line) => line.endsWith('/jobs')).length, endedAt }
}

describe('on the sandbox', () => {
  test('deploy, then its jobs, then follow them', async () => {
    const pc = connectTo(await start())
    const { guid } = await published(pc, 'quarto-static', "console.log('rendered')")
    const flow = pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, soon), thenFollow(pc.jobs, soon))
    const first = await all(flow)
    expect(first.flatMap((event) => (event._tag === 'Line' ? [event.data] : []))).toEqual(['rendered'])
    expect(first.at(-1)).toMatchObject({ _tag: 'Settled', ref: { guid }, outcome: { phase: 'succeeded' } })

    // The second deploy finds the second job alone.
    const again = await all(flow)
    const keys = new Set([...first, ...again].map(({ ref }) => ref.key))
    expect([keys.size, again.filter(({ _tag }) => _tag === 'Settled').length]).toEqual([2, 1])
  })

  test('jobs are listed before the task is started, and once after it', async () => {
    const sandbox = await start()
    const pc = connectTo(sandbox)
    const { guid } = await published(pc, 'static', 'never run')
    const before = sandbox.exchanges.length
    await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, soon)))
    const asked = sandbox.exchanges.slice(before).map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`)
    expect(asked.slice(0, 2)).toEqual(['GET jobs', 'POST deploy'])
    expect(asked.at(-1)).toBe('GET jobs')
  })

  test('the job of an app is found while the task goes on', async () => {
    const pc = connectTo(await start({ connect: { launchMs: 60_000 } }))
    const { guid } = await published(pc, 'nodejs', "console.error('starting'); setInterval(() => {}, 1000)")
    const events = pc.deployContent({ guid }).pipe(
      thenJobs(pc, { guid }, soon),
      tap(({ key }) => void lastValueFrom(pc.killJob({ guid, key }))),
    )
    expect(await all(events)).toHaveLength(1)
  })

  test('with `visit`, an app that starts with its first visit', async () => {
    const pc = connectTo(await start({ connect: { appsStart: 'visit' } }))
    const { guid } = await published(pc, 'nodejs', "console.log('up'); setInterval(() => {}, 1000)")
    expect(await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, soon)))).toEqual([])
    const [job, ...more] = await all(pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }, { ...soon, visit: true })))
    expect([job?.guid, more]).toEqual([guid, []])
  })
})

describe('in virtual time', () => {
  test('new jobs are found as they come; those listed before are not', () => {
    const jobs = [
      { from: -1, job: one('old') },
      { from: 500, job: one('first') },
      { from: 2_200, job: one('last') },
    ]
    expect(found(jobs)).toMatchObject({ keys: ['1000 first', '3000 last'], endedAt: 4_000 })
  })

  test.each<[what: string, job: JobItem, found: boolean]>([
    ['of the bundle', { bundle_id: '7' }, true],
    ['of another bundle', { bundle_id: '6' }, false],
    ['of no known bundle', { bundle_id: null }, true],
    ['of bundle 0, which is none', { bundle_id: '0' }, true],
    ['without a key', { key: '' }, false],
    ['whose key cannot stand in a path', { key: '..' }, false],
    ['whose key is half a character', { key: '\ud800' }, false],
  ])('a job %s', (_, job, isFound) => {
    expect(found([{ from: 500, job: one('new', job) }]).keys).toEqual(isFound ? ['1000 new'] : [])
  })

  test('without a bundle id any bundle will do', () => {
    const jobs = [{ from: 500, job: one('new', { bundle_id: '6' }) }]
    expect(found(jobs, {}, { guid: 'g' }).keys).toEqual(['1000 new'])
  })

  test('a job that is listed twice is found once', () => {
    const twice = [500, 500].map((from) => ({ from, job: one('new') }))
    expect(found(twice).keys).toEqual(['1000 new'])
  })

  test('the oldest comes first, whatever the order of the list; jobs that have not started come last', () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(times, fc.nat(2), (starts, queued) => {
        const timed = starts.map((at) => one(String(at), { start_time: new Date(at).toISOString() }))
        const waiting = Array.from({ length: queued }, (_, index) => one(`q${index}`, { start_time: null }))
        const { keys } = found([...waiting, ...timed].map((job) => ({ from: 1, job })))
        const sorted = [...starts].sort((a, b) => a - b).map(String)
        expect(keys).toEqual([...sorted, ...waiting.map(({ key }) => key)].map((key) => `1000 ${key}`))
      }),
      { numRuns: 30 },
    )
  })

  test.each([3_100, 3_900])('a job that is listed after the end of the task, at %i, is found', (from) => {
    expect(found([{ from, job: one('late') }])).toMatchObject({
      keys: [`${from < 3_500 ? 3_500 : 4_000} late`],
      endedAt: 4_000,
    })
    const restored = { from: 500, job: one('restored', { status: 2, exit_code: 0 }) }
    expect(found([restored, { from, job: one('late') }]).keys).toHaveLength(2)
  })

  test.each<[what: string, before: ReadonlyArray<JobItem>]>([
    ['at all', []],
    ['but one that is over, which restored the environment', [one('restored', { status: 2, exit_code: 0 })]],
  ])('after a visit the list is read ten times while there is no job %s', (_, before) => {
    const jobs = before.map((job) => ({ from: 500, job }))
    expect(found([...jobs, { from: 6_900, job: one('late') }], { visit: true })).toMatchObject({
      keys: [...before.map(({ key }) => `1000 ${key}`), '7000 late'],
      endedAt: 7_000,
    })
    expect(found(jobs, { visit: true }).endedAt).toBe(7_500)
  })

  test('after a visit to an app that runs, the list is read for a second', () => {
    expect(found([{ from: 500, job: one('new') }], { visit: true }).endedAt).toBe(4_000)
  })

  test.each([
    [{ task: { at: 0 }, visit: { status: 200 } }, 1],
    [{ task: { at: 0 }, visit: { status: 503 } }, 1],
    [{ task: { at: 0, code: 1 } }, 0],
  ])('on %j there are %d visits, and the stream completes', (on, visits) => {
    const { pc, clock, lines } = course({ jobs: [], ...on })
    let isComplete = false
    of(started)
      .pipe(thenJobs(pc, content, { ...second, visit: true }))
      .subscribe({ complete: () => (isComplete = true) })
    clock.flush()
    expect([isComplete, lines.filter((line) => line.endsWith('GET /content/g/')).length]).toEqual([true, visits])
  })

  test('two tasks of one content do not name a job twice', () => {
    const { pc, clock } = course({ task: { at: 1_500 }, jobs: [{ from: 100, job: one('new') }] })
    const keys: Array<string> = []
    of(started, { id: 't' })
      .pipe(thenJobs(pc, content, second))
      .subscribe(({ key }) => keys.push(key))
    clock.flush()
    expect(keys).toEqual(['new'])
  })

  test('the default interval takes its jitter from `random`', () => {
    const { pc, clock, lines } = course({ task: { at: 39_750 }, jobs: [] })
    of(started)
      .pipe(thenJobs(pc, content, { random: () => 0 }))
      .subscribe()
    clock.flush()
    const lists = lines.filter((line) => line.endsWith('/jobs'))
    // Before the task, each half second until it is over, and for a second after it.
    expect([...new Set(lists)]).toEqual(
      Array.from({ length: 83 }, (_, index) => `${index * 500} GET /v1/content/g/jobs`),
    )
    expect(lists.length).toBeLessThanOrEqual(1 + 83 + 1)
  })

  test('a poll interval that is no number is an error', () => {
    const { pc, clock } = course({ task: { at: 1e6 }, jobs: [] })
    let error: unknown
    of(started)
      .pipe(thenJobs(pc, content, { pollInterval: () => Number.NaN }))
      .subscribe({ error: (thrown: unknown) => (error = thrown) })
    clock.flush()
    expect(error).toMatchObject({ name: 'TypeError' })
  })

  test('a list that fails in passing is read again, which onConnection is told', () => {
    const answers: ReadonlyArray<Canned> = [{ status: 503 }, { status: 429, headers: { 'retry-after': '7' } }]
    let lists = 0
    let tasks = 0
    const { pc, clock } = scripted((line) => {
      if (line.endsWith('/jobs')) return answers[lists++] ?? { body: [] }
      return tasks++ === 0 ? { status: 503 } : { body: { id: 't', output: [], finished: true, code: 0 } }
    })
    const told: Array<string> = []
    const onConnection = ({ ref, channel, state, attempt }: Connection): void =>
      void told.push(`${JSON.stringify(ref)} ${channel} ${state} ${attempt}`)
    of(started)
      .pipe(thenJobs(pc, content, { ...second, onConnection }))
      .subscribe()
    clock.flush()
    expect(told.slice(0, 3)).toEqual(
      ['status retrying 1', 'status retrying 2', 'status open 0'].map((what) => `{"guid":"g"} ${what}`),
    )
    expect(told[3]).toBe('{"taskId":"t"} status retrying 1')
  })

  test('a task that cannot be watched ends the stream with that error', () => {
    const { pc, clock } = scripted((line) => (line.includes('/tasks/') ? { status: 403 } : { body: [] }))
    const errorFor = (task_id: string): unknown => {
      let error: unknown
      of({ task_id })
        .pipe(thenJobs(pc, content, second))
        .subscribe({ error: (thrown: unknown) => (error = thrown) })
      clock.flush()
      return error
    }
    expect(errorFor('t')).toMatchObject({ _tag: 'HttpError', status: 403, path: '/__api__/v1/tasks/t' })
    expect(errorFor('')).toMatchObject({
      _tag: 'DecodeError',
      issues: [{ expected: 'an answer that names the job' }],
    })
  })

  test('unsubscribing stops both the watch and the search', () => {
    const { pc, clock, lines } = course({ task: { at: 1e9 }, jobs: [] })
    const subscription = of(started)
      .pipe(thenJobs(pc, content, second))
      .subscribe()
    clock.schedule(() => subscription.unsubscribe(), 2_500)
    clock.flush()
    expect(lines.filter((line) => line.endsWith('/jobs'))).toHaveLength(1 + 3)
    expect(Math.max(...lines.map((line) => Number(line.split(' ')[0])))).toBeLessThanOrEqual(2_500)
  })
})

describe('arguments', () => {
  const pc = connect({ server: 'https://connect.example.com', apiKey: 'k', transport: () => NEVER })

  test.each<[given: object, says: RegExp]>([
    [{ visit: 'yes' }, /^thenJobs: visit must be true, false or draft/],
    [{ deadline: 0 }, /^thenJobs: deadline must be a positive number of milliseconds/],
    [{ retry: { attempts: 5 } }, /^thenJobs: retry must be .*maxAttempts/],
    [{ cancelOnUnsubscribe: true }, /^thenJobs: unknown option cancelOnUnsubscribe; there are .*pollInterval, /],
    [{ apps: 'leave' }, /^thenJobs: unknown option apps; there are .*visit$/],
  ])('the options %j are refused', (given, says) => {
    expect(refusal(() => thenJobs(pc, content, given))).toMatch(says)
  })

  test.each([
    ['thenJobs', thenJobs],
    ['thenFollowTask', thenFollowTask],
  ] as const)('%s refuses a wrong client, content or option in its own name', (name, operator) => {
    for (const client of [undefined, pc.jobs]) {
      // @ts-expect-error JavaScript has no compiler to refuse it
      expect(refusal(() => operator(client, { guid: 'g' }))).toBe(
        `${name}: the first argument must be the client that connect(…) gives`,
      )
    }
    // @ts-expect-error JavaScript has no compiler to refuse it
    expect(refusal(() => operator(pc))).toMatch(new RegExp(`^${name}: its parameters must be `))
    expect(refusal(() => operator(pc, { guid: '..' }))).toMatch(new RegExp(`^${name}: guid must be`))
    expect(refusal(() => operator(pc, { guid: 'g' }, { visit: 'draft' }))).toBe(
      `${name}: a visit to a draft needs the content's bundle_id`,
    )
    expect(refusal(() => operator(pc, content, { deadline: -1 }))).toMatch(new RegExp(`^${name}: deadline must be`))
  })

  test('valid ones are accepted', () => {
    const options = { visit: true, apps: 'leave', deadline: 5 } as const
    expect(() => thenFollowTask(pc, content, options)).not.toThrow()
  })
})
