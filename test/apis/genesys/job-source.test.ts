import { firstValueFrom, lastValueFrom, VirtualTimeScheduler } from 'rxjs'
import { every, thenFetchErrors, thenWatch, watchJob } from 'rxjobs'
import { accessToken, type Genesys, genesys } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes, someText, textWith } from '../../sandbox/support.ts'
import { all, answering, asked, type Canned, errorOf, genesysTo, sendJson, serve } from '../support.ts'

const start = sandboxes()
const jobs = '/api/v2/infrastructureascode/jobs'
const ref = { jobId: '42' }

/** A client whose service answers as told, and what it is asked. */
function scripted(
  answer: (asked: string, index: number) => Canned,
  settle?: number,
): { readonly cx: Genesys; readonly lines: ReadonlyArray<string>; readonly clock: VirtualTimeScheduler } {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ url }, index) => {
    const line = new URL(url).search
    lines.push(`${clock.now()} ${line}`)
    return answer(line, index)
  })
  const place = { region: 'eu_west_2', auth: accessToken('a-token'), transport, scheduler: clock } as const
  return { cx: genesys(settle === undefined ? place : { ...place, settle }), lines, clock }
}

test('a watch polls without details and reads them once, at the end', async () => {
  const sandbox = await start({ genesys: { stepMs: 50, requestsPerMinute: 10_000 } })
  const cx = genesysTo(sandbox)
  const statuses = await all(
    cx
      .postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code' })
      .pipe(thenWatch(cx.jobs, { cadence: every(4) })),
  )
  const last = statuses.at(-1)
  expect(statuses.map(({ phase }) => phase).join(' ')).toMatch(/^(queued )+(running )*succeeded$/)
  expect(last).toMatchObject({ phase: 'succeeded', job: { status: 'Complete', results: someText } })
  const [posted, ...looks] = asked(sandbox)
  const plain = `GET ${jobs}/${last?.ref.jobId ?? ''}`
  expect(posted).toBe(`POST ${jobs}`)
  expect(looks.slice(-2)).toEqual([plain, `${plain}?details=true`])
  expect(new Set(looks.slice(0, -1))).toEqual(new Set([plain]))
  expect(looks.length).toBeGreaterThan(statuses.length)
})

test.each([
  [
    'twin-queues',
    'RollbackComplete',
    { message: textWith('already exists'), code: someText, rollbackResults: textWith('destroyed') },
  ],
  ['locked-division', 'RollbackFailed', { message: someText, rollbackResults: textWith('protected') }],
  ['broken-module', 'InternalError', { message: textWith('undeclared'), code: 'internal.server.error' }],
])('%s: why it failed, without another request', async (acceleratorId, status, why) => {
  const sandbox = await start({ genesys: { stepMs: 2, requestsPerMinute: 10_000 } })
  const cx = genesysTo(sandbox)
  const outcome = await lastValueFrom(
    cx
      .postInfrastructureascodeJobs({ acceleratorId })
      .pipe(thenWatch(cx.jobs, { cadence: every(4) }), thenFetchErrors(cx.jobs)),
  )
  const { errorInfo, results, rollbackResults } = outcome.job
  expect(outcome).toMatchObject({ phase: 'failed', job: { status }, failureError: { _tag: 'None' } })
  expect(outcome.failure).toMatchObject({ _tag: 'Some', value: { ...why, status } })
  expect(outcome.failure).toEqual({ _tag: 'Some', value: { ...errorInfo, status, results, rollbackResults } })
  expect(asked(sandbox).filter((line) => line.includes('details=true'))).toHaveLength(1)
})

test.each([
  [202, 'Paused', 'unknown', 1],
  [200, 'Aborted', 'ended', 2],
  [202, undefined, 'unknown', 1],
  [200, undefined, 'ended', 2],
  [200, 'Running', 'running', 1],
  [202, 'Complete', 'succeeded', 2],
] as const)('%d with status %s is %s', async (code, status, phase, requests) => {
  const lines: Array<string | undefined> = []
  const baseUrl = await serve(({ url }, response) => {
    lines.push(url)
    sendJson(response, { id: '42', dryRun: false, ...(status === undefined ? {} : { status }) }, code)
  })
  const cx = genesys({ baseUrl, auth: accessToken('a-token') })
  expect(await firstValueFrom(cx.jobs.status(ref))).toMatchObject({ ref, phase, job: { id: '42' } })
  expect(lines).toEqual([`${jobs}/42`, `${jobs}/42?details=true`].slice(0, requests))
})

test('the phase of each status that is documented', async () => {
  const statuses = 'Created Queued Running Complete InternalError Incomplete Failed RollbackFailed RollbackComplete'
  const phases = statuses.split(' ').map(async (status) => {
    const { cx } = scripted(() => ({ body: { dryRun: false, status } }))
    return (await firstValueFrom(cx.jobs.status(ref))).phase
  })
  const failed = Array.from({ length: 5 }, () => 'failed')
  expect(await Promise.all(phases)).toEqual(['queued', 'queued', 'running', 'succeeded', ...failed])
})

