// The operations on jobs: what is sent, what comes back.
import crossFetch from 'cross-fetch'
import fc from 'fast-check'
import {
  concat,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  take,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs'
import type { Transport } from 'rxjobs/core'
import { type Connect, connect, type JobRef } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes, someNumber, someText, until } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo, errorOf, jobPath, refusal, serve, written } from '../support.ts'

const start = sandboxes()
const ref = { guid: 'g', key: 'k' }

test('jobs, all of a content and each by its key', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const first = sandbox.connect.feed({ tag: 'build_report' })
  const second = sandbox.connect.feed({ guid: first.guid, tag: 'run_app' })
  const jobs = await firstValueFrom(pc.getJobs({ guid: first.guid }))
  expect(jobs.map(({ key, tag, status }) => [key, tag, status]).sort()).toEqual(
    [
      [first.key, 'build_report', 0],
      [second.key, 'run_app', 0],
    ].sort(),
  )
  const { guid, key } = second
  expect(await firstValueFrom(pc.getJob({ guid, key }))).toMatchObject({ key, content_guid: guid, exit_code: null })
  expect(asked(sandbox)).toEqual([`GET /__api__/v1/content/${guid}/jobs`, `GET ${jobPath(second)}`])
  expect(sandbox.exchanges.map(({ authorization }) => authorization)).toEqual(['Key', 'Key'])
})

test('a log: all of it, or as many lines as asked for', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a', 'b', 'c')
  const { entries } = await firstValueFrom(pc.jobLogs(job))
  expect(entries).toEqual(['a', 'b', 'c'].map((data) => ({ source: 'stdout', timestamp: someText, data })))
  expect(await firstValueFrom(pc.jobLogs({ guid: job.guid, key: job.key, maxLogLines: 2 }))).toEqual({
    entries: entries.slice(1),
  })
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log`, `GET ${jobPath(job)}/log?maxLogLines=2`])
})

test('the error of a job: none, or some', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a')
  expect(await firstValueFrom(pc.jobError(job))).toEqual({ _tag: 'None' })
  const error = {
    code: 'python-package-install-failed',
    summary: 'No such package.',
    help_url: 'https://example.com/help',
  }
  job.finish(3, error)
  expect(await firstValueFrom(pc.jobError(job))).toEqual({ _tag: 'Some', value: error })
  expect(sandbox.exchanges.map(({ path, status }) => [path, status])).toEqual([
    [`${jobPath(job)}/error`, 204],
    [`${jobPath(job)}/error`, 200],
  ])
})

test('a kill: the receipt, the end of the job, and code 163 for one that is over', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const ref = await sandbox.connect.start({ script: 'console.log("up"); setInterval(() => {}, 1000)' })
  await firstValueFrom(pc.jobTailLog(ref))
  expect(await firstValueFrom(pc.killJob(ref))).toMatchObject({
    guid: someText,
    app_id: someNumber,
    app_guid: ref.guid,
    job_id: someNumber,
    job_key: ref.key,
    result: someText,
  })
  const job = await until(
    () => firstValueFrom(pc.getJob(ref)),
    ({ status }) => status !== 0,
  )
  expect(job.exit_code).not.toBe(0)
  expect(await errorOf(pc.killJob(ref))).toMatchObject({ status: 409, code: 163, method: 'DELETE', missing: undefined })
  expect(asked(sandbox)).toContain(`DELETE /__api__/v1/content/${ref.guid}/jobs/${ref.key}`)
})

test('a kill that is answered with nothing is a receipt without words', async () => {
  const { transport } = answering(() => ({ status: 204 }))
  const { killJob } = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(await firstValueFrom(killJob({ guid: 'g', key: 'k' }))).toEqual({})
})

test('the metrics of a job, of all its time or of a part of it', async () => {
  const sample = { timestamp: '2026-03-01T10:00:00Z', cpu_fraction: 0.25, memory_bytes: 1e8, process_id: 7 }
  const metrics = { content_guid: 'g', job_key: 'k', samples: [{ ...sample, connections: null }, sample] }
  const { transport, requests } = answering(() => ({ body: metrics }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  expect(await firstValueFrom(pc.getJobMetrics(ref))).toEqual(metrics)
  const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00+01:00']
  await firstValueFrom(pc.getJobMetrics({ ...ref, from }))
  await firstValueFrom(pc.getJobMetrics({ ...ref, from, to }))
  const asked = requests.map(({ url }) => new URL(url))
  expect(asked.map(({ pathname }) => pathname)).toEqual(Array(3).fill('/__api__/v1/content/g/jobs/k/metrics'))
  expect(asked.map(({ searchParams }) => [...searchParams])).toEqual([
    [],
    [['from', from]],
    [
      ['from', from],
      ['to', to],
    ],
  ])
  expect(refusal(() => pc.getJobMetrics({ ...ref, from: '' }))).toMatch(/^getJobMetrics: from must be a string/)
})

/** All operations that take a job's name. */
const operations: ReadonlyArray<[name: string, run: (pc: Connect, ref: JobRef) => Observable<unknown>, rest: string]> =
  [
    ['getJob', (pc, ref) => pc.getJob(ref), ''],
    ['jobLogs', (pc, ref) => pc.jobLogs(ref), '/log'],
    ['jobTailLog', (pc, ref) => pc.jobTailLog(ref), '/tail'],
    ['jobError', (pc, ref) => pc.jobError(ref), '/error'],
    ['jobDownloadLog', (pc, ref) => pc.jobDownloadLog(ref), '/download'],
    ['getJobMetrics', (pc, ref) => pc.getJobMetrics(ref), '/metrics'],
    ['killJob', (pc, ref) => pc.killJob(ref), ''],
  ]

test.each(operations)('%s: any guid and key are each one piece of the path', async (_, run, rest) => {
  const piece = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text !== '.' && text !== '..')
  await fc.assert(
    fc.asyncProperty(piece, piece, async (guid, key) => {
      const { transport, requests } = answering(() => ({ body: { key: 'k', job_key: 'k', entries: [], samples: [] } }))
      await all(run(connect({ server: 'https://host', apiKey: 'k', transport }), { guid, key }))
      const [, , , , first = '', , second = '', ...others] = new URL(requests[0]?.url ?? '').pathname.split('/')
      expect([first, second].map(decodeURIComponent)).toEqual([guid, key])
      expect(others).toEqual(rest.split('/').slice(1))
    }),
  )
})

test('nothing is sent before a subscription, and one request for each', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  const job = written(sandbox, 'a')
  for (const [, run] of operations) run(pc, job)
  const once = pc.jobLogs(job)
  await all(once)
  await all(once)
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/log`, `GET ${jobPath(job)}/log`])
})

