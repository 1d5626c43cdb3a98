import fc from 'fast-check'
import { firstValueFrom, lastValueFrom, toArray, VirtualTimeScheduler } from 'rxjs'
import { every, thenFetchErrors, watchJob } from 'rxjobs'
import { type Connect, connect, type JobItem } from 'rxjobs/connect'
import type { FedJob, Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { sandboxes, someText, until } from '../../sandbox/support.ts'
import { all, answering, asked, type Canned, connectTo, errorOf, jobPath } from '../support.ts'

const start = sandboxes()
const ref = { guid: 'g', key: 'k' }
const logged = { code: 'render-failed', summary: 'It did not work.', help_url: 'https://example.com/help' }
const cadence = every(5)

/** A client whose service answers as told, and what it is asked for and when. */
function scripted(answer: (asked: string, index: number) => Canned): {
  readonly pc: Connect
  readonly lines: ReadonlyArray<string>
  readonly clock: VirtualTimeScheduler
} {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ method, url }, index) => {
    const line = `${method} ${url.replace(/^.*\/content\/g\/jobs/, '')}`
    lines.push(`${clock.now()} ${line}`)
    return answer(line, index)
  })
  return { pc: connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock }), lines, clock }
}

/** A job whose error, if any, is that. */
const service = (job: JobItem, error: Canned = { status: 204 }): ReturnType<typeof scripted> =>
  scripted((line) => (line.endsWith('/error') ? error : { body: job }))

type End = (sandbox: Sandbox, job: FedJob) => unknown
test.each<[what: string, end: End, exitCode: number | null, phase: string, failure: unknown]>([
  ['exit 0', (_, job) => job.finish(0), 0, 'succeeded', undefined],
  ['exit 3', (_, job) => job.finish(3, logged), 3, 'failed', { exitCode: 3, error: { _tag: 'Some', value: logged } }],
  [
    'null with an error',
    (_, job) => job.finish(null, logged),
    null,
    'failed',
    { exitCode: null, error: { _tag: 'Some', value: logged } },
  ],
  ['null without an error', (_, job) => job.finish(null), null, 'ended', undefined],
  [
    'exit 0 with an error',
    (_, job) => job.finish(0, logged),
    0,
    'failed',
    { exitCode: 0, error: { _tag: 'Some', value: logged } },
  ],
  [
    'killed',
    (sandbox, job) => firstValueFrom(connectTo(sandbox).killJob(job)),
    143,
    'failed',
    { exitCode: 143, error: { _tag: 'None' } },
  ],
])('%s', async (_, end, exit_code, phase, failure) => {
  const sandbox = await start({ connect: { settleMs: 0 } })
  const job = sandbox.connect.feed()
  const { getJob, jobs } = connectTo(sandbox)
  await end(sandbox, job)
  await until(
    () => firstValueFrom(getJob(job)),
    ({ status }) => status === 2,
  )
  const outcome = await lastValueFrom(watchJob(jobs, job).pipe(thenFetchErrors(jobs)))
  expect(outcome).toMatchObject({
    ref: job,
    job: { key: job.key, exit_code, status: 2 },
    phase,
    failureError: { _tag: 'None' },
  })
  expect(outcome.failure).toEqual(failure === undefined ? { _tag: 'None' } : { _tag: 'Some', value: failure })
  expect(asked(sandbox).filter((line) => line === `GET ${jobPath(job)}/error`)).toHaveLength(1)
})

test('a real process that fails, from its start to its reason', async () => {
  const sandbox = await start()
  const { jobs } = connectTo(sandbox, { settle: 100 })
  const real = await sandbox.connect.start({ script: 'console.error("no disk"); process.exitCode = 7' })
  const outcome = await lastValueFrom(watchJob(jobs, real, { cadence }).pipe(thenFetchErrors(jobs)))
  expect(outcome).toMatchObject({
    phase: 'failed',
    failure: { value: { exitCode: 7, error: { value: { code: someText, summary: 'no disk' } } } },
  })
})

test('finished is the end when it stays so, finalized at once', () => {
  const stays = service({ status: 1, exit_code: 0 })
  const phases: Array<string> = []
  watchJob(stays.pc.jobs, ref, { cadence }).subscribe(({ phase }) => phases.push(`${stays.clock.now()} ${phase}`))
  stays.clock.flush()
  expect([phases, stays.lines.at(-1)]).toEqual([['0 running', '1000 succeeded'], '1000 GET /k/error'])

  const final = service({ status: 2, exit_code: 0 })
  watchJob(final.pc.jobs, ref).subscribe(({ phase }) => phases.push(phase))
  expect([phases.at(-1), final.lines]).toEqual(['succeeded', ['0 GET /k', '0 GET /k/error']])
})