test.each<[status: string, code: number, option: number | undefined, settle: number | undefined]>([
  ['Failed', 200, undefined, undefined],
  ['Failed', 202, undefined, 2000],
  ['Incomplete', 202, undefined, 2000],
  ['Failed', 200, 500, 500],
  ['Incomplete', 200, 500, 500],
  ['Incomplete', 202, 0, undefined],
  ['InternalError', 202, 500, undefined],
  ['RollbackComplete', 200, 500, undefined],
  ['Complete', 202, 500, undefined],
])('%s with %d and the option %s is the end after %s', async (status, code, option, settle) => {
  const { cx } = scripted(() => ({ status: code, body: { dryRun: false, status } }), option)
  const reading = await firstValueFrom(cx.jobs.status(ref))
  expect([reading.phase === 'succeeded', reading.settle]).toEqual([status === 'Complete', settle])
})

test('Failed that goes on to a rollback is not the end, where it must settle', () => {
  const shown = ['Running', 'Failed', 'Running', 'RollbackComplete']
  const { cx, lines, clock } = scripted((asked, index) => {
    const before = lines.slice(0, index).filter((line) => !line.includes('details')).length
    return { body: { dryRun: false, status: shown[asked === '' ? before : before - 1] } }
  }, 3000)
  const phases: Array<string> = []
  watchJob(cx.jobs, ref, { cadence: every(1000) }).subscribe(({ phase, job }) =>
    phases.push(`${job.status ?? ''} ${phase}`),
  )
  clock.flush()
  expect(phases).toEqual(['Running running', 'Failed running', 'Running running', 'RollbackComplete failed'])
  expect(lines.map((line) => line.trim())).toEqual([
    '0',
    '1000',
    '1000 ?details=true',
    '2000',
    '3000',
    '3000 ?details=true',
  ])
})

test('Failed that holds is the end when it has held that long', () => {
  const { cx, clock, lines } = scripted(() => ({ body: { dryRun: false, status: 'Failed' } }), 3000)
  const phases: Array<string> = []
  watchJob(cx.jobs, ref, { cadence: every(2000) }).subscribe(({ phase }) => phases.push(`${clock.now()} ${phase}`))
  clock.flush()
  expect(phases).toEqual(['0 running', '3000 failed'])
  expect(lines.map((line) => line.trim()).filter((line) => !line.includes('details'))).toEqual(['0', '2000', '3000'])
})

test('the details decide, where the job went on meanwhile', async () => {
  const { cx } = scripted((asked) => ({ body: { dryRun: false, status: asked === '' ? 'Failed' : 'Running' } }))
  expect(await firstValueFrom(cx.jobs.status(ref))).toMatchObject({ phase: 'running', job: { status: 'Running' } })
})

test('the reason is asked for where the job came without it, and what the service did not say is absent', async () => {
  const { cx, lines } = scripted(() => ({
    body: { dryRun: false, status: 'Failed', errorInfo: { message: null, code: 'c' } },
  }))
  const failure = (status: string, more = {}): Promise<unknown> =>
    firstValueFrom(cx.jobs.failure(ref, { dryRun: false, status, ...more }))
  expect(await failure('Complete')).toEqual({ _tag: 'None' })
  const foreign = { errorInfo: { message: 'm', results: { evil: 1 }, rollbackResults: 5, status: ['x'] } }
  expect(await failure('Failed', foreign)).toEqual({ _tag: 'Some', value: { status: 'Failed', message: 'm' } })
  expect(await failure('Failed', { results: 'r' })).toEqual({ _tag: 'Some', value: { status: 'Failed', results: 'r' } })
  expect(lines).toEqual([])
  expect(await failure('Aborted')).toEqual({ _tag: 'Some', value: { status: 'Failed', code: 'c' } })
  expect(lines).toEqual(['0 ?details=true'])
})

test('a port makes one attempt', async () => {
  const { cx, lines } = scripted(() => ({ status: 503 }))
  const error = await errorOf(cx.jobs.status(ref))
  await errorOf(cx.jobs.failure(ref, { dryRun: false, status: 'Failed' }))
  expect([error, lines]).toMatchObject([{ status: 503 }, ['0 ', '0 ?details=true']])
})

test('what names a job, and what this service does not have', () => {
  const { cx, clock } = scripted(() => ({}))
  expect(cx.jobs.refOf({ id: '42', dryRun: false })).toEqual({ _tag: 'Some', value: ref })
  for (const odd of [{}, { id: '' }, { id: '..' }, { id: '\ud800' }])
    expect(cx.jobs.refOf({ ...odd, dryRun: false })).toEqual({ _tag: 'None' })
  expect(cx.jobs.keyOf({ jobId: 'a/b' })).toBe(`${jobs}/a%2Fb`)
  expect(cx.jobs).not.toHaveProperty('log')
  expect(cx.jobs).not.toHaveProperty('cancel')
  expect(cx.jobs.scheduler).toBe(clock)
  expect(genesys({ region: 'eu_west_2', auth: accessToken('a-token') }).jobs).not.toHaveProperty('scheduler')
})