test('what can never work is refused before anything is sent', async () => {
  const sandbox = await start()
  const pc = connectTo(sandbox)
  for (const [name, run] of operations) {
    for (const bad of ['', '.', '..']) {
      expect(refusal(() => run(pc, { guid: bad, key: 'k' }))).toBe(
        `${name}: guid must be a string that is not empty, '.' or '..', was "${bad}"`,
      )
      expect(refusal(() => run(pc, { guid: 'g', key: bad }))).toMatch(`${name}: key must be a string that is not empty`)
    }
    expect(refusal(() => run(pc, { guid: '', key: '\udc00' }))).toMatch(/guid must be .*; key must be /)
  }
  expect(refusal(() => pc.getJobs({ guid: '' }))).toMatch(/^getJobs: guid must be a string that is not empty/)
  for (const maxLogLines of [0, -5, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(refusal(() => pc.jobLogs({ ...ref, maxLogLines }))).toMatch(
      /^jobLogs: maxLogLines must be a whole number from 1 up, was /,
    )
  }
  expect(refusal(() => pc.jobDownloadLog({ ...ref, filename: '' }))).toMatch(
    /^jobDownloadLog: filename must be a string/,
  )
  expect(sandbox.exchanges).toEqual([])
})

test('a body that does not fit says what was asked for and where it does not', async () => {
  const { transport } = answering(() => ({ body: { entries: [{ source: 'stdout', timestamp: 5, data: '' }] } }))
  const error = await errorOf(
    connect({ server: 'https://host', apiKey: 'k', transport }).jobLogs({ guid: 'g', key: 'k' }),
  )
  expect(error).toMatchObject({
    _tag: 'DecodeError',
    message: 'GET /__api__/v1/content/g/jobs/k/log at https://host: entries[0].timestamp should be string, was 5',
  })
})

test.each(['sse', 'ndjson', 'concatenated', 'array'] as const)(
  'a tail as %s, whole or in single bytes, over both fetches',
  async (framing) => {
    for (const [chunkBytes, given] of [
      [0, fetch],
      [1, fetch],
      [0, crossFetch],
      [1, crossFetch],
    ] as const) {
      const sandbox = await start({ tail: { framing, chunkBytes, keepAliveMs: 5 } })
      const job = written(sandbox, 'é🎈', '{"a":"[\\n"}')
      const lines: Array<string> = []
      const over = lastValueFrom(connectTo(sandbox, { fetch: given }).jobTailLog(job).pipe(toArray()))
      connectTo(sandbox, { fetch: given })
        .jobTailLog(job)
        .pipe(take(2))
        .subscribe({
          next: ({ data }) => lines.push(data),
          complete: () => {
            job.write([{ source: 'stderr', data: 'later' }])
            job.finish()
          },
        })
      const entries = await over
      expect(entries.map(({ source, data }) => [source, data])).toEqual([
        ['stdout', 'é🎈'],
        ['stdout', '{"a":"[\\n"}'],
        ['stderr', 'later'],
      ])
      expect([lines, asked(sandbox)[0]]).toEqual([['é🎈', '{"a":"[\\n"}'], `GET ${jobPath(job)}/tail`])
    }
  },
)

test('a tail of a server that does not repeat the lines before it', async () => {
  const sandbox = await start({ tail: { replay: 'none' } })
  const job = written(sandbox, 'before')
  const lines = all(connectTo(sandbox).jobTailLog(job))
  await until(
    () => sandbox.inFlight(({ status }) => status === 200),
    (open) => open === 1,
  )
  job.write([{ source: 'stdout', data: 'after' }])
  job.finish()
  expect((await lines).map(({ data }) => data)).toEqual(['after'])
})

test('a tail may be silent for as long as it likes, a download may not', () => {
  const clock = new VirtualTimeScheduler()
  const transport: Transport = () => concat(of({ status: 200, headers: [] }), NEVER)
  const pc = connect({ server: 'https://host', apiKey: 'k', transport, scheduler: clock })
  const ends: Array<string> = []
  const streams: ReadonlyArray<Observable<unknown>> = [pc.jobTailLog(ref), pc.jobDownloadLog(ref, { retry: false })]
  for (const stream of streams) {
    stream.subscribe({ error: (error: unknown) => ends.push(`${clock.now()} ${String(error)}`) })
  }
  clock.flush()
  expect(ends).toEqual([expect.stringMatching(/^10000 RequestTimeoutError: GET .*\/download at https:\/\/host: /)])
})

test('a server that looks at Accept has no reason to refuse', async () => {
  const { transport, requests } = answering(() => ({ body: '' }))
  const pc = connect({ server: 'https://host', apiKey: 'k', transport })
  await all(pc.jobTailLog(ref))
  await all(pc.jobDownloadLog(ref))
  const accepted = requests.map(({ headers }) => headers.find(([name]) => name === 'accept')?.[1])
  expect(accepted).toEqual(['application/json, */*;q=0.5', 'application/json, */*;q=0.5'])
})

test('whoever has seen enough of a tail closes the connection', async () => {
  const sandbox = await start()
  const job = written(sandbox, 'a', 'b')
  const closed = sandbox.closed()
  expect((await all(connectTo(sandbox).jobTailLog(job).pipe(take(1)))).map(({ data }) => data)).toEqual(['a'])
  expect(await closed).toMatchObject({ path: `${jobPath(job)}/tail`, status: 200, aborted: true })
  expect(sandbox.inFlight()).toBe(0)
})

test('a download is the whole log, under the name that is asked for', async () => {
  const sandbox = await start()
  const job = written(sandbox, 'é🎈', 'b')
  const pc = connectTo(sandbox)
  const text = async (filename?: string): Promise<string> =>
    Buffer.concat(
      await all(pc.jobDownloadLog(filename === undefined ? job : { guid: job.guid, key: job.key, filename })),
    ).toString()
  expect([await text(), await text('a b&c.log')]).toEqual(['é🎈\nb\n', 'é🎈\nb\n'])
  expect(asked(sandbox)).toEqual([`GET ${jobPath(job)}/download`, `GET ${jobPath(job)}/download?filename=a+b%26c.log`])
})

test('the first bytes of a download are there before the last ones are written', async () => {
  let finish = (): void => expect.unreachable('nobody asked for the log')
  const server = await serve((_, response) => {
    response.write('first')
    finish = () => response.end('last')
  })
  const pieces: Array<string> = []
  await new Promise<void>((resolve, reject) => {
    connect({ server, apiKey: 'k' })
      .jobDownloadLog(ref)
      .subscribe({
        next: (bytes) => {
          if (pieces.push(Buffer.from(bytes).toString()) === 1) finish()
        },
        error: reject,
        complete: resolve,
      })
  })
  expect(pieces).toEqual(['first', 'last'])
})

test('a download is bounded by no body limit and never there as a whole', async () => {
  const sandbox = await start()
  const line = 'x'.repeat(999)
  const job = written(sandbox, ...Array.from({ length: 8000 }, () => line))
  const sizes = (await all(connectTo(sandbox, { maxBodyBytes: 1000 }).jobDownloadLog(job))).map(({ length }) => length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  expect(total).toBe(8_000_000)
  expect(Math.max(...sizes)).toBeLessThan(total / 10)
})
