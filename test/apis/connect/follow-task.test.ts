// thenFollowTask: a task and its jobs in one stream, and the outcome of both.
import { NEVER, of } from 'rxjs'
import { type FollowTaskOptions, type JobItem, type LogEntry, type TaskEvent, thenFollowTask } from 'rxjobs/connect'
import { describe, expect, test } from 'vitest'
import { sandboxes, someText, textWith, until } from '../../sandbox/support.ts'
import { all, type Canned, connectTo, refusal } from '../support.ts'
import { block, type Course, course, published, scripted } from './publishing.ts'

const start = sandboxes()
const soon = { pollInterval: 10 }
const content = { guid: 'g' }
const started = { task_id: 't' }
const running = (key: string): JobItem => ({ key, status: 0, exit_code: null })
const over = (key: string, exit_code: number | null): JobItem => ({ key, status: 2, exit_code })

/** The events on such a service, and when each came. */
function events(
  on: Course,
  options: FollowTaskOptions = {},
  until = 1e6,
): ReadonlyArray<readonly [at: number, event: TaskEvent]> {
  const { pc, clock } = course(on)
  const found: Array<readonly [number, TaskEvent]> = []
  const subscription = of(started)
    .pipe(thenFollowTask(pc, content, { pollInterval: 1_000, ...options }))
    .subscribe((event) => found.push([clock.now(), event]))
  clock.schedule(() => subscription.unsubscribe(), until)
  clock.flush()
  return found
}

/** The same without connections, each shortened: `1000 k failed`. */
function shortly(on: Course, options: FollowTaskOptions = {}, until = 1e6): ReadonlyArray<string> {
  return events(on, options, until).flatMap(([at, event]) => {
    const name = 'key' in event.ref ? event.ref.key : 'task'
    if (event._tag === 'Connection') return []
    if (event._tag === 'Status') return [`${at} ${name} ${event.phase}`]
    return [event._tag === 'Settled' ? `${at} settled ${event.outcome.phase}` : `${at} ${name} ${event._tag}`]
  })
}

/** The outcome on such a service. */
function outcomeOn(on: Course, options: FollowTaskOptions = {}): unknown {
  const last = events(on, options).at(-1)?.[1]
  return last?._tag === 'Settled' ? last.outcome : expect.unreachable('there is no outcome')
}

