import { request } from 'node:http'
import type { FaultRule, Sandbox } from 'rxjobs/sandbox'
import { expect, test } from 'vitest'
import { connectOf, genesysOf, jsonOf, post, sandboxes, textWith, until } from '../support.ts'

const start = sandboxes()
const withRule = (rule: FaultRule): Promise<Sandbox> => start({ faults: { rules: [rule] } })

interface Got {
  readonly status?: number
  readonly length?: string
  readonly body: string
  readonly whole: boolean
  readonly error?: string
}

/** One GET as a client on the bare socket sees it, however it ends. */
function get(sandbox: Sandbox, path: string): Promise<Got> {
  return new Promise((resolve) => {
    const headers = { authorization: `Key ${sandbox.connect.apiKey}` }
    const asked = request(`${sandbox.url}/__api__${path}`, { headers, agent: false }, (message) => {
      let body = ''
      message.on('data', (bytes: Buffer) => void (body += bytes.toString()))
      message.on('error', () => undefined)
      message.once('close', () => {
        const length = message.headers['content-length']
        resolve({
          status: message.statusCode ?? 0,
          body,
          whole: message.complete,
          ...(length === undefined ? {} : { length }),
        })
      })
    })
    asked.once('error', (error) => resolve({ body: '', whole: false, error: error.message }))
    asked.end()
  })
}

test('latency', async () => {
  const sandbox = await withRule({ kind: 'latency', ms: 60 })
  const began = performance.now()
  expect(await get(sandbox, '/v1/user')).toMatchObject({ status: 200, whole: true })
  expect(performance.now() - began).toBeGreaterThanOrEqual(55)
  expect(sandbox.faults.met.latency).toBe(1)
})

test('a reset before the service heard of it', async () => {
  const sandbox = await withRule({ kind: 'reset' })
  expect(await get(sandbox, '/v1/user')).toMatchObject({ error: textWith('ECONNRESET') })
  expect(sandbox.faults.met.reset).toBe(1)
})

test('a reset after it did its work: the job is there, its answer is not', async () => {
  const sandbox = await withRule({ kind: 'reset', when: 'after', match: { method: 'POST', path: /\/jobs$/ } })
  const ask = await genesysOf(sandbox)
  await expect(ask('/jobs', post({ acceleratorId: 'quick-wrapup-code' }))).rejects.toThrow()
  expect(await jsonOf(ask('/jobs'))).toMatchObject({ entities: [{ acceleratorId: 'quick-wrapup-code' }] })
  expect(sandbox.faults.met.reset).toBe(1)
})

test('a reset after reaches tails as well', async () => {
  const sandbox = await withRule({ kind: 'reset', when: 'after', match: { path: /tail/ } })
  const { guid, key } = sandbox.connect.feed()
  expect(await get(sandbox, `/v1/content/${guid}/jobs/${key}/tail`)).toMatchObject({ error: textWith('ECONNRESET') })
})

