import { firstValueFrom, lastValueFrom, mergeMap, NEVER, VirtualTimeScheduler } from 'rxjs'
import { tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch, watchJob } from 'rxjobs'
import { type Connect, connect, type Task } from 'rxjobs/connect'
import type { Transport } from 'rxjobs/core'
import type { Sandbox } from 'rxjobs/sandbox'
import { describe, expect, test } from 'vitest'
import { bundleOf, sandboxes, someText, textWith } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo } from '../support.ts'

const start = sandboxes()
const soon = { pollInterval: 5 }
const ref = { taskId: 't' }

/** Content with a report that runs that program. */
async function report(pc: Connect, program: string): Promise<{ readonly guid: string }> {
  const content = await firstValueFrom(pc.createContent({ name: 'a-report' }))
  const archive = await bundleOf('quarto-static', 'r.mjs', { 'r.mjs': program })
  await firstValueFrom(pc.uploadBundle({ guid: content.guid, archive }))
  return { guid: content.guid }
}

/** A client whose service tells the task's states one after the other, and what it was asked for, when. */
function scripted(...states: ReadonlyArray<Partial<Task>>): {
  readonly pc: Connect
  readonly clock: VirtualTimeScheduler
  readonly lines: ReadonlyArray<string>
} {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ url }, index) => {
    lines.push(`${clock.now()} ${url.replace('https://host/__api__/v1/tasks/', '')}`)
    return { body: { id: 't', output: [], finished: false, ...states[Math.min(index, states.length - 1)] } }
  })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), clock, lines }
}

const taskPolls = (sandbox: Sandbox): ReadonlyArray<string> =>
  asked(sandbox).filter((line) => line.includes('/v1/tasks/'))

test('submit, watch, fetch errors: a deploy that failed says why', async () => {
  const pc = connectTo(await start())
  const content = await report(pc, "console.error('no such column'); process.exitCode = 4")
  const outcome = await lastValueFrom(
    pc.deployContent(content).pipe(thenWatch(pc.tasks, soon), thenFetchErrors(pc.tasks)),
  )
  expect(outcome).toMatchObject({
    ref: { taskId: someText },
    job: { finished: true, code: 1, output: [someText, 'Rendering...', 'no such column'] },
    phase: 'failed',
    failure: { code: 1, error: textWith('exit status 4') },
  })
})

test('a build and a render are tasks as well, whatever their answer calls them', async () => {
  const pc = connectTo(await start())
  const { guid } = await report(pc, "console.log('rendered')")
  const built = await lastValueFrom(pc.buildContent({ guid }, {}).pipe(thenWatch(pc.tasks, soon)))
  expect(built.phase).toBe('succeeded')
  await lastValueFrom(pc.deployContent({ guid }).pipe(thenWatch(pc.tasks, soon)))
  const rendered = pc.getVariants({ guid }).pipe(
    mergeMap((variants) => variants),
    mergeMap(({ id }) => pc.renderVariant({ variant_id: id })),
    thenTail(pc.tasks, soon),
  )
  expect((await all(rendered)).map((line) => line._tag === 'Line' && line.data)).toEqual(['Rendering...', 'rendered'])
})

test('the output is the log, line by line as it grows, each once', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const pages = `for (let page = 1; page <= 5; page++) {
    console.log('page ' + page)
    await new Promise((done) => setTimeout(done, 40))
  }`
  const events = await all(pc.deployContent(await report(pc, pages)).pipe(thenFollow(pc.tasks, soon)))
  const lines = events.flatMap((event) => (event._tag === 'Line' ? [event] : []))
  expect(lines.map(({ data }) => data)).toEqual([
    textWith('Unpacked'),
    'Rendering...',
    ...[1, 2, 3, 4, 5].map((page) => `page ${page}`),
    'Deployed.',
  ])
  expect(lines.map(({ index, source, timestamp, cursor }) => [index, source, timestamp, cursor.offset])).toEqual(
    lines.map((_, index) => [index, '', '', index + 1]),
  )
  expect(events.at(-1)).toMatchObject({ _tag: 'Settled', outcome: { phase: 'succeeded' } })
  // The log was read while it grew, each look from where the last one ended.
  const firsts = taskPolls(sandbox).flatMap((line) => /first=(\d+)/.exec(line)?.[1] ?? [])
  expect(new Set(firsts).size).toBeGreaterThan(2)
  expect(firsts).toEqual([...firsts].sort((a, b) => Number(a) - Number(b)))

  const last = lines[3]?.cursor
  const rest = await all(tailLog(pc.tasks, events[0]?.ref ?? ref, { ...soon, ...(last ? { from: last } : {}) }))
  expect(rest.map((line) => line._tag === 'Line' && [line.index, line.data])).toEqual(
    lines.slice(4).map(({ index, data }) => [index, data]),
  )
})