describe('the course of events', () => {
  test('task and job side by side, and one Settled for both', () => {
    expect(shortly({ task: { at: 2_500 }, jobs: [{ from: 100, job: over('k', 0) }] })).toEqual([
      '0 task running',
      '1000 k succeeded',
      '3000 task succeeded',
      '4000 settled succeeded',
    ])
  })

  test('the jobs of a task that failed are followed to their end', () => {
    const jobs = [
      { from: 100, job: over('k', 3) },
      { from: 2_600, job: over('l', 1) },
    ]
    expect(shortly({ task: { at: 2_500, code: 1 }, jobs }, { apps: 'leave' })).toEqual([
      '0 task running',
      '1000 k failed',
      '3000 l failed',
      '3000 task failed',
      '4000 settled failed',
    ])
  })

  test('an app is followed until it is over', () => {
    const jobs = [{ from: 100, job: running('k') }]
    expect(shortly({ task: { at: 2_500 }, jobs }, {}, 9_000)).toEqual([
      '0 task running',
      '1000 k running',
      '3000 task succeeded',
    ])
  })

  test('with `apps: leave` only until its task has succeeded; the outcome has it as last read', () => {
    const jobs = [
      { from: 100, job: running('k') },
      { from: 200, job: over('l', 0) },
    ]
    const on = { task: { at: 2_500 }, jobs }
    expect(shortly(on, { apps: 'leave' })).toEqual([
      '0 task running',
      '1000 k running',
      '1000 l succeeded',
      '3000 task succeeded',
      '4000 settled succeeded',
    ])
    expect(outcomeOn(on, { apps: 'leave' })).toMatchObject({
      phase: 'succeeded',
      job: { jobs: [{ phase: 'running', ref: { guid: 'g', key: 'k' }, job: running('k') }, { phase: 'succeeded' }] },
    })
  })

  test('with `apps: leave` a job is left that runs, whether the list still shows it or not', () => {
    const jobs = [
      { from: 100, listedUntil: 2_600, job: running('k') },
      { from: 100, job: running('l') },
    ]
    const events = shortly({ task: { at: 2_500 }, jobs }, { apps: 'leave' })
    expect(events).toEqual([
      '0 task running',
      '1000 k running',
      '1000 l running',
      '3000 task succeeded',
      '4000 settled succeeded',
    ])
  })

  test('with `apps: leave` an app is left without another read of it, which might fail', () => {
    const { pc, clock, lines } = scripted((line, at) => {
      if (line === 'GET /v1/content/g/jobs') return { body: at > 0 ? [running('k')] : [] }
      if (line === 'GET /v1/tasks/t') return { body: { id: 't', output: [], last: 0, finished: at >= 2_500, code: 0 } }
      if (line.endsWith('/log')) return { body: { entries: [] } }
      return line.endsWith('/k') && at < 3_500 ? { body: running('k') } : { status: 503 }
    })
    let settledAt = 0
    of(started)
      .pipe(thenFollowTask(pc, content, { pollInterval: 1_000, apps: 'leave' }))
      .subscribe({ complete: () => (settledAt = clock.now()) })
    clock.flush()
    expect(settledAt).toBe(4_000)
    expect(lines.filter((line) => line.endsWith('4000 GET /v1/content/g/jobs/k')).length).toBeLessThanOrEqual(1)
  })

  test('with `apps: leave` a job that was read as over is followed to its end, also where the list still shows it as running', () => {
    const log = [{ source: 'stdout', timestamp: '', data: 'the end' }]
    let isOver = false
    const { pc, clock } = scripted((line, at) => {
      if (line === 'GET /v1/content/g/jobs') return { body: at > 0 ? [running('k')] : [] }
      if (line === 'GET /v1/tasks/t') return { body: { id: 't', output: [], last: 0, finished: at >= 2_500, code: 0 } }
      // The log is there a while after the end.
      if (line.endsWith('/log')) return at < 4_500 ? { status: 503 } : { body: { entries: log } }
      isOver ||= line.endsWith('/k') && at > 1_500
      return line.endsWith('/k') ? { body: isOver ? over('k', 0) : running('k') } : { status: 204 }
    })
    const told: Array<string> = []
    of(started)
      .pipe(thenFollowTask(pc, content, { pollInterval: 1_000, apps: 'leave', random: () => 0 }))
      .subscribe((event) => {
        if (event._tag === 'Line') told.push(event.data)
        if (event._tag === 'Settled') told.push(...event.outcome.job.jobs.map(({ phase }) => phase))
      })
    clock.flush()
    expect(told).toEqual(['the end', 'succeeded'])
  })

  test('with `apps: leave` a job that ends with the task is no job that runs', () => {
    const jobs = [
      { from: 100, job: running('k') },
      { from: 900, job: over('k', 3) },
    ]
    const options = { apps: 'leave', pollInterval: 60_000 } as const
    expect(shortly({ task: { at: 0 }, jobs }, options).slice(-2)).toEqual(['60500 k failed', '60500 settled failed'])
  })

  test('a visit that fails is a failure beside the job that it started', () => {
    const jobs = [{ from: 3_100, job: over('k', 2) }]
    const on: Course = { task: { at: 2_500 }, jobs, visit: { status: 502 } }
    expect(shortly(on, { visit: true })).toEqual([
      '0 task running',
      '3000 task succeeded',
      '3500 k failed',
      '4000 settled failed',
    ])
    expect(shortly({ ...on, jobs: [] }, { visit: true }).at(-1)).toBe('7500 settled failed')
  })

  test('a task that the service does not know yet is waited for', () => {
    let reads = 0
    const { pc, clock } = scripted((line) => {
      if (line.endsWith('/jobs')) return { body: [] }
      if (reads++ < 2) return { status: 404, body: { code: 141, error: 'Task lookup failures.' } }
      return { body: { id: 't', output: [], finished: true, code: 0 } }
    })
    const phases: Array<string> = []
    of(started)
      .pipe(thenFollowTask(pc, content))
      .subscribe((event) => event._tag === 'Settled' && phases.push(event.outcome.phase))
    clock.flush()
    expect(phases).toEqual(['succeeded'])
  })

  test('connections of the list have the content as their reference, as an event and for onConnection', () => {
    const lists: Array<Canned> = [{ status: 503 }]
    const { pc, clock } = scripted((line) => {
      if (line.endsWith('/jobs')) return lists.pop() ?? { body: [] }
      return { body: { id: 't', output: [], finished: true, code: 0 } }
    })
    const inStream: Array<string> = []
    const inCallback: Array<string> = []
    const onConnection: FollowTaskOptions['onConnection'] = ({ ref, channel, state }) =>
      void inCallback.push(`${JSON.stringify(ref)} ${channel} ${state}`)
    of(started)
      .pipe(thenFollowTask(pc, content, { onConnection }))
      .subscribe((event) => {
        if (event._tag !== 'Connection') return
        inStream.push(`${JSON.stringify(event.ref)} ${event.channel} ${event.state}`)
      })
    clock.flush()
    expect(inStream.slice(0, 2)).toEqual(['{"guid":"g"} status retrying', '{"guid":"g"} status open'])
    expect(inCallback).toEqual(inStream)
  })
})

