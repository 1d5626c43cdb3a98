// The jobs of Connect as a JobSource: phases and what they cost, lists, failures, cancellation, the log.
import fc from 'fast-check'
import { firstValueFrom, lastValueFrom, type Observable, toArray, VirtualTimeScheduler } from 'rxjs'
import { thenFetchErrors, watchJob } from 'rxjobs'
import { type Connect, connect, type JobItem, type LogEntry } from 'rxjobs/connect'
import type { FedJob, Sandbox } from 'rxjobs/sandbox'
import { describe, expect, test } from 'vitest'
import { sandboxes, someText, until } from '../../sandbox/support.ts'
import {
  all,
  answering,
  asked,
  type Canned,
  connectTo,
  errorOf,
  jobPath,
  sendJson,
  serve,
  written,
} from '../support.ts'

const start = sandboxes()
const ref = { guid: 'g', key: 'k' }
const logged = { code: 'render-failed', summary: 'It did not work.', help_url: 'https://example.com/help' }
const time = '2026-11-22T04:00:00Z'
const soon = { pollInterval: 5 }

/** A client of a service that answers as told, and its requests with their times: `0 GET /k/error`. */
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

/** A service with that job, alone and in a list, and that error. */
const service = (job: JobItem, error: Canned = { status: 204 }): ReturnType<typeof scripted> =>
  scripted((line) => {
    if (line.endsWith('/error')) return error
    return { body: line.endsWith('/k') ? job : [{ ...job, key: 'k' }] }
  })

