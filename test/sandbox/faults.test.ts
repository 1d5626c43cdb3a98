import { once } from 'node:events'
import { Agent, get as nodeGet, request } from 'node:http'
import type { Sandbox } from 'rxjobs/sandbox'
import { describe, expect, test } from 'vitest'
import { errorAnswer } from '../../sandbox/faults/faults.ts'
import { createChooser, createRandom, type FaultRule } from '../../sandbox/faults/rules.ts'
import { connectOf, genesysOf, jsonOf, post, sandboxes, textWith, until } from './support.ts'

const start = sandboxes()

describe('each kind of fault', () => {
  const withRule = (rule: FaultRule): Promise<Sandbox> => start({ faults: { rules: [rule] } })

  interface Got {
    readonly status?: number
    readonly length?: string
    readonly type?: string
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
          const { 'content-length': length, 'content-type': type } = message.headers
          resolve({
            status: message.statusCode ?? 0,
            body,
            whole: message.complete,
            ...(length === undefined ? {} : { length }),
            ...(type === undefined ? {} : { type }),
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

  test('a reset before the service gets the request', async () => {
    const sandbox = await withRule({ kind: 'reset' })
    expect(await get(sandbox, '/v1/user')).toMatchObject({ error: textWith('ECONNRESET') })
    expect(sandbox.faults.met.reset).toBe(1)
  })

  test('a reset after the service handled the request: the job exists without a response', async () => {
    const sandbox = await withRule({ kind: 'reset', when: 'after', match: { method: 'POST', path: /\/jobs$/ } })
    const ask = await genesysOf(sandbox)
    await expect(ask('/jobs', post({ acceleratorId: 'quick-wrapup-code' }))).rejects.toThrow()
    expect(await jsonOf(ask('/jobs'))).toMatchObject({ entities: [{ acceleratorId: 'quick-wrapup-code' }] })
    expect(sandbox.faults.met.reset).toBe(1)
  })

  test('a reset "after" works on tails', async () => {
    const sandbox = await withRule({ kind: 'reset', when: 'after', match: { path: /tail/ } })
    const { guid, key } = sandbox.connect.feed()
    expect(await get(sandbox, `/v1/content/${guid}/jobs/${key}/tail`)).toMatchObject({ error: textWith('ECONNRESET') })
  })

  test('cuts a body after that many bytes, although its length was sent', async () => {
    const sandbox = await withRule({ kind: 'cut', after: { bytes: 10 } })
    const got = await get(sandbox, '/v1/user')
    expect(got).toMatchObject({ status: 200, whole: false })
    expect(got.body).toMatch(/^\{"guid":".$/)
    expect(Number(got.length)).toBeGreaterThan(10)
  })

  test('cuts a tail after that many bytes', async () => {
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

  test('a tail may state a Content-Length that it does not send', async () => {
    const sandbox = await withRule({ kind: 'cut', after: { bytes: 20 }, contentLength: 5000 })
    const job = sandbox.connect.feed()
    job.write([{ source: 'stdout', data: 'a line' }])
    const got = await get(sandbox, `/v1/content/${job.guid}/jobs/${job.key}/tail`)
    expect([got.length, got.body.length, got.whole]).toEqual(['5000', 20, false])
  })

  test('cuts a tail after that much time', async () => {
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

  test('a status has the error body of the service, and Retry-After in both forms', async () => {
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

  test.each<[what: string, rule: FaultRule, wanted: Partial<Got>]>([
    ['an empty body', { kind: 'answer' }, { status: 200, body: '', whole: true }],
    ['cut JSON', { kind: 'answer', body: '[{"key":"a","sta' }, { status: 200, body: '[{"key":"a","sta', whole: true }],
    [
      'a maintenance page',
      { kind: 'answer', contentType: 'text/html', body: '<h1>Back soon</h1>' },
      { status: 200, body: '<h1>Back soon</h1>', type: 'text/html' },
    ],
    ['no Content-Type', { kind: 'answer', status: 404, contentType: '', body: 'gone' }, { status: 404, body: 'gone' }],
    ['half a character', { kind: 'answer', body: Uint8Array.of(0x61, 0xc3) }, { body: 'a\ufffd' }],
  ])('an answer may be %s', async (_, rule, wanted) => {
    const sandbox = await withRule(rule)
    const got = await get(sandbox, '/v1/user')
    expect(got).toMatchObject(wanted)
    if ('contentType' in rule && rule.contentType === '') expect(got.type).toBeUndefined()
    expect(sandbox.faults.met.answer).toBe(1)
  })

  test.each(['0', '-5', '1.5', 'soon', 'Wed, 21 Oct 2015 07:28:00 GMT', '99999999999', '1e3', ''])(
    'Retry-After may be %j, in a failure and in an odd 200',
    async (retryAfter) => {
      const sandbox = await start()
      const ask = connectOf(sandbox)
      for (const rule of [
        { kind: 'status' as const, status: 503, retryAfter },
        { kind: 'answer' as const, headers: { 'Retry-After': retryAfter } },
        { kind: 'headers' as const, headers: { 'Retry-After': retryAfter } },
      ]) {
        sandbox.faults.set([rule])
        const answer = await ask('/v1/user')
        expect(answer.headers.get('retry-after')).toBe(retryAfter)
        await answer.text()
      }
    },
  )

  test('headers replace those of the service, and later rules still apply', async () => {
    const sandbox = await start()
    const ask = await genesysOf(sandbox)
    const headers = { 'inin-ratelimit-allowed': '-1', 'inin-ratelimit-reset': 'never' }
    sandbox.faults.set([
      { kind: 'headers', headers },
      { kind: 'latency', ms: 1 },
      { kind: 'status', status: 500, times: 1 },
    ])
    const [failed, well] = [await ask('/jobs'), await ask('/jobs')]
    expect([failed.status, well.status]).toEqual([500, 200])
    for (const answer of [failed, well]) {
      expect([answer.headers.get('inin-ratelimit-allowed'), answer.headers.get('inin-ratelimit-reset')]).toEqual([
        '-1',
        'never',
      ])
      await answer.text()
    }
    expect(well.headers.get('inin-ratelimit-count')).toMatch(/^\d+$/)
    expect(sandbox.faults.met.headers).toBe(2)
  })

  test('a rewritten list names a job twice, an older list hides a job', async () => {
    const sandbox = await start()
    const ask = connectOf(sandbox)
    const first = sandbox.connect.feed()
    const list = `/v1/content/${first.guid}/jobs`
    const match = { path: /\/jobs$/ }
    sandbox.faults.set([{ kind: 'rewrite', match, body: (text) => `[${text.slice(1, -1)},${text.slice(1, -1)}]` }])
    expect(await jsonOf(ask(list))).toMatchObject([{ key: first.key }, { key: first.key }])
    let before: string | undefined
    sandbox.faults.set([{ kind: 'rewrite', match, body: (text) => (before ??= text) }])
    await (await ask(list)).text()
    sandbox.connect.feed({ guid: first.guid })
    expect(await jsonOf(ask(list))).toHaveLength(1)
    sandbox.faults.set([])
    expect(await jsonOf(ask(list))).toHaveLength(2)
    expect(sandbox.faults.met.rewrite).toBe(3)
  })

  test.each([
    ['download', 'one\r\nt'],
    ['log', '{"entries"'],
    ['tail', '{"source":'],
  ])('a rewritten %s is cut short in good order', async (what, wanted) => {
    const cut = (text: string): string => text.replace('\n', '\r\n').slice(0, what === 'download' ? 6 : 10)
    const sandbox = await withRule({ kind: 'rewrite', body: cut, match: { path: new RegExp(`/${what}`) } })
    const job = sandbox.connect.feed()
    job.write(['one', 'two'].map((data) => ({ source: 'stdout', data })))
    const path = `/v1/content/${job.guid}/jobs/${job.key}/${what}`
    const asked = get(sandbox, path)
    job.finish()
    expect(await asked).toMatchObject({ status: 200, body: wanted, whole: true, length: String(wanted.length) })
  })

  test('a rewritten answer without a body stays one', async () => {
    const sandbox = await withRule({ kind: 'rewrite', body: (text) => text })
    const { guid, key } = sandbox.connect.feed()
    expect(await get(sandbox, `/v1/content/${guid}/jobs/${key}/error`)).toMatchObject({ status: 204, body: '' })
  })

  test('a server hangs up on an idle connection that it announced to keep', async () => {
    const sandbox = await withRule({ kind: 'hangUp', times: 1 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const path = `${sandbox.url}/__api__/server_settings`
    const [status, connection, closed] = await new Promise<[number, string, Promise<unknown>]>((resolve) => {
      nodeGet(path, { agent }, (message) => {
        const end = once(message.socket, 'close')
        message.resume()
        message.once('end', () => resolve([message.statusCode ?? 0, message.headers.connection ?? '', end]))
      })
    })
    expect([status, connection]).toEqual([200, 'keep-alive'])
    await closed
    expect(sandbox.faults.met.hangUp).toBe(1)
    agent.destroy()
  })

  test('silence lasts until the client disconnects', async () => {
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
})

describe('rules', () => {
  /** The kinds that are picked for that many requests of one path. */
  function kinds(rules: ReadonlyArray<FaultRule>, paths: ReadonlyArray<string>, seed = 1): string[] {
    const choose = createChooser(rules, seed)
    return paths.map((path) =>
      choose('GET', path)
        .map(({ fault }) => fault.kind)
        .join('+'),
    )
  }

  const five = Array.from({ length: 5 }, () => '/a')

  test('a rule obeys skip and times', () => {
    expect(kinds([{ kind: 'silence' }], five)).toEqual(Array(5).fill('silence'))
    expect(kinds([{ kind: 'silence', times: 2, skip: 1 }], five)).toEqual(['', 'silence', 'silence', '', ''])
  })

  test('matches by method, by path, or by a function', () => {
    const paths = ['/a?x=1', '/b', '/a']
    expect(kinds([{ kind: 'reset', match: { path: /^\/a/g } }], paths)).toEqual(['reset', '', 'reset'])
    expect(kinds([{ kind: 'reset', match: { method: 'POST' } }], paths)).toEqual(['', '', ''])
    expect(kinds([{ kind: 'reset', match: (method, path) => method === 'GET' && path === '/b' }], paths)).toEqual([
      '',
      'reset',
      '',
    ])
  })

  test('the first rule that fires decides; after latency others apply as well', () => {
    const rules: FaultRule[] = [{ kind: 'latency', ms: 1 }, { kind: 'html', times: 1 }, { kind: 'silence' }]
    expect(kinds(rules, five.slice(0, 2))).toEqual(['latency+html', 'latency+silence'])
  })

  test('probabilities depend on the seed only', () => {
    const rules: FaultRule[] = [{ kind: 'reset', probability: 0.5, match: { path: /^\/a$/ } }]
    const many = Array.from({ length: 200 }, () => '/a')
    const picked = kinds(rules, many, 99)
    expect(kinds(rules, many, 99)).toEqual(picked)
    expect(kinds(rules, many, 100)).not.toEqual(picked)
    const between = kinds(
      rules,
      many.flatMap((path) => ['/other', path]),
      99,
    )
    expect(between.filter((_, index) => index % 2 === 1)).toEqual(picked)
    const hits = picked.filter(Boolean).length
    expect(hits > 60 && hits < 140).toBe(true)
    expect(kinds([{ kind: 'reset', probability: 0 }], many).filter(Boolean)).toEqual([])
  })

  test('a fault that did not happen can be given back', () => {
    const choose = createChooser([{ kind: 'cut', times: 1 }], 1)
    const [first] = choose('GET', '/')
    expect(choose('GET', '/')).toEqual([])
    first?.giveBack()
    expect(choose('GET', '/')).toHaveLength(1)
  })
})

describe('random numbers', () => {
  const numbers = (seed: number, count: number): number[] => {
    const random = createRandom(seed)
    return Array.from({ length: count }, () => random())
  }

  test('the same seed gives the same numbers', () => {
    expect(numbers(7, 50)).toEqual(numbers(7, 50))
    expect(numbers(8, 50)).not.toEqual(numbers(7, 50))
  })

  test('numbers are evenly spread from 0 up to 1', () => {
    const drawn = numbers(42, 20_000)
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => drawn.filter((one) => Math.floor(one * 10) === tenth).length,
    )
    expect(tenths.reduce((sum, count) => sum + count)).toBe(20_000)
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })
})

describe('error bodies', () => {
  test('each service has its own error body', () => {
    expect(JSON.parse(errorAnswer('/__api__/v1/user', 403).body)).toMatchObject({ code: 22, payload: null })
    expect(JSON.parse(errorAnswer('/api/v2/infrastructureascode/jobs', 503).body)).toMatchObject({
      code: 'service.unavailable',
      status: 503,
    })
    expect(JSON.parse(errorAnswer('/oauth/token', 500).body)).toMatchObject({ error: 'server_error' })
  })

  test('plain text where the service has no error body', () => {
    expect(errorAnswer('/__api__/v1/user', 429)).toMatchObject({
      contentType: expect.stringContaining('text/plain') as unknown,
      body: '429 Too Many Requests',
    })
    expect(errorAnswer('/content/x/', 599).body).toBe('599 Error')
  })
})

describe('a running sandbox', () => {
  async function statuses(ask: () => Promise<Response>, count: number): Promise<string> {
    const seen: string[] = []
    for (let index = 0; index < count; index += 1) {
      const answer = await ask()
      await answer.text()
      seen.push(String(answer.status))
    }
    return seen.join(' ')
  }

  test('rules can be replaced while it runs', async () => {
    const sandbox = await start()
    const ask = (): Promise<Response> => connectOf(sandbox)('/v1/user')
    expect(await statuses(ask, 2)).toBe('200 200')
    sandbox.faults.set([{ kind: 'status', status: 503, times: 2 }])
    expect(await statuses(ask, 3)).toBe('503 503 200')
    sandbox.faults.set([])
    expect(await statuses(ask, 1)).toBe('200')
    expect(sandbox.faults.met).toMatchObject({ status: 2, reset: 0 })
  })

  test('the same seed gives the same faults', async () => {
    const rules = [{ kind: 'status' as const, status: 500, probability: 0.5 }]
    const first = await start({ faults: { rules } })
    const second = await start({ faults: { rules, seed: first.faults.seed } })
    const seen = await statuses(() => connectOf(first)('/v1/user'), 30)
    expect(await statuses(() => connectOf(second)('/v1/user'), 30)).toBe(seen)
    expect(new Set(seen.split(' '))).toEqual(new Set(['200', '500']))
    expect(first.faults.met.status).toBe(seen.split(' ').filter((status) => status === '500').length)
  })

  test('a cut beyond the end of a body is not counted', async () => {
    const sandbox = await start({ faults: { rules: [{ kind: 'cut', after: { bytes: 100 }, times: 1 }] } })
    const ask = connectOf(sandbox)
    const job = sandbox.connect.feed()
    await (await ask(`/v1/content/${job.guid}/jobs/${job.key}/log`)).text()
    await sandbox.closed()
    expect(sandbox.faults.met.cut).toBe(0)
    job.write(Array.from({ length: 50 }, () => ({ source: 'stdout', data: 'long enough' })))
    await expect(ask(`/v1/content/${job.guid}/jobs/${job.key}/log`).then((answer) => answer.text())).rejects.toThrow()
    expect(sandbox.faults.met.cut).toBe(1)
  })
})
