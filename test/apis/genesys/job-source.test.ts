import { firstValueFrom, lastValueFrom, VirtualTimeScheduler } from 'rxjs'
import { type JobSnapshot, thenFetchErrors, thenWatch, watchJob } from 'rxjobs'
import { accessToken, type Genesys, genesys, type InfrastructureascodeJob } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { sandboxes, someText, textWith } from '../../sandbox/support.ts'
import { all, answering, asked, type Canned, errorOf, genesysTo, sendJson, serve } from '../support.ts'

const start = sandboxes()
const jobs = '/api/v2/infrastructureascode/jobs'
const ref = { jobId: '42' }

/** A client whose service gives the answers of a test, the times and queries of its requests, and its clock. */
function scripted(
  answer: (query: string, index: number) => Canned,
  confirmAfter?: number,
): { readonly cx: Genesys; readonly lines: ReadonlyArray<string>; readonly clock: VirtualTimeScheduler } {
  const clock = new VirtualTimeScheduler()
  const lines: Array<string> = []
  const { transport } = answering(({ url }, index) => {
    const line = new URL(url).search
    lines.push(`${clock.now()} ${line}`)
    return answer(line, index)
  })
  const place = { region: 'eu_west_2', auth: accessToken('a-token'), transport, scheduler: clock } as const
  return { cx: genesys(confirmAfter === undefined ? place : { ...place, confirmAfter }), lines, clock }
}

test('a watch polls without details and reads them once, at the end', async () => {
  const sandbox = await start({ genesys: { stepMs: 50, requestsPerMinute: 10_000 } })
  const cx = genesysTo(sandbox)
  const statuses = await all(
    cx
      .postInfrastructureascodeJobs({ acceleratorId: 'quick-wrapup-code' })
      .pipe(thenWatch(cx.jobs, { pollInterval: 4 })),
  )
  const last = statuses.at(-1)
  expect(statuses.map(({ phase }) => phase).join(' ')).toMatch(/^(queued )+(running )*succeeded$/)
  expect(last).toMatchObject({ phase: 'succeeded', job: { status: 'Complete', results: someText } })
  const [posted, ...reads] = asked(sandbox)
  const plain = `GET ${jobs}/${last?.ref.jobId ?? ''}`
  expect(posted).toBe(`POST ${jobs}`)
  expect(reads.slice(-2)).toEqual([plain, `${plain}?details=true`])
  expect(new Set(reads.slice(0, -1))).toEqual(new Set([plain]))
  expect(reads.length).toBeGreaterThan(statuses.length)
})

test.each([
  [
    'twin-queues',
    'RollbackComplete',
    {
      ...{ message: textWith('already exists'), code: someText, rollbackResults: textWith('destroyed') },
      reason: expect.stringMatching(/^Error: A \w+ with the name .* already exists$/) as unknown,
    },
  ],
  ['locked-division', 'RollbackFailed', { message: someText, rollbackResults: textWith('protected') }],
  ['broken-module', 'InternalError', { message: textWith('undeclared'), code: 'internal.server.error' }],
])('%s: the reason of a failure, without another request', async (acceleratorId, status, why) => {
  const sandbox = await start({ genesys: { stepMs: 2, requestsPerMinute: 10_000 } })
  const cx = genesysTo(sandbox)
  const outcome = await lastValueFrom(
    cx
      .postInfrastructureascodeJobs({ acceleratorId })
      .pipe(thenWatch(cx.jobs, { pollInterval: 4 }), thenFetchErrors(cx.jobs)),
  )
  const { errorInfo, results, rollbackResults } = outcome.job
  expect(outcome).toMatchObject({ phase: 'failed', job: { status }, failure: { ...why, status } })
  expect(outcome).not.toHaveProperty('failureError')
  const reason = /^Error: .*/m.exec(results ?? '')?.[0]
  expect(outcome).toHaveProperty('failure', { ...errorInfo, status, reason, results, rollbackResults })
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
  expect(await firstValueFrom(cx.jobs.status(ref))).toMatchObject({ phase, job: { id: '42' } })
  expect(lines).toEqual([`${jobs}/42`, `${jobs}/42?details=true`].slice(0, requests))
})

test('the phase of each documented status', async () => {
  const statuses = 'Created Queued Running Complete InternalError Incomplete Failed RollbackFailed RollbackComplete'
  const phases = statuses.split(' ').map(async (status) => {
    const { cx } = scripted(() => ({ body: { dryRun: false, status } }))
    return (await firstValueFrom(cx.jobs.status(ref))).phase
  })
  const failed = Array.from({ length: 5 }, () => 'failed')
  expect(await Promise.all(phases)).toEqual(['queued', 'queued', 'running', 'succeeded', ...failed])
})

