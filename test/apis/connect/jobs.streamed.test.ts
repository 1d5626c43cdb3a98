import { concat, lastValueFrom, NEVER, type Observable, of, take, toArray, VirtualTimeScheduler } from 'rxjs'
import type { Transport } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { sandboxes, until } from '../../sandbox/support.ts'
import { all, answering, asked, connectTo, jobPath, serve, written } from '../support.ts'

const start = sandboxes()
const ref = { guid: 'g', key: 'k' }

test.each(['sse', 'ndjson', 'concatenated', 'array'] as const)(
  'a tail as %s, whole or in single bytes',
  async (framing) => {
    for (const chunkBytes of [0, 1]) {
      const sandbox = await start({ tail: { framing, chunkBytes, keepAliveMs: 5 } })
      const job = written(sandbox, 'é🎈', '{"a":"[\\n"}')
      const lines: Array<string> = []
      const over = lastValueFrom(connectTo(sandbox).jobTailLog(job).pipe(toArray()))
      connectTo(sandbox)
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
  const streams: ReadonlyArray<Observable<unknown>> = [pc.jobTailLog(ref), pc.jobDownloadLog(ref)]
  for (const stream of streams) {
    stream.subscribe({ error: (error: unknown) => ends.push(`${clock.now()} ${String(error)}`) })
  }
  clock.flush()
  expect(ends).toEqual([expect.stringMatching(/^10000 TimeoutError: GET .*\/download at https:\/\/host: /)])
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
