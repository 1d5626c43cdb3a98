import { get } from 'node:http'
import type { FedJob, Sandbox, TailFraming } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { connectOf, finalized, logOf, sandboxes, textWith, until } from '../support.ts'

const start = sandboxes()

function tailOf(sandbox: Sandbox, { guid, key }: FedJob, signal?: AbortSignal): Promise<Response> {
  return connectOf(sandbox)(`/v1/content/${guid}/jobs/${key}/tail`, signal === undefined ? {} : { signal })
}

function say(job: FedJob, ...lines: string[]): void {
  job.write(lines.map((data) => ({ source: 'stdout', timestamp: '', data })))
}

/** The HTTP chunks of a tail. */
function chunksOf(sandbox: Sandbox, { guid, key }: FedJob): Promise<Buffer[]> {
  const url = `${sandbox.url}/__api__/v1/content/${guid}/jobs/${key}/tail`
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
    get(url, { headers }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => void chunks.push(chunk))
      message.on('end', () => resolve(chunks))
    }).on('error', reject)
  })
}

const json = (data: string): string => JSON.stringify({ source: 'stdout', timestamp: '', data })
const bodies: Record<TailFraming, [type: string, body: string]> = {
  sse: ['text/event-stream', `data: ${json('é')}\n\ndata: ${json('b')}\n\n`],
  ndjson: ['application/x-ndjson', `${json('é')}\n${json('b')}\n`],
  concatenated: ['application/json', json('é') + json('b')],
  array: ['application/json', `[${json('é')},${json('b')}]`],
}

test.each(['sse', 'ndjson', 'concatenated', 'array'] as const)(
  '%s: sends existing lines, new lines, and ends with the job',
  async (framing) => {
    const sandbox = await start({ tail: { framing } })
    const job = sandbox.connect.feed()
    say(job, 'é')
    const answer = await tailOf(sandbox, job)
    say(job, 'b')
    job.finish()
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(bodies[framing])
  },
)

test('ends when the job is finalized, not when it is finished', async () => {
  const sandbox = await start({ connect: { settleMs: 500 } })
  const ask = connectOf(sandbox)
  const job = sandbox.connect.feed()
  const answer = await tailOf(sandbox, job)
  job.finish()
  expect(await (await ask(`/v1/content/${job.guid}/jobs/${job.key}`)).json()).toMatchObject({ status: 1 })
  expect(sandbox.inFlight(({ path }) => path.endsWith('/tail'))).toBe(1)
  await answer.text()
  expect(await (await ask(`/v1/content/${job.guid}/jobs/${job.key}`)).json()).toMatchObject({ status: 2 })
})

test.each([
  ['none' as const, ['new']],
  [1, ['b', 'new']],
  ['all' as const, ['a', 'b', 'new']],
])('replay %s', async (replay, wanted) => {
  const sandbox = await start({ tail: { replay } })
  const job = sandbox.connect.feed()
  say(job, 'a', 'b')
  const answer = await tailOf(sandbox, job)
  say(job, 'new')
  job.finish()
  expect(await answer.text()).toBe(wanted.map((data) => `${json(data)}\n`).join(''))
})

test.each([
  ['replay' as const, 200, `${json('a')}\n`],
  ['empty' as const, 200, ''],
  [404 as const, 404, textWith('"code":4')],
])('the tail of a finalized job: %s', async (finished, status, body) => {
  const sandbox = await start({ tail: { finished } })
  const job = sandbox.connect.feed()
  say(job, 'a')
  job.finish()
  await finalized(connectOf(sandbox), job)
  const answer = await tailOf(sandbox, job)
  expect([answer.status, await answer.text()]).toEqual([status, body])
})

test.each([
  [404 as const, 404, 'text/plain'],
  [405 as const, 405, 'text/plain'],
  [501 as const, 501, 'text/plain'],
  ['html' as const, 200, 'text/html'],
])('a server without a tail: %s', async (lacking, status, type) => {
  const sandbox = await start({ tail: { lacking } })
  const answer = await tailOf(sandbox, sandbox.connect.feed())
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(type)
  if (lacking === 404) expect(await answer.text()).toBe('404 page not found')
})

test('keep-alives and another content type', async () => {
  const sandbox = await start({ tail: { framing: 'sse', keepAliveMs: 5, contentType: 'text/plain', eol: '\r\n' } })
  const job = sandbox.connect.feed()
  const answer = await tailOf(sandbox, job)
  expect(answer.headers.get('content-type')).toBe('text/plain')
  await until(
    () => sandbox.exchanges.at(-1)?.bytesOut ?? 0,
    (bytes) => bytes > 20,
  )
  say(job, 'a')
  job.finish()
  const blocks = (await answer.text()).split('\r\n\r\n')
  expect(blocks.filter((block) => block.startsWith(':')).length).toBeGreaterThan(1)
  expect(blocks).toContain(`data: ${json('a')}`)
})

test('chunkBytes splits characters and line ends', async () => {
  const sandbox = await start({ tail: { chunkBytes: 1, eol: '\r\n' } })
  const job = sandbox.connect.feed()
  say(job, 'é🎈')
  job.finish()
  const chunks = await chunksOf(sandbox, job)
  expect(new Set(chunks.map(({ length }) => length))).toEqual(new Set([1]))
  expect(Buffer.concat(chunks).toString()).toBe(`${json('é🎈')}\r\n`)
})