test('the first read is answered at once, later ones wait for the end on the server', () => {
  const { pc, clock, lines } = scripted({}, {}, { finished: true, code: 0 })
  const phases: Array<string> = []
  watchJob(pc.tasks, ref, { pollInterval: 1_000 }).subscribe(({ phase }) => phases.push(phase))
  clock.flush()
  expect(lines).toEqual(['0 t?first=0&wait=0', '1000 t?first=0&wait=10', '2000 t?first=0&wait=10'])
  expect(phases).toEqual(['running', 'succeeded'])
})

test('each read says from where on and how long: a status has the whole output, but asks for what is new', () => {
  const written = ['a', 'b', 'c', 'd']
  const clock = new VirtualTimeScheduler()
  const urls: Array<string> = []
  const { transport } = answering(({ url }) => {
    urls.push(url.replace('https://host/__api__/v1/tasks/', ''))
    const last = clock.now() / 1_000 + 1
    const output = written.slice(Number(/first=(\d+)/.exec(url)?.[1]), last)
    return { body: { id: 't', output, last, finished: last === 4, code: 0 } }
  })
  const { tasks } = connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock })
  const outputs: Array<string> = []
  // The output alone is no news, so each status is read by hand.
  for (let at = 0; at <= 4_000; at += 1_000) {
    clock.schedule(
      () => tasks.status(ref).subscribe(({ job }) => outputs.push(job.output.join(''))),
      Math.min(at, 3_000),
    )
  }
  clock.flush()
  expect(outputs).toEqual(['a', 'ab', 'abc', 'abcd', 'abcd'])
  // The last one is that of a task that was over: it begins anew.
  const asked = ['first=0&wait=0', 'first=1&wait=10', 'first=2&wait=10', 'first=3&wait=10', 'first=0&wait=0']
  expect(urls).toEqual(asked.map((query) => `t?${query}`))
})

test.each<[what: string, last: Partial<Task>]>([
  ['whatever it is asked for', { last: 3 }],
  ['and no count', {}],
])('the output of a status is right where the service gives all of it, %s', async (_, last) => {
  const { pc } = scripted(
    { output: ['a', 'b'], ...last, ...(last.last && { last: 2 }) },
    { output: ['a', 'b', 'c'], ...last },
  )
  await firstValueFrom(pc.tasks.status(ref))
  expect((await firstValueFrom(pc.tasks.status(ref))).job.output).toEqual(['a', 'b', 'c'])
})

test('the wait on the server comes on top of the timeout of the client', () => {
  const clock = new VirtualTimeScheduler()
  const urls: Array<string> = []
  const { transport: first } = answering(() => ({ body: { id: 't', output: [], finished: false } }))
  const transport: Transport = (request) =>
    urls.push(request.url.replace(/^.*\/t/, '')) === 1 ? first(request) : NEVER
  const { tasks } = connect({ server: 'https://host', apiKey: 'k', transport, timeout: 1_000, scheduler: clock })
  const ends: Array<string> = []
  for (const one of [ref, ref, { taskId: 't' }]) {
    tasks.status(one).subscribe({ next: () => ends.push('answered'), error: () => ends.push(`${clock.now()}`) })
  }
  clock.flush()
  expect(urls).toEqual(['?first=0&wait=0', '?first=0&wait=10', '?first=0&wait=0'])
  expect(ends).toEqual(['answered', '1000', '11000'])
})

test.each<[Partial<Task>, string, unknown]>([
  [{ finished: false, code: 1 }, 'running', undefined],
  [{ finished: true, code: 0, error: '' }, 'succeeded', undefined],
  [{ finished: true, code: 1, error: 'no' }, 'failed', { code: 1, error: 'no' }],
  [{ finished: true, code: -1 }, 'failed', { code: -1, error: '' }],
  [{ finished: true, code: null, error: 'no' }, 'failed', { code: null, error: 'no' }],
  [{ finished: true, error: null }, 'ended', undefined],
  [{ finished: true, error: '' }, 'ended', undefined],
])('%j is %s', async (state, phase, failure) => {
  const { pc } = scripted(state)
  const { job, phase: found } = await firstValueFrom(pc.tasks.status(ref))
  expect([found, await firstValueFrom(pc.tasks.failure(ref, job))]).toEqual([phase, failure])
})