describe('the outcome', () => {
  const at = { at: 500 }
  test.each<[what: string, on: Course, options: FollowTaskOptions, phase: string]>([
    ['a task without jobs', { task: at, jobs: [] }, {}, 'succeeded'],
    ['a job succeeded', { task: at, jobs: [{ from: 0, job: over('k', 0) }] }, {}, 'succeeded'],
    ['an app was left', { task: at, jobs: [{ from: 0, job: running('k') }] }, { apps: 'leave' }, 'succeeded'],
    ['a job was skipped', { task: at, jobs: [{ from: 0, job: { key: 'k', status: 3 } }] }, {}, 'succeeded'],
    ['a job failed', { task: at, jobs: [{ from: 0, job: over('k', 3) }] }, {}, 'failed'],
    ['the task failed', { task: { ...at, code: 1 }, jobs: [{ from: 0, job: over('k', 0) }] }, {}, 'failed'],
    ['how a job ended is not known', { task: at, jobs: [{ from: 0, job: over('k', null) }] }, {}, 'ended'],
    [
      'of two jobs, one failed',
      { task: at, jobs: [over('k', null), over('l', 1)].map((job) => ({ from: 0, job })) },
      {},
      'failed',
    ],
  ])('%s', (_, on, options, phase) => {
    const jobs = on.jobs.map(({ job }) => ({ ...job }))
    const late = { ...on, jobs: on.jobs.map(({ job }) => ({ from: 1, job })) }
    const outcome = outcomeOn(late, { pollInterval: 1_000, ...options })
    expect(outcome).toMatchObject({ ref: { taskId: 't' }, phase, job: { task: { id: 't', finished: true } } })
    expect(outcome).toMatchObject({ job: { jobs: jobs.map((job) => ({ job })) } })
    if (phase === 'failed') expect(outcome).toHaveProperty('failure')
    else expect(outcome).not.toHaveProperty('failure')
  })

  test('code and error of the task beside exit code and logged error of the job', () => {
    const logged = { code: 'render-failed', summary: 'No such column.' }
    const on: Course = {
      task: { at: 500, code: 1, error: 'Unable to render' },
      jobs: [over('a', 0), over('k', 3)].map((job) => ({ from: 1, job })),
      error: { body: logged },
    }
    expect(outcomeOn(on)).toMatchObject({
      failure: {
        task: { code: 1, error: 'Unable to render' },
        jobs: [{ ref: { guid: 'g', key: 'k' }, exitCode: 3, error: logged }],
      },
    })
  })

  test('a message says all of it in one line, with the addresses of pages about it and of the logs', () => {
    const page = 'https://docs.example.com/errors/'
    const on: Course = {
      task: {
        at: 500,
        code: 1,
        error: 'Unable to render\n (Error code: render-failed)',
        output: [{ from: 0, line: `See ${page}#render-failed` }],
      },
      jobs: [over('a', 0), over('k', 3)].map((job) => ({ from: 1, job })),
      error: { body: { summary: 'No such\u001b[31m column.', help_url: `${page}no-column` } },
    }
    const log = 'https://host/connect/#/apps/g/logs'
    expect(outcomeOn(on)).toMatchObject({
      failure: {
        message: `Unable to render (Error code: render-failed); ${page}#render-failed; job k: exit code 3; No such [31m column.; ${page}no-column; see ${log}`,
      },
    })
    expect(outcomeOn({ ...on, error: { status: 204 }, task: { at: 500 } })).toMatchObject({
      failure: { message: `job k: exit code 3; see ${log}` },
    })
  })

  test('a task that fails before there is any job', () => {
    const on: Course = { task: { at: 500, code: 1, error: 'No space left' }, jobs: [] }
    expect(shortly(on, { visit: true, apps: 'leave' })).toEqual([
      '0 task running',
      '1000 task failed',
      '2000 settled failed',
    ])
    expect(outcomeOn(on)).toMatchObject({
      job: { jobs: [] },
      failure: { message: 'No space left; see https://host/connect/#/apps/g/logs', task: { code: 1 }, jobs: [] },
    })
  })

  test('an error that cannot be read is told beside the failure', () => {
    const on: Course = { task: { at: 500 }, jobs: [{ from: 1, job: over('k', 3) }], error: { status: 403 } }
    expect(outcomeOn(on)).toMatchObject({
      phase: 'failed',
      failure: { jobs: [{ ref: { guid: 'g', key: 'k' }, exitCode: 3 }] },
      failureError: { _tag: 'HttpError', status: 403 },
    })
  })
})

