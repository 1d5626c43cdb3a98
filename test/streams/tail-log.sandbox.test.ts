import { take } from 'rxjs'
import { type Connection, Cursor, type LogElement, type LogLine, tailLog } from 'rxjobs'
import type { JobRef } from 'rxjobs/connect'
import type { FedJob, TailFraming, TailSettings } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { all, connectTo, jobPath, written } from '../apis/support.ts'
import { connectOf, finalized, sandboxes, until } from '../sandbox/support.ts'

const start = sandboxes()
const soon = { pollInterval: 10 }
const say = (job: FedJob, ...lines: ReadonlyArray<string>): void =>
  job.write(lines.map((data) => ({ source: 'stdout', data })))

const texts = (elements: ReadonlyArray<LogElement<JobRef>>): ReadonlyArray<string> =>
  elements.map((element) => (element._tag === 'Line' ? `${element.index} ${element.data}` : `gap: ${element.reason}`))

const framings: ReadonlyArray<TailFraming> = ['sse', 'ndjson', 'concatenated', 'array']
const replays: ReadonlyArray<NonNullable<TailSettings['replay']>> = ['all', 'none', 2]

test.each(framings.flatMap((framing) => replays.map((replay) => ({ framing, replay }))))(
  'each line once and in order: $framing, replay $replay',
  async ({ framing, replay }) => {
    const sandbox = await start({ tail: { framing, replay, chunkBytes: 7 } })
    const job = written(sandbox, 'a', 'b', 'ünï', '')
    const elements: Array<LogElement<JobRef>> = []
    let tails = 0
    const ended = new Promise<void>((resolve, reject) => {
      tailLog(connectTo(sandbox).jobs, job, soon).subscribe({
        next: (element) => {
          elements.push(element)
          // Each of these comes over the open connection, or is found by a read; the job says its last words as it ends.
          if (elements.length === 4) say(job, 'c')
          if (elements.length === 5) say(job, 'd', 'd')
          if (elements.length !== 7) return
          tails = sandbox.exchanges.filter(({ path }) => path.endsWith('/tail')).length
          say(job, 'last')
          job.finish()
        },
        error: reject,
        complete: resolve,
      })
    })
    await ended
    expect(texts(elements)).toEqual(['0 a', '1 b', '2 ünï', '3 ', '4 c', '5 d', '6 d', '7 last'])
    expect(tails).toBe(1)
  },
)

test.each([
  ['ended at once', false],
  ['finalized long ago', true],
] as const)('a job that %s is read without an open connection where that is known', async (_, isFinalized) => {
  const sandbox = await start()
  const job = written(sandbox, 'a', 'b', 'c')
  job.finish(1)
  if (isFinalized) await finalized(connectOf(sandbox), job)
  expect(texts(await all(tailLog(connectTo(sandbox).jobs, job, soon)))).toEqual(['0 a', '1 b', '2 c'])
  const opened = sandbox.exchanges.filter(({ path }) => path.endsWith('/tail'))
  if (isFinalized) expect(opened).toEqual([])
})

test('a job without a line', async () => {
  const sandbox = await start()
  const job = written(sandbox)
  job.finish()
  expect(await all(tailLog(connectTo(sandbox).jobs, job, soon))).toEqual([])
})

test('a job that writes and ends between two reads loses nothing', async () => {
  const sandbox = await start({ tail: { lacking: 404 }, connect: { settleMs: 0 } })
  const job = written(sandbox, 'a')
  const reads = (): number =>
    sandbox.exchanges.filter(({ path, closedAt }) => path.includes('/log?') && closedAt !== undefined).length
  const elements = all(tailLog(connectTo(sandbox).jobs, job, { pollInterval: 100 }))
  await until(reads, (count) => count >= 2)
  say(job, 'b', 'c')
  job.finish()
  expect(texts(await elements)).toEqual(['0 a', '1 b', '2 c'])
})

test.each(replays)(
  'from a cursor that went through JSON it goes on without loss or repetition, replay %s',
  async (replay) => {
    const sandbox = await start({ tail: { replay } })
    const job = written(sandbox, 'a', 'a', 'b', 'a')
    const { jobs } = connectTo(sandbox)
    for (const count of [1, 2, 3, 4]) {
      const before = await all(tailLog(jobs, job, soon).pipe(take(count)))
      const from = Cursor.decode(JSON.parse(JSON.stringify(before.at(-1)?.cursor)))
      if (from._tag === 'Left') return expect.unreachable('the cursor did not survive JSON')
      const lines: Array<string> = []
      const rest = await all(tailLog(jobs, job, { ...soon, from: from.right }).pipe(take(4 - count)))
      lines.push(...texts(before), ...texts(rest))
      expect(lines).toEqual(['0 a', '1 a', '2 b', '3 a'])
    }
    const whole = await all(tailLog(jobs, job, soon).pipe(take(4)))
    const last = whole.at(-1) ?? expect.unreachable('there is a line')
    say(job, 'z')
    job.finish()
    expect(texts(await all(tailLog(jobs, job, { ...soon, from: last.cursor })))).toEqual(['4 z'])
  },
)

test('a line has the reference, the time and the source that the server sent', async () => {
  const sandbox = await start()
  const job = sandbox.connect.feed()
  const entry = { source: 'stderr', timestamp: '2026-01-02T03:04:05.123456789Z', data: 'a' } as const
  job.write([entry])
  job.finish()
  const { guid, key } = job
  const [line] = await all(tailLog(connectTo(sandbox).jobs, { guid, key }, soon))
  expect(line).toMatchObject({ _tag: 'Line', ref: { guid, key }, index: 0, ...entry } satisfies Partial<
    LogLine<JobRef>
  >)
})

test.each([
  [404, { _tag: 'HttpError', status: 404 }],
  [405, { _tag: 'HttpError', status: 405 }],
  [501, { _tag: 'HttpError', status: 501 }],
  ['html', { _tag: 'DecodeError' }],
] as const)('where the tail is answered %s it says so, once, and polls the log', async (lacking, error) => {
  const sandbox = await start({ tail: { lacking } })
  const job = written(sandbox, 'a')
  const connections: Array<Connection> = []
  const elements: Array<LogElement<JobRef>> = []
  const options = { ...soon, onConnection: (connection: Connection) => connections.push(connection) }
  await new Promise<void>((resolve, reject) => {
    tailLog(connectTo(sandbox).jobs, job, options).subscribe({
      next: (element) => {
        elements.push(element)
        if (elements.length === 1) say(job, 'b')
        if (elements.length === 2) job.finish()
      },
      error: reject,
      complete: resolve,
    })
  })
  expect(texts(elements)).toEqual(['0 a', '1 b'])
  const reported = connections.filter(({ channel }) => channel === 'live')
  expect(reported).toMatchObject([{ state: 'fallback', attempt: 1, retryInMs: 0, error }])
  const path = jobPath(job)
  expect(sandbox.exchanges.filter((exchange) => exchange.path === `${path}/tail`)).toHaveLength(1)
})