test('how long it must stay so is an option', async () => {
  const sandbox = await start({ connect: { settleMs: 60_000 } })
  const job = sandbox.connect.feed()
  job.finish(0)
  const { jobs } = connectTo(sandbox, { settle: 30 })
  expect(await firstValueFrom(jobs.status(job))).toMatchObject({ phase: 'succeeded', settle: 30 })
  const statuses = await all(watchJob(jobs, job))
  expect(statuses.map(({ phase, job }) => [phase, job.status])).toEqual([
    ['running', 1],
    ['succeeded', 1],
  ])
})

test('a heartbeat is no news', async () => {
  const sandbox = await start()
  const job = sandbox.connect.feed()
  const statuses = lastValueFrom(watchJob(connectTo(sandbox, { settle: 10 }).jobs, job, { cadence }).pipe(toArray()))
  await until(
    () => asked(sandbox).length,
    (looks) => looks > 4,
  )
  job.finish()
  const told = (await statuses).map(({ phase, job: { status } }) => `${phase} ${status ?? ''}`)
  expect(told[0]).toBe('running 0')
  expect(new Set(told).size).toBe(told.length)
})

test('of two jobs only a difference beside the heartbeat counts', () => {
  const { same } = service({}).pc.jobs
  const heartbeat = fc.record({ last_heartbeat_time: fc.option(fc.string()) }, { requiredKeys: [] })
  const item = fc.record(
    { status: fc.nat(2), exit_code: fc.option(fc.nat(3)), run_as: fc.string() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(item, heartbeat, heartbeat, fc.nat(2), (job, one, other, status) => {
      expect(same?.({ ...one, ...job }, { ...other, ...job })).toBe(true)
      expect(same?.({ ...one, ...job }, { ...one, ...job, status })).toBe(job.status === status)
    }),
  )
})

test('an error that cannot be had for good leaves the exit code to decide, one that may pass does not', async () => {
  for (const status of [404, 403]) {
    const { pc } = service({ status: 2, exit_code: 0 }, { status })
    expect(await firstValueFrom(pc.jobs.status(ref))).toMatchObject({ phase: 'succeeded' })
  }
  const { pc, lines } = service({ status: 2, exit_code: 0 }, { status: 503 })
  expect(await errorOf(pc.jobs.status(ref))).toMatchObject({ status: 503, path: '/v1/content/g/jobs/k/error' })
  expect(lines).toEqual(['0 GET /k', '0 GET /k/error'])
})

test('an exit code that says failed needs no error to judge by', async () => {
  const { pc, lines } = service({ status: 2, exit_code: 3 })
  expect(await firstValueFrom(pc.jobs.status(ref))).toMatchObject({ phase: 'failed' })
  expect(lines).toEqual(['0 GET /k'])
})

test('a failure that was not judged here is asked for', async () => {
  const { pc, lines } = service({}, { body: logged })
  const failure = await firstValueFrom(pc.jobs.failure(ref, { status: 2 }))
  expect([failure, lines]).toEqual([
    { _tag: 'Some', value: { exitCode: null, error: { _tag: 'Some', value: logged } } },
    ['0 GET /k/error'],
  ])
})

test('what names a job', () => {
  const { pc, clock } = service({})
  expect(pc.jobs.refOf(ref)).toEqual({ _tag: 'Some', value: ref })
  for (const odd of ['', '..', '\ud800']) expect(pc.jobs.refOf({ guid: 'g', key: odd })).toEqual({ _tag: 'None' })
  expect(pc.jobs.keyOf({ guid: 'a/b', key: 'c d' })).toBe('/v1/content/a%2Fb/jobs/c%20d')
  expect(() => pc.jobs.keyOf({ guid: '', key: 'k' })).toThrow(TypeError)
  expect(pc.jobs.scheduler).toBe(clock)
  expect(connect({ server: 'https://host', apiKey: 'k' }).jobs).not.toHaveProperty('scheduler')
})

test('a job that is nested beyond reason is one like any other', () => {
  const odd = `"odd":${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const { pc, clock } = scripted((_, index) => ({
    body: index < 2 ? `{"status":0,${odd}}` : `{"status":2,"exit_code":1,${odd}}`,
  }))
  const phases: Array<string> = []
  watchJob(pc.jobs, ref, { cadence }).subscribe(({ phase }) => phases.push(phase))
  clock.flush()
  expect(phases).toEqual(['running', 'failed'])
})