test.each<[status: string, code: number, option: number | undefined, confirmAfter: number | undefined]>([
  ['Failed', 200, undefined, 0],
  ['Failed', 202, undefined, 2000],
  ['Incomplete', 202, undefined, 2000],
  ['Failed', 200, 500, 500],
  ['Incomplete', 200, 500, 500],
  ['Incomplete', 202, 0, 0],
  ['InternalError', 202, 500, undefined],
  ['RollbackComplete', 200, 500, undefined],
  ['Complete', 202, 500, undefined],
])('%s with %d and confirmAfter %s is confirmed after %s', async (status, code, option, confirmAfter) => {
  const { cx } = scripted(() => ({ status: code, body: { dryRun: false, status } }), option)
  const snapshot: JobSnapshot<InfrastructureascodeJob> = await firstValueFrom(cx.jobs.status(ref))
  expect([snapshot.phase === 'succeeded', snapshot.confirmAfter]).toEqual([status === 'Complete', confirmAfter])
})

test('Failed that goes on to a rollback is not the end, with confirmAfter', () => {
  const shown = ['Running', 'Failed', 'Running', 'RollbackComplete']
  const { cx, lines, clock } = scripted(() => {
    return { body: { dryRun: false, status: shown[Math.floor(clock.now() / 1000)] } }
  }, 3000)
  const phases: Array<string> = []
  watchJob(cx.jobs, ref, { pollInterval: 1000 }).subscribe(({ phase, job }) =>
    phases.push(`${job.status ?? ''} ${phase}`),
  )
  clock.flush()
  expect(phases).toEqual(['Running running', 'Failed running', 'Running running', 'RollbackComplete failed'])
  expect(lines.map((line) => line.trim())).toEqual([
    '0',
    '1000',
    '1000 ?details=true',
    // Until the end is confirmed, each read expects it.
    '2000 ?details=true',
    '3000',
    '3000 ?details=true',
  ])
})

test('Failed is the end when it has held for confirmAfter', () => {
  const { cx, clock, lines } = scripted(() => ({ body: { dryRun: false, status: 'Failed' } }), 3000)
  const phases: Array<string> = []
  watchJob(cx.jobs, ref, { pollInterval: 2000 }).subscribe(({ phase }) => phases.push(`${clock.now()} ${phase}`))
  clock.flush()
  expect(phases).toEqual(['0 running', '3000 failed'])
  const details = [0, 2000, 3000].map((ms) => `${ms} ?details=true`)
  expect(lines.map((line) => line.trim())).toEqual(['0', ...details])
})

test.each([
  [200, 'Complete', 'succeeded'],
  [200, 'RollbackComplete', 'failed'],
  [202, 'Running', 'running'],
  [202, 'Paused', 'unknown'],
  [200, 'Aborted', 'ended'],
] as const)('a read that expects the end is one request, with details: %d %s', async (status, job, phase) => {
  const { cx, lines } = scripted(() => ({ status, body: { dryRun: false, status: job } }))
  expect(await firstValueFrom(cx.jobs.status(ref, { expectFinal: true }))).toMatchObject({ phase })
  expect(lines).toEqual(['0 ?details=true'])
})

test('the read with details decides, where the job went on meanwhile', async () => {
  const { cx } = scripted((asked) => ({ body: { dryRun: false, status: asked === '' ? 'Failed' : 'Running' } }))
  expect(await firstValueFrom(cx.jobs.status(ref))).toMatchObject({ phase: 'running', job: { status: 'Running' } })
})

test('the reason is read where the job has none; fields that the service did not send are absent', async () => {
  const { cx, lines } = scripted(() => ({
    body: { dryRun: false, status: 'Failed', errorInfo: { message: null, code: 'c' } },
  }))
  const failure = (status: string, more = {}): Promise<unknown> =>
    firstValueFrom(cx.jobs.failure(ref, { dryRun: false, status, ...more }))
  expect(await failure('Complete')).toBeUndefined()
  const foreign = { errorInfo: { message: 'm', results: { evil: 1 }, rollbackResults: 5, status: ['x'] } }
  expect(await failure('Failed', foreign)).toEqual({ status: 'Failed', message: 'm' })
  expect(await failure('Failed', { results: 'r' })).toEqual({ status: 'Failed', results: 'r' })
  expect(lines).toEqual([])
  expect(await failure('Aborted')).toEqual({ status: 'Failed', code: 'c' })
  expect(lines).toEqual(['0 ?details=true'])
})

const [bold, red, reset] = ['\x1b[1m', '\x1b[31m', '\x1b[0m']
const running = 'genesyscloud_routing_queue.q: Creating...\n'
const inFrame =
  'Error: creating queue q: 409\n\n  with genesyscloud_routing_queue.q,\n   3: resource "a" "q" {\n\nIn use.'