const page = 'https://docs.example.com/connect/user/troubleshooting/#python-package-version-not-available'
const named = 'pip failed (Error code: python-package-version-not-available)'
test.each<[what: string, error: string, output: ReadonlyArray<string>, helpUrl: string | undefined]>([
  ['an address that ends in the code', named, ['a', `For more: ${page}`], page],
  ['in brackets', named, [`See <${page}>`, `(${page})`], page],
  ['among others', named, ['https://docs.example.com/#r', 'https://pypi.org', `${page}-2 ${page}`], page],
  ['with the code alone', 'Error code: python-package-version-not-available', [page], page],
  ['of another code', named, ['https://docs.example.com/#python-package'], undefined],
  ['without a code', 'pip failed', [page], undefined],
  ['none', named, ['no address'], undefined],
])('the help address of a failed task: %s', async (_, error, output, helpUrl) => {
  const { pc } = scripted({ finished: true, code: 1, error, output })
  const outcome = await lastValueFrom(watchJob(pc.tasks, ref).pipe(thenFetchErrors(pc.tasks)))
  expect(outcome).toMatchObject({ phase: 'failed' })
  const failure = outcome.phase === 'failed' && outcome.failure
  expect(failure).toEqual({ code: 1, error, ...(helpUrl !== undefined && { helpUrl }) })
})

test('more output is no news', () => {
  const { same } = scripted({}).pc.tasks
  const task = { id: 't', output: ['a'], finished: false, last: 1 }
  expect(same?.(task, { ...task, output: ['a', 'b'], last: 2 })).toBe(true)
  expect(same?.(task, { ...task, finished: true })).toBe(false)
})

test.each<[what: string, Partial<Task>, entries: ReadonlyArray<string>, nextOffset: number]>([
  ['the lines from there on', { output: ['c', 'd'], last: 4 }, ['c', 'd'], 4],
  ['nothing new', { output: [], last: 2 }, [], 2],
  ['all of it, although less was asked for', { output: ['a', 'b', 'c'], last: 3 }, ['c'], 3],
  ['all of it, and nothing new in it', { output: ['a', 'b'], last: 2 }, [], 2],
  ['more to come than this answer has', { output: ['c'], last: 9 }, ['c'], 3],
])('a part of the output: %s', async (_, state, entries, nextOffset) => {
  const { pc, lines } = scripted(state)
  const after = pc.tasks.log.after ?? expect.unreachable('tasks count their lines')
  const page = await firstValueFrom(after(ref, 2))
  expect([page.entries.map(({ data }) => data), page.nextOffset, lines]).toEqual([
    entries,
    nextOffset,
    ['0 t?first=2&wait=0'],
  ])
})

describe.each([undefined, null, 2.5, 1e300, -5, 0, 1])('a task whose `last` is %s', (last) => {
  test.each([
    ['the new lines', ['c']],
    ['all lines', ['a', 'b', 'c']],
  ])('and which answers with %s: the whole output is read again and counted', async (_, answered) => {
    const { transport, requests } = answering(({ url }) => {
      const output = url.includes('first=2') ? answered : ['a', 'b', 'c']
      return { body: { id: 't', output, finished: true, ...(last === undefined ? {} : { last }) } }
    })
    const { after } = connect({ server: 'https://host', apiKey: 'k', transport }).tasks.log
    const page = after && (await firstValueFrom(after(ref, 2)))
    expect([page?.entries.map(({ data }) => data), page?.nextOffset, requests.length]).toEqual([['c'], 3, 2])
    const start = after && (await firstValueFrom(after(ref, 0)))
    expect([start?.nextOffset, requests.length]).toEqual([3, 3])
  })
})

test('a tail of a task that does not count its lines has each once, and ends', () => {
  const { pc, clock } = scripted({ output: ['one', 'two', 'three'], finished: true, code: 0 })
  const lines: Array<string> = []
  tailLog(pc.tasks, ref).subscribe({
    next: (line) => lines.push(line._tag === 'Line' ? line.data : line.reason),
    complete: () => lines.push('the end'),
  })
  clock.flush()
  expect(lines).toEqual(['one', 'two', 'three', 'the end'])
})

test('a read gives the end of the output', async () => {
  const { pc } = scripted({ output: ['a', 'b', 'c'] })
  const entries = await firstValueFrom(pc.tasks.log.read(ref, 2))
  expect(entries.map(({ data }) => data)).toEqual(['b', 'c'])
})

test('an answer that names no task', () => {
  const { tasks } = scripted({}).pc
  expect(tasks.refOf({ task_id: 'a' })).toEqual({ taskId: 'a' })
  expect(tasks.refOf({ id: 'b' })).toEqual({ taskId: 'b' })
  for (const odd of ['', '..', '\ud800']) expect(tasks.refOf({ task_id: odd })).toBeUndefined()
  expect(tasks.keyOf({ taskId: 'a b' })).toBe('/v1/tasks/a%20b')
})

test('a task that is nested beyond reason is one like any other', () => {
  const clock = new VirtualTimeScheduler()
  const result = `"result":{"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  const { transport } = answering((_, index) => ({
    body: `{"id":"t","output":[],"finished":${index > 1},"code":0,${result}}`,
  }))
  const { tasks } = connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock })
  const phases: Array<string> = []
  watchJob(tasks, ref, soon).subscribe(({ phase }) => phases.push(phase))
  clock.flush()
  expect(phases).toEqual(['running', 'succeeded'])
})