describe('the phase', () => {
  test.each<[job: JobItem, phase: string]>([
    [{ status: 0 }, 'running'],
    [{ status: 0, start_time: time }, 'running'],
    [{ status: 0, queued_time: time }, 'queued'],
    [{ status: 0, queued_time: time, start_time: null }, 'queued'],
    [{ status: 0, queued_time: time, start_time: time }, 'running'],
    [{ status: 0, queued_time: null, queue_name: null }, 'running'],
    [{ status: 0, end_time: time, exit_code: 0 }, 'running'],
    [{ status: 1, exit_code: 0 }, 'succeeded'],
    [{ status: 2, exit_code: 0 }, 'succeeded'],
    [{ status: 2, exit_code: 0, error: '' }, 'succeeded'],
    [{ status: 2, exit_code: 3 }, 'failed'],
    [{ status: 2, exit_code: -1 }, 'failed'],
    [{ status: 2, exit_code: 0, error: 'lost its node' }, 'failed'],
    [{ status: 2, exit_code: null, error: 'lost its node' }, 'failed'],
    [{ status: 3 }, 'skipped'],
    [{ status: 3, end_time: null, exit_code: null, skip_reason: 'queued already' }, 'skipped'],
    [{ status: 9 }, 'unknown'],
    [{ status: 9, end_time: time, exit_code: 0 }, 'succeeded'],
    [{ key: 'k' }, 'unknown'],
    [{ key: 'k', end_time: '' }, 'unknown'],
    [{ key: 'k', end_time: time, exit_code: 7 }, 'failed'],
  ])('of %j is %s, and costs one request', async (job, phase) => {
    const { pc, lines } = service(job)
    expect(await firstValueFrom(pc.jobs.status(ref))).toMatchObject({ job, phase })
    expect(lines).toEqual(['0 GET /k'])
    const rows = await firstValueFrom(pc.jobs.list?.read('g', [ref]) ?? expect.unreachable())
    expect(rows).toMatchObject([{ ref, phase }])
    expect(rows[0]).not.toHaveProperty('partial')
  })

  test.each<[job: JobItem, error: Canned, phase: string]>([
    [{ status: 2 }, { status: 204 }, 'ended'],
    [{ status: 2, exit_code: null, end_time: null }, { status: 204 }, 'ended'],
    [{ status: 2, exit_code: null }, { body: logged }, 'failed'],
    [{ status: 1, exit_code: null }, { body: logged }, 'failed'],
    [{ status: 2, exit_code: null }, { status: 404 }, 'ended'],
    [{ status: 2, exit_code: null }, { status: 403 }, 'ended'],
  ])('of %j is decided by its error %j, which a list does not show', async (job, error, phase) => {
    const { pc, lines } = service(job, error)
    expect(await firstValueFrom(pc.jobs.status(ref))).toMatchObject({ job, phase })
    expect(lines).toEqual(['0 GET /k', '0 GET /k/error'])
    const rows = await firstValueFrom(pc.jobs.list?.read('g', [ref]) ?? expect.unreachable())
    expect(rows).toMatchObject([{ ref, phase: 'ended', partial: true }])
  })

  test('an error that may pass by itself fails the read', async () => {
    const { pc } = service({ status: 2 }, { status: 503 })
    expect(await errorOf(pc.jobs.status(ref))).toMatchObject({
      status: 503,
      path: '/__api__/v1/content/g/jobs/k/error',
    })
  })

  test('neither times nor tags make a failure', async () => {
    const others = fc.record({ end_time: fc.option(fc.string()), tag: fc.string() }, { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(others, fc.constantFrom(1, 2), fc.integer(), async (job, status, exit_code) => {
        const { phase } = await firstValueFrom(service({ ...job, status, exit_code }).pc.jobs.status(ref))
        expect(phase).toBe(exit_code === 0 ? 'succeeded' : 'failed')
      }),
      { numRuns: 30 },
    )
  })

  test('finished (1) must stay so for a second, finalized (2) is the end at once', () => {
    const finished = service({ status: 1, exit_code: 0 })
    const phases: Array<string> = []
    watchJob(finished.pc.jobs, ref, { pollInterval: 500 }).subscribe(({ phase }) =>
      phases.push(`${finished.clock.now()} ${phase}`),
    )
    finished.clock.flush()
    expect(phases).toEqual(['0 running', '1000 succeeded'])

    const finalized = service({ status: 2, exit_code: 0 })
    watchJob(finalized.pc.jobs, ref).subscribe(({ phase }) => phases.push(phase))
    finalized.clock.flush()
    expect([phases.at(-1), finalized.lines]).toEqual(['succeeded', ['0 GET /k']])
  })

  test('how long it must stay so is an option, in lists as well', async () => {
    const sandbox = await start({ connect: { settleMs: 60_000 } })
    const job = sandbox.connect.feed()
    job.finish(0)
    const { jobs } = connectTo(sandbox, { confirmAfter: 30 })
    expect(await firstValueFrom(jobs.status(job))).toMatchObject({ phase: 'succeeded', confirmAfter: 30 })
    const rows = jobs.list && (await firstValueFrom(jobs.list.read(job.guid, [job])))
    expect(rows).toMatchObject([{ phase: 'succeeded', confirmAfter: 30 }])
    const statuses = await all(watchJob(jobs, job, soon))
    expect(statuses.map((status) => [status.phase, status.job.status])).toEqual([
      ['running', 1],
      ['succeeded', 1],
    ])
  })

  test('a job that is nested beyond reason is watched like any other', () => {
    const odd = `"odd":${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const { pc, clock } = scripted((_, index) => ({
      body: index < 2 ? `{"status":0,${odd}}` : `{"status":2,"exit_code":1,${odd}}`,
    }))
    const phases: Array<string> = []
    watchJob(pc.jobs, ref, soon).subscribe(({ phase }) => phases.push(phase))
    clock.flush()
    expect(phases).toEqual(['running', 'failed'])
  })
})

describe('changes', () => {
  test('a heartbeat is none', async () => {
    const sandbox = await start()
    const job = sandbox.connect.feed()
    const { jobs } = connectTo(sandbox, { confirmAfter: 10 })
    const statuses = lastValueFrom(watchJob(jobs, job, soon).pipe(toArray()))
    await until(
      () => asked(sandbox).length,
      (reads) => reads > 4,
    )
    job.finish(0)
    const seen = (await statuses).map((status) => `${status.phase} ${status.job.status ?? ''}`)
    expect(seen[0]).toBe('running 0')
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('every other difference is one', () => {
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
})

test('the links to the dashboard go below the address of the server, whatever the guid is', () => {
  const linksOf = (server: string, guid: string) => connect({ server, apiKey: 'k' }).jobs.links({ guid })
  for (const server of ['https://host/rsc', 'https://host/rsc/', 'https://host/rsc/__api__/v1']) {
    const content = 'https://host/rsc/connect/#/apps/a%2Fb'
    expect(linksOf(server, 'a/b')).toEqual({ content, log: `${content}/logs` })
  }
})

describe('the failure', () => {
  type End = (sandbox: Sandbox, job: FedJob) => unknown
  test.each<[what: string, end: End, exitCode: number | null, outcome: object, errors: number]>([
    ['exit 0', (_, job) => job.finish(0), 0, { phase: 'succeeded' }, 0],
    ['exit 0 with an error', (_, job) => job.finish(0, logged), 0, { phase: 'succeeded' }, 0],
    ['exit 3', (_, job) => job.finish(3, logged), 3, { phase: 'failed', failure: { exitCode: 3, error: logged } }, 1],
    [
      'null with an error',
      (_, job) => job.finish(null, logged),
      null,
      { phase: 'failed', failure: { exitCode: null, error: logged } },
      2,
    ],
    ['null without an error', (_, job) => job.finish(null), null, { phase: 'ended' }, 1],
    [
      'killed',
      (sandbox, job) => firstValueFrom(connectTo(sandbox).killJob(job)),
      143,
      { phase: 'failed', failure: { exitCode: 143 } },
      1,
    ],
  ])('%s', async (_, end, exit_code, outcome, errors) => {
    const sandbox = await start({ connect: { settleMs: 0 } })
    const job = sandbox.connect.feed()
    const { getJob, jobs } = connectTo(sandbox)
    await end(sandbox, job)
    await until(
      () => firstValueFrom(getJob(job)),
      ({ status }) => status === 2,
    )
    const { ref: of, job: last, ...rest } = await lastValueFrom(watchJob(jobs, job).pipe(thenFetchErrors(jobs)))
    expect(of).toMatchObject({ guid: job.guid, key: job.key })
    expect(last).toMatchObject({ key: job.key, exit_code, status: 2 })
    const content = `${sandbox.connect.server}/connect/#/apps/${job.guid}`
    expect(rest).toEqual({ ...outcome, links: { content, log: `${content}/logs` } })
    expect(asked(sandbox).filter((line) => line === `GET ${jobPath(job)}/error`)).toHaveLength(errors)
  })

  test('a real process that fails, from its start to its reason', async () => {
    const sandbox = await start()
    const { jobs } = connectTo(sandbox, { confirmAfter: 100 })
    const real = await sandbox.connect.start({ script: 'console.error("no disk"); process.exitCode = 7' })
    const outcome = await lastValueFrom(watchJob(jobs, real, soon).pipe(thenFetchErrors(jobs)))
    expect(outcome).toMatchObject({
      phase: 'failed',
      failure: { exitCode: 7, error: { code: someText, summary: 'no disk' } },
    })
  })

  test('an unexpected error of the server is one, where none is logged', async () => {
    const job: JobItem = { status: 2, exit_code: 0, error: 'lost its node' }
    const failureOf = (error: Canned): Promise<unknown> => firstValueFrom(service(job, error).pc.jobs.failure(ref, job))
    expect(await failureOf({ status: 204 })).toEqual({ exitCode: 0, error: { summary: 'lost its node' } })
    expect(await failureOf({ body: logged })).toEqual({ exitCode: 0, error: logged })
  })
})

test('references', () => {
  const { pc, clock } = service({})
  expect(pc.jobs.refOf(ref)).toEqual(ref)
  for (const odd of ['', '..', '\ud800']) expect(pc.jobs.refOf({ guid: 'g', key: odd })).toBeUndefined()
  expect(pc.jobs.keyOf({ guid: 'a/b', key: 'c d' })).toBe('/v1/content/a%2Fb/jobs/c%20d')
  expect(() => pc.jobs.keyOf({ guid: '', key: 'k' })).toThrow(TypeError)
  expect(pc.jobs.scheduler).toBe(clock)
  expect(connect({ server: 'https://host', apiKey: 'k' }).jobs).not.toHaveProperty('scheduler')
})

test('one list shows all jobs of a content', async () => {
  const sandbox = await start({ connect: { settleMs: 60_000 } })
  const { jobs } = connectTo(sandbox)
  const running = sandbox.connect.feed()
  const { guid } = running
  const over = sandbox.connect.feed({ guid })
  over.finish(3)
  expect(jobs.list?.scopeOf({ guid, key: 'k' })).toBe(guid)
  const rows = jobs.list && (await firstValueFrom(jobs.list.read(guid, [{ guid, key: running.key }])))
  const byKey = new Map(rows?.map((row) => [row.ref.key, row]))
  expect(byKey.get(running.key)).toMatchObject({ ref: { guid }, phase: 'running', job: { status: 0 } })
  expect(byKey.get(over.key)).toMatchObject({ ref: { guid }, phase: 'failed', job: { exit_code: 3 } })
  expect([rows?.length, asked(sandbox)]).toEqual([2, [`GET /__api__/v1/content/${guid}/jobs`]])
})

describe('cancel', () => {
  test('completes when the order is accepted, and when there is nothing left to stop', async () => {
    const sandbox = await start({ connect: { settleMs: 0 } })
    const { jobs } = connectTo(sandbox)
    const job = sandbox.connect.feed()
    const cancel = (): Promise<unknown> => all(jobs.cancel(job))
    expect([await cancel(), await cancel()]).toEqual([[], []])
    expect(sandbox.exchanges.map(({ method, status }) => `${method} ${status ?? 0}`)).toEqual([
      'DELETE 200',
      'DELETE 409',
    ])
  })

  test.each([
    [409, { code: 7, error: 'Another conflict.', payload: null }],
    [404, { code: 4, error: 'No such object.', payload: null }],
    [503, ''],
  ])('fails with any other answer: %d', async (status, body) => {
    const server = await serve((_, response) => sendJson(response, body, status))
    const { cancel } = connect({ server, apiKey: 'k' }).jobs
    expect(await errorOf(cancel(ref))).toMatchObject({ _tag: 'HttpError', status, method: 'DELETE' })
  })
})

describe('the log', () => {
  const texts = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<string> => entries.map(({ data }) => data)
  const downloaded = async (stream: Observable<ReadonlyArray<string>> | undefined): Promise<ReadonlyArray<string>> =>
    (await all(stream ?? expect.unreachable())).flat()

  test('a read gives as many lines as asked for', async () => {
    const sandbox = await start()
    const job = written(sandbox, 'a', 'b', 'c')
    const { log } = connectTo(sandbox).jobs
    expect(texts(await firstValueFrom(log.read(job, 2)))).toEqual(['b', 'c'])
    expect(texts(await firstValueFrom(log.read(job, 3)))).toEqual(['a', 'b', 'c'])
    expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log?maxLogLines=2`, `GET ${jobPath(job)}/log?maxLogLines=3`])
  })

  test('the live connection gives an empty batch when it is open, and ends with the job', async () => {
    const sandbox = await start({ tail: { replay: 'none' } })
    const job = written(sandbox, 'before')
    const batches: Array<ReadonlyArray<string>> = []
    await new Promise<void>((resolve, reject) => {
      connectTo(sandbox)
        .jobs.log.stream?.(job)
        .subscribe({
          next: (entries) => {
            if (batches.push(texts(entries)) > 1) return
            job.write(['a', 'b'].map((data) => ({ source: 'stdout', data })))
            job.finish()
          },
          error: reject,
          complete: resolve,
        })
    })
    expect([batches[0], batches.flat()]).toEqual([[], ['a', 'b']])
    expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/tail`])
  })

  test('a download gives every line; one that is cut is longer than those that are whole', async () => {
    const sandbox = await start()
    const job = written(sandbox, 'é🎈', '', 'x'.repeat(12), 'last')
    const { log } = connectTo(sandbox, { maxLineLength: 11 }).jobs
    expect(await downloaded(log.download?.(job))).toEqual(['é🎈', '', 'x'.repeat(11), 'last'])
    expect(log.maxLineLength).toBe(10)
    expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/download`])
  })

  test('a last line without an end is a line, and CRLF an end', async () => {
    const { transport } = answering(() => ({ body: 'a\r\nb\n\nc' }))
    const { log } = connect({ server: 'https://host', apiKey: 'k', transport }).jobs
    expect(await downloaded(log.download?.(ref))).toEqual(['a', 'b', '', 'c'])
  })

  test('each of its methods makes one attempt', async () => {
    const { transport, requests } = answering(() => ({ status: 503 }))
    const { read, stream, download } = connect({ server: 'https://host', apiKey: 'k', transport }).jobs.log
    for (const one of [read(ref, 5), stream?.(ref), download?.(ref)]) {
      expect(one && (await errorOf(one))).toMatchObject({ status: 503 })
    }
    expect(requests.map(({ url }) => url.replace(/^.*\/k\//, ''))).toEqual(['log?maxLogLines=5', 'tail', 'download'])
  })
})