test('a body cut after so many bytes, though its length was promised', async () => {
  const sandbox = await withRule({ kind: 'cut', after: { bytes: 10 } })
  const got = await get(sandbox, '/v1/user')
  expect(got).toMatchObject({ status: 200, whole: false })
  expect(got.body).toMatch(/^\{"guid":".$/)
  expect(Number(got.length)).toBeGreaterThan(10)
})

test('a tail cut after so many bytes', async () => {
  const sandbox = await withRule({ kind: 'cut', after: { bytes: 100 }, match: { path: /tail/ }, times: 1 })
  const job = sandbox.connect.feed()
  job.write(Array.from({ length: 50 }, (_, index) => ({ source: 'stdout', timestamp: '', data: `n${index}` })))
  const path = `/v1/content/${job.guid}/jobs/${job.key}/tail`
  const cut = await get(sandbox, path)
  expect([cut.body.length, cut.whole, cut.length]).toEqual([100, false, undefined])
  job.finish()
  const whole = await get(sandbox, path)
  expect([whole.whole, whole.body.startsWith(cut.body)]).toEqual([true, true])
})

test('a tail that promises more than it sends', async () => {
  const sandbox = await withRule({ kind: 'cut', after: { bytes: 20 }, contentLength: 5000 })
  const job = sandbox.connect.feed()
  job.write([{ source: 'stdout', data: 'a line' }])
  const got = await get(sandbox, `/v1/content/${job.guid}/jobs/${job.key}/tail`)
  expect([got.length, got.body.length, got.whole]).toEqual(['5000', 20, false])
})

test('a tail cut after so much time', async () => {
  const sandbox = await withRule({ kind: 'cut', after: { ms: 40 } })
  const job = sandbox.connect.feed()
  job.write([{ source: 'stdout', timestamp: '', data: 'a' }])
  const began = performance.now()
  const got = await get(sandbox, `/v1/content/${job.guid}/jobs/${job.key}/tail`)
  expect(performance.now() - began).toBeGreaterThanOrEqual(35)
  expect([got.status, got.whole, got.body.endsWith('\n')]).toEqual([200, false, true])
})

test.each([{ bytes: 30 }, { ms: 20 }])(
  'a tail that stalls after %o stays open and sends nothing more',
  async (after) => {
    const sandbox = await withRule({ kind: 'stall', after, match: { path: /tail/ } })
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed()
    job.write([{ source: 'stdout', data: 'a line of the log' }])
    const abort = new AbortController()
    await ask(`/v1/content/${job.guid}/jobs/${job.key}/tail`, { signal: abort.signal })
    await until(
      () => sandbox.faults.met.stall,
      (met) => met === 1,
    )
    const tail = sandbox.exchanges.find(({ path }) => path.endsWith('/tail'))
    const sent = tail?.bytesOut
    job.write([{ source: 'stdout', data: 'another one' }])
    job.finish()
    await until(
      async () => jsonOf(ask(`/v1/content/${job.guid}/jobs/${job.key}`)),
      (item) => JSON.stringify(item).includes('"status":2'),
    )
    expect([tail?.bytesOut, tail?.closedAt]).toEqual([sent, undefined])
    if ('bytes' in after) expect(sent).toBe(after.bytes)
    abort.abort()
    expect(await sandbox.closed(({ path }) => path.endsWith('/tail'))).toMatchObject({ aborted: true })
  },
)

test('a status, in the words of the service, with Retry-After in either form', async () => {
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT'
  const sandbox = await start()
  const ask = await genesysOf(sandbox)
  for (const retryAfter of [7, date]) {
    sandbox.faults.set([{ kind: 'status', status: 429, retryAfter }])
    const answer = await ask('/jobs')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, String(retryAfter)])
    expect(await answer.json()).toMatchObject({ code: 'too.many.requests' })
  }
  sandbox.faults.set([{ kind: 'status', status: 418, body: 'teapot' }])
  expect(await get(sandbox, '/v1/user')).toMatchObject({ status: 418, body: 'teapot' })
})

test('wrong JSON, broken JSON, and a page', async () => {
  const sandbox = await start()
  sandbox.faults.set([{ kind: 'wrongJson' }])
  expect(JSON.parse((await get(sandbox, '/v1/user')).body)).toEqual({ surprise: true })
  sandbox.faults.set([{ kind: 'wrongJson', body: '{"guid":' }])
  expect(await get(sandbox, '/v1/user')).toMatchObject({ status: 200, body: '{"guid":', whole: true })
  sandbox.faults.set([{ kind: 'html', status: 502 }])
  expect(await get(sandbox, '/v1/user')).toMatchObject({ status: 502, body: textWith('<!doctype html>') })
})

test('silence lasts until the client goes away', async () => {
  const sandbox = await withRule({ kind: 'silence' })
  const abort = new AbortController()
  const asked = connectOf(sandbox)('/v1/user', { signal: abort.signal })
  await until(
    () => sandbox.faults.met.silence,
    (met) => met === 1,
  )
  expect([sandbox.inFlight(), sandbox.exchanges[0]?.status]).toEqual([1, undefined])
  abort.abort()
  await expect(asked).rejects.toThrow()
  expect(await sandbox.closed()).toMatchObject({ aborted: true, bytesOut: 0 })
})