/** As terraform prints it on a terminal. */
const framed = (block: string): string => ['╷', ...block.split('\n').map((line) => `│ ${line}`), '╵', ''].join('\n')
const colored = (block: string): string =>
  framed(block)
    .replace(/^[╷│╵]/gm, `${red}$&${reset}${reset}`)
    .replace('Error: ', `${bold}${red}Error: ${reset}${bold}`)

test.each<[what: string, results: string, reason: string | undefined]>([
  ['a block in a frame', running + framed(inFrame), inFrame],
  ['a block in a frame and colours', running + colored(inFrame), inFrame],
  ['a block in a frame with CRLF', (running + framed(inFrame)).replaceAll('\n', '\r\n'), inFrame],
  ['a block without a frame', `${running}\n${inFrame}\n`, inFrame],
  ['a block of one line that ends with the text', `${running}Error: no`, 'Error: no'],
  ['a block at the beginning', 'Error: no\n', 'Error: no'],
  ['a block behind spaces', `${running}  Error: no`, 'Error: no'],
  ['a block behind a progress line', 'q: 10s elapsed\rError: no', 'Error: no'],
  ['several blocks in frames', framed(inFrame) + framed('Error: later'), inFrame],
  ['several blocks without frames', 'Error: first\n\nof all\n\nError: later\n', 'Error: first\n\nof all'],
  ['a warning before it', framed('Warning: old\n\nError is near') + framed(inFrame), inFrame],
  ['a warning after it', 'Error: first\n\nWarning: old\n', 'Error: first'],
  [
    'other sequences',
    '\x1b]8;;https://a.b\x07\x1b(B\nError:\x1b[38:5:1m \x1b[2Kno\x9b0m\x1b]0;t\x1b\\ \x1b[1',
    'Error: no',
  ],
  ['characters of two units', `Error: ${'😀'.repeat(999)}`, `Error: ${'😀'.repeat(496)}…`],
  ['a word that only ends like it', 'HttpError: no\nNo Error: at all\n  + name = "Error: not here"', undefined],
  ['no error', `${running}Apply complete!`, undefined],
  ['nothing', '', undefined],
])('the short reason where the results have %s', async (_, results, reason) => {
  const { cx } = scripted(() => ({}))
  const failure = await firstValueFrom(cx.jobs.failure(ref, { dryRun: false, status: 'Failed', results }))
  expect(failure?.reason).toBe(reason)
  expect(failure?.results).toBe(results)
})

test.each([
  ['lines', 'null_resource.a: Still creating...\n'],
  ['blank lines', '\n'],
  ['spaces', ' '],
  ['sequences', red],
  ['sequences that do not end', '\x1b[3;'],
  ['frames', '│ \n'],
  ['words like it', ' Error :\n'],
  ['one long line', 'no Error: '],
])('the short reason is cheap and short: eight megabytes of %s before and after it', async (_, piece) => {
  const much = piece.repeat(2 ** 23 / piece.length)
  const { cx } = scripted(() => ({}))
  const before = performance.now()
  for (const results of [much, `${much}\nError: no ${much}`]) {
    const failure = await firstValueFrom(cx.jobs.failure(ref, { dryRun: false, status: 'Failed', results }))
    expect(failure?.reason ?? 'Error: no').toMatch(/^Error: no/)
    expect(failure?.reason?.length ?? 0).toBeLessThanOrEqual(1_001)
  }
  // It takes about a tenth of this.
  expect(performance.now() - before).toBeLessThan(5_000)
})

test('each method makes one attempt', async () => {
  const { cx, lines } = scripted(() => ({ status: 503 }))
  const error = await errorOf(cx.jobs.status(ref))
  await errorOf(cx.jobs.failure(ref, { dryRun: false, status: 'Failed' }))
  expect([error, lines]).toMatchObject([{ status: 503 }, ['0 ', '0 ?details=true']])
})

test('references and keys; this service has no log and no cancel', () => {
  const { cx, clock } = scripted(() => ({}))
  expect(cx.jobs.refOf({ id: '42', dryRun: false })).toEqual(ref)
  for (const odd of [{}, { id: '' }, { id: '..' }, { id: '\ud800' }])
    expect(cx.jobs.refOf({ ...odd, dryRun: false })).toBeUndefined()
  expect(cx.jobs.keyOf({ jobId: 'a/b' })).toBe(`${jobs}/a%2Fb`)
  expect(cx.jobs).not.toHaveProperty('log')
  expect(cx.jobs).not.toHaveProperty('cancel')
  expect(cx.jobs.scheduler).toBe(clock)
  expect(genesys({ region: 'eu_west_2', auth: accessToken('a-token') }).jobs).not.toHaveProperty('scheduler')
})