test('a client that stops reading does not fill the memory', async () => {
  const sandbox = await start()
  const job = sandbox.connect.feed()
  const abort = new AbortController()
  await tailOf(sandbox, job, abort.signal)
  const line = 'x'.repeat(1000)
  const batch = Array.from({ length: 10_000 }, () => line)
  for (let round = 0; round < 10; round += 1) say(job, ...batch)
  const sent = (): number => sandbox.exchanges.at(-1)?.bytesOut ?? 0
  let last = -1
  await until(sent, (bytes) => {
    const still = bytes === last
    last = bytes
    return still
  })
  expect(sent()).toBeLessThan(50 << 20)
  const closed = sandbox.closed(({ path }) => path.endsWith('/tail'))
  abort.abort()
  expect(await closed).toMatchObject({ aborted: true })
  expect(sandbox.inFlight()).toBe(0)
})

/** The entries of a tail's body, whose keep-alives are ignored. */
const parsers: Record<TailFraming, (body: string, eol: string) => unknown> = {
  array: (body): unknown => JSON.parse(body),
  ndjson: (body, eol) => parsed(body.split(eol).filter((line) => line !== '')),
  concatenated: (body) => parsed(body.replace(/\s/g, '').split(/(?<=\})(?=\{)/)),
  sse: (body, eol) =>
    parsed(
      body
        .split(eol + eol)
        .filter((block) => block.startsWith('data: '))
        .map((block) => block.slice(6)),
    ),
}
const parsed = (texts: ReadonlyArray<string>): unknown[] => texts.map((text): unknown => JSON.parse(text))

test.each(
  (['sse', 'ndjson', 'concatenated', 'array'] as const).flatMap((framing) =>
    (['\n', '\r\n'] as const).map((eol) => [framing, eol] as const),
  ),
)('%s with line ends %j carries all entries, with keep-alives between them', async (framing, eol) => {
  const sandbox = await start({ tail: { framing, eol, keepAliveMs: 1 } })
  const job = sandbox.connect.feed()
  const bytesOut = (): number => sandbox.exchanges.at(-1)?.bytesOut ?? 0
  say(job, 'a')
  const answer = await tailOf(sandbox, job)
  for (const line of ['b', 'c']) {
    const before = bytesOut()
    await until(bytesOut, (bytes) => bytes > before)
    say(job, line)
  }
  job.finish()
  const wanted = ['a', 'b', 'c'].map((data) => ({ source: 'stdout', timestamp: '', data }))
  expect(parsers[framing](await answer.text(), eol)).toEqual(wanted)
})

test('an array without entries is an array', async () => {
  const sandbox = await start({ tail: { framing: 'array' } })
  const job = sandbox.connect.feed()
  job.finish()
  expect(await (await tailOf(sandbox, job)).json()).toEqual([])
})

test.each(['sse', 'ndjson', 'concatenated', 'array'] as const)(
  '%s: a withheld head comes with the first line, and no keep-alive before it',
  async (framing) => {
    const sandbox = await start({ tail: { framing, withholdsHead: true, keepAliveMs: 1 } })
    const job = sandbox.connect.feed()
    const answer = tailOf(sandbox, job)
    const tail = (): Sandbox['exchanges'][number] | undefined =>
      sandbox.exchanges.find(({ path }) => path.endsWith('/tail'))
    await until(tail, (exchange) => exchange !== undefined)
    // Another exchange takes longer than many keep-alives.
    await (await connectOf(sandbox)('/v1/user')).text()
    expect([tail()?.status, tail()?.bytesOut]).toEqual([undefined, 0])
    say(job, 'a')
    const { status, headers } = await answer
    expect([status, headers.get('content-type')]).toEqual([200, bodies[framing][0]])
    job.finish()
    expect(parsers[framing](await (await answer).text(), '\n')).toEqual([
      { source: 'stdout', timestamp: '', data: 'a' },
    ])
  },
)

test('a withheld head of a job without lines comes with its end', async () => {
  const sandbox = await start({ tail: { framing: 'array', withholdsHead: true } })
  const job = sandbox.connect.feed()
  job.finish()
  expect(await (await tailOf(sandbox, job)).json()).toEqual([])
})

test.each([
  [{ repeatsEvery: 1 }, ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']],
  [{ repeatsEvery: 3 }, ['a', 'b', 'c', 'c', 'd']],
  [{ omitsEvery: 2 }, ['a', 'c']],
  [{ omitsEvery: 2, repeatsEvery: 3 }, ['a', 'c', 'c']],
  [{ swapsEvery: 2 }, ['b', 'a', 'd', 'c']],
  [{ swapsEvery: 3 }, ['a', 'b', 'c', 'd']],
])('%o changes what the tail sends, not what the log has', async (tail, wanted) => {
  const lines = ['a', 'b', 'c', 'd']
  const sandbox = await start({ tail: { ...tail, framing: 'array' } })
  const job = sandbox.connect.feed()
  say(job, ...lines.slice(0, 2))
  const answer = await tailOf(sandbox, job)
  say(job, ...lines.slice(2))
  job.finish()
  expect(await answer.json()).toEqual(wanted.map((data) => ({ source: 'stdout', timestamp: '', data })))
  expect(await logOf(connectOf(sandbox), job)).toEqual(lines)
})

test('cutAt shortens the lines of the tail alone', async () => {
  const sandbox = await start({ tail: { cutAt: 3 } })
  const job = sandbox.connect.feed()
  say(job, 'a long line', 'no')
  job.finish()
  expect(await (await tailOf(sandbox, job)).text()).toBe(`${json('a l')}\n${json('no')}\n`)
  expect(await logOf(connectOf(sandbox), job)).toEqual(['a long line', 'no'])
})