describe('on the sandbox', () => {
  test('a render that fails: both logs, and why', async () => {
    const pc = connectTo(await start())
    const program = "console.error('no such column'); console.log('Error code: no-column'); process.exitCode = 4"
    const { guid } = await published(pc, 'quarto-static', program)
    const found = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, soon)))
    const lines = found.flatMap((event) => (event._tag === 'Line' ? [event] : []))
    const ofTask = lines.filter(({ ref }) => 'taskId' in ref).map(({ data }) => data)
    const ofJob = lines.flatMap(({ ref, source, data }) => ('key' in ref ? [`${source} ${data}`] : []))
    expect(ofTask).toEqual(expect.arrayContaining(['Rendering...', 'no such column']))
    expect([...ofJob].sort()).toEqual(['stderr no such column', 'stdout Error code: no-column'])
    expect(found.filter(({ _tag }) => _tag === 'Settled')).toHaveLength(1)
    expect(found.at(-1)).toMatchObject({
      _tag: 'Settled',
      ref: { taskId: someText },
      outcome: {
        phase: 'failed',
        links: { content: textWith(`/connect/#/apps/${guid}`), log: textWith(`/connect/#/apps/${guid}/logs`) },
        job: {
          task: { finished: true, code: 1 },
          jobs: [{ phase: 'failed', job: { tag: 'build_report', exit_code: 4 } }],
        },
        failure: {
          task: { code: 1, error: textWith('exit status 4') },
          jobs: [
            { ref: { guid, key: someText }, exitCode: 4, error: { code: 'no-column', summary: 'no such column' } },
          ],
        },
      },
    })
  })

  test('an app that cannot start with its first visit', async () => {
    const pc = connectTo(await start({ connect: { appsStart: 'visit' } }))
    const { guid } = await published(pc, 'python-api', "throw new Error('no database')")
    const found = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, { ...soon, visit: true })))
    expect(found.at(-1)).toMatchObject({
      outcome: {
        phase: 'failed',
        failure: {
          jobs: [{ exitCode: 1, error: { code: 'app-exited' } }],
          visit: { _tag: 'HttpError', status: 502 },
        },
      },
    })
  })

  test('an app that goes on is left', async () => {
    const sandbox = await start()
    const pc = connectTo(sandbox)
    const { guid } = await published(pc, 'nodejs', "console.log('listening'); setInterval(() => {}, 1000)")
    const flow = pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, { ...soon, apps: 'leave' }))
    const found = await all(flow)
    expect(found.at(-1)).toMatchObject({
      outcome: { phase: 'succeeded', job: { jobs: [{ phase: 'running', job: { status: 0 } }] } },
    })
    await until(
      () => sandbox.inFlight(),
      (open) => open === 0,
    )
  })

  test('unsubscribing ends every request', async () => {
    const sandbox = await start()
    const pc = connectTo(sandbox)
    const { guid } = await published(pc, 'quarto-static', 'setInterval(() => console.log("going on"), 20)')
    const open = (part: string): boolean => sandbox.inFlight(({ path }) => path.includes(part)) > 0
    await new Promise<void>((resolve) => {
      const subscription = pc
        .deployContent({ guid })
        .pipe(thenFollowTask(pc, { guid }, soon))
        .subscribe(() => {
          if (!open('/tail') || !open('/tasks/')) return
          subscription.unsubscribe()
          resolve()
        })
    })
    await until(
      () => sandbox.inFlight(),
      (still) => still === 0,
    )
    const aborted = sandbox.exchanges.filter((exchange) => exchange.aborted).map(({ path }) => path)
    for (const part of ['/tail', '/tasks/']) expect(aborted.some((path) => path.includes(part))).toBe(true)
  })
})

test('an invalid apps option is refused', () => {
  const { pc } = course({ task: { at: 0 }, jobs: [] })
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => NEVER.pipe(thenFollowTask(pc, content, { apps: 'stop' })))).toBe(
    'thenFollowTask: apps must be one of follow, leave, was a string',
  )
})

describe('the lines of jobs in the output of their task', () => {
  const at = (second: number): string => `2026/11/25 22:17:${second}.5`
  /** A line of output that is a line of a job, and the same as the job's log has it. */
  const timed = (second: number, text: string): string => `${at(second)} ${text}`
  const logged = (second: number, data: string): LogEntry => ({
    source: 'stdout',
    timestamp: `2026-11-25T22:17:${second}.5Z`,
    data,
  })
  const blockEntries = (key: string, second: number): ReadonlyArray<LogEntry> =>
    block('g', key).map((line) => ({ ...logged(second, line.replace(/^\S+ \S+ /, '')), source: 'stderr' }))
  const restored = [...blockEntries('r', 10), logged(11, 'restored')]
  const rendered = [...blockEntries('k', 20), logged(21, 'page 1'), logged(22, 'page 2')]
  const recorded = [
    'Unpacking',
    ...block('g', 'r', at(10)),
    timed(11, 'restored'),
    'Rendering',
    ...block('g', 'k', at(20)),
    timed(21, 'page 1'),
    timed(22, 'page 2'),
    'Deployed.',
  ]
  const output = (lines: ReadonlyArray<string>, from = 0): NonNullable<Course['task']['output']> =>
    lines.map((line) => ({ from, line }))
  const jobs = [over('r', 0), over('k', 0)].map((job) => ({ from: 1, job }))
  const on: Course = {
    task: { at: 2_500, output: output(recorded, 400) },
    jobs,
    logs: { r: restored, k: rendered },
  }

  /** The lines that are told, those of the task first: `k page 1`. */
  function told(course: Course, options: FollowTaskOptions = {}): ReadonlyArray<string> {
    const lines = events(course, options).flatMap(([, event]) =>
      event._tag === 'Line' ? [`${'key' in event.ref ? event.ref.key : 'task'} ${event.data}`] : [],
    )
    return ['task', 'r', 'k'].flatMap((name) => lines.filter((line) => line.startsWith(`${name} `)))
  }
  const each = (name: string, entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> =>
    entries.map(({ data }) => `${name} ${data}`)
  const once = ['task Unpacking', 'task Rendering', 'task Deployed.', ...each('r', restored), ...each('k', rendered)]

  test('are told once, as lines of the jobs', () => {
    expect(told(on)).toEqual(once)
    expect(told(on, { apps: 'leave' })).toEqual(once)
  })

  test('of both jobs of a deploy: each is followed, and both count', () => {
    const outcome = outcomeOn({ ...on, jobs: [over('r', 0), over('k', 1)].map((job) => ({ from: 1, job })) })
    expect(outcome).toMatchObject({ phase: 'failed', job: { jobs: [{ ref: { key: 'r' } }, { ref: { key: 'k' } }] } })
    expect(outcomeOn(on)).toMatchObject({ phase: 'succeeded' })
  })

  test('name the jobs, which are found before the list has them, or where it never has', () => {
    const unlisted = { ...on, jobs: jobs.map((job) => ({ ...job, listedUntil: 0 })) }
    expect(told(unlisted)).toEqual(once)
    expect(shortly(unlisted).filter((line) => / [rk] succeeded/.test(line))).toEqual([
      '1000 r succeeded',
      '1000 k succeeded',
    ])
  })

  test.each<[what: string, lines: ReadonlyArray<string>]>([
    ['of another content', block('h', 'x', at(20))],
    ['of no job that is there', block('g', 'x', at(20))],
    ['without a key', block('g', 'x', at(20)).slice(0, 4)],
    ['whose key cannot be in an address', block('g', '..', at(20))],
    [
      'with more lines than a block has',
      [...block('g', 'k').slice(0, 4), ...block('g', 'k').slice(0, 4), ...block('g', 'k').slice(0, 4)],
    ],
  ])('a block %s, which a program prints, is told as any line, and so is what follows it', (_, lines) => {
    const printed = ['Rendering', ...lines, timed(23, 'and more')]
    const all = told({ ...on, task: { at: 2_500, output: output(printed) }, jobs: [], logs: {} })
    expect(all).toEqual(printed.map((line) => `task ${line}`))
  })

  test('a job from before the task is not followed, whatever the output says', () => {
    const printed = [...block('g', 'r', at(20)), timed(21, 'of old')]
    const old = { ...on, task: { at: 2_500, output: output(printed) }, jobs: [{ from: -1, job: over('r', 1) }] }
    expect(told(old)).toEqual(printed.map((line) => `task ${line}`))
    expect(outcomeOn(old)).toMatchObject({ phase: 'succeeded' })
  })

  test('a program that names thousands of jobs has twenty of them looked up', () => {
    const names = Array.from({ length: 3_000 }, (_, index) => block('g', `x${index}`, at(20)).at(-1) ?? '')
    const { pc, clock, lines } = course({ ...on, task: { at: 2_500, output: output(names) }, jobs: [], logs: {} })
    let told = 0
    of(started)
      .pipe(thenFollowTask(pc, content, soon))
      .subscribe(({ _tag }) => (told += Number(_tag === 'Line')))
    clock.flush()
    expect([told, lines.filter((line) => line.includes('/jobs/x')).length]).toEqual([3_000, 20])
  })

  test('without times name the jobs as well; what follows may be of the server and is told', () => {
    const untimed = [...block('g', 'k', ''), 'page 1']
    expect(told({ ...on, task: { at: 2_500, output: output(untimed, 400) } })).toEqual([
      'task page 1',
      ...each('r', restored),
      ...each('k', rendered),
    ])
  })

  test('a plain output has the lines twice, as nothing tells whose they are', () => {
    expect(told({ ...on, task: { at: 2_500, output: output(['Rendering', 'page 1']) } })).toContain('task page 1')
  })

  test('of an app that is left: those that its log has not shown by then are told from the output', () => {
    const app: Course = {
      ...on,
      task: { at: 2_500, output: output([...recorded.slice(0, -1), timed(25, 'listening'), 'Deployed.'], 400) },
      jobs: [
        { from: 1, job: over('r', 0) },
        { from: 1, job: running('k') },
      ],
    }
    const all = told(app, { apps: 'leave' })
    expect(all).toEqual([
      'task Unpacking',
      'task Rendering',
      'task Deployed.',
      `task ${timed(25, 'listening')}`,
      ...once.slice(3),
    ])
    expect(
      told({ ...app, logs: { ...app.logs, k: [...rendered, logged(25, 'listening')] } }, { apps: 'leave' }),
    ).toEqual([...once, 'k listening'])
  })

  test.each([
    ['22:17:25.51', '2026-11-25T22:17:25.5Z', true],
    ['22:17:25.000000001', '2026-11-25T22:17:25Z', true],
    ['22:17:25.5', '2026-11-25T22:17:25.500000000Z', false],
    ['22:17:25.500000000', '2026-11-25T22:17:25.5Z', false],
  ])('of an app that is left: at %s, after a log to %s, told from the output: %s', (at, timestamp, isUntold) => {
    const app: Course = {
      ...on,
      task: {
        at: 2_500,
        output: output([...block('g', 'k', `2026/11/25 22:17:20`), `2026/11/25 ${at} listening`], 400),
      },
      jobs: [{ from: 1, job: running('k') }],
      logs: { k: [...blockEntries('k', 20), { source: 'stdout', timestamp, data: 'starting' }] },
    }
    expect(told(app, { apps: 'leave' }).includes(`task 2026/11/25 ${at} listening`)).toBe(isUntold)
  })
})

test.each([1, 5, 40])(
  'on the sandbox, the recorded output with pages of %i lines: no line twice, none lost',
  async (pages) => {
    const pc = connectTo(await start({ connect: { restoreJob: true, taskOutput: 'recorded' } }))
    const program = `for (let page = 1; page <= ${pages}; page++) {
    console.log('page ' + page)
    await new Promise((done) => setTimeout(done, 10))
  }`
    const { guid } = await published(pc, 'quarto-static', program)
    const found = await all(pc.deployContent({ guid }).pipe(thenFollowTask(pc, { guid }, soon)))
    const lines = found.flatMap((event) => (event._tag === 'Line' ? [event] : []))
    const pageLines = lines.filter(({ data }) => / ?page \d+$/.test(data))
    expect(pageLines.map(({ data }) => data)).toEqual(Array.from({ length: pages }, (_, index) => `page ${index + 1}`))
    const keys = lines.filter(({ data }) => data.includes('Job Key: '))
    expect(keys.map(({ ref }) => 'key' in ref)).toEqual([true, true])
    expect(found.at(-1)).toMatchObject({
      outcome: {
        phase: 'succeeded',
        job: { jobs: [{ job: { tag: 'packrat_restore' } }, { job: { tag: 'build_report' } }] },
      },
    })
  },
)
