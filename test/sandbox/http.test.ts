import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { isObject, parseObject, readBytes, readText } from '../../sandbox/http/body.ts'
import { Exchanges } from '../../sandbox/http/exchanges.ts'
import type { MeteredResponse } from '../../sandbox/http/response.ts'
import { listen, type Listening } from '../../sandbox/http/server.ts'
import { until } from './support.ts'

describe('request bodies', () => {
  let listening: Listening | undefined
  afterEach(() => listening?.close())

  /** Posts the pieces to a server that answers with what it read of them. */
  async function send(pieces: string[], maxBytes: number, length?: number): Promise<string> {
    listening = await listen(0, (incoming, response) => {
      void readBytes(incoming, maxBytes).then((bytes) => response.end(bytes?.toString() ?? 'too large'))
    })
    const { url } = listening
    return new Promise((resolve, reject) => {
      const headers = length === undefined ? {} : { 'content-length': length }
      const asked = request(url, { method: 'POST', headers }, (message) => {
        let text = ''
        message.on('data', (bytes: Buffer) => void (text += bytes.toString()))
        message.once('end', () => resolve(text))
      })
      asked.once('error', reject)
      for (const piece of pieces) asked.write(piece)
      asked.end()
    })
  }

  test('reads bodies up to the limit, chunked or with a Content-Length', async () => {
    expect(await send(['ab', 'é'], 4)).toBe('abé')
    expect(await send(['ab', 'c'], 4, 3)).toBe('abc')
    expect(await send([], 4)).toBe('')
  })

  test('refuses a larger body and still answers', async () => {
    expect(await send(['abc', 'de'], 4)).toBe('too large')
    expect(await send(['abcde'], 4, 5)).toBe('too large')
  })

  test('refuses text over 1 MiB', async () => {
    listening = await listen(0, (incoming, response) => {
      void readText(incoming).then((text) => response.end(String(text?.length)))
    })
    const lengthOf = async (body: string): Promise<string> =>
      (await fetch(listening?.url ?? '', { method: 'POST', body })).text()
    expect([await lengthOf('é'), await lengthOf('x'.repeat(3 << 20))]).toEqual(['1', 'undefined'])
  })
})

describe('JSON objects', () => {
  test('isObject is true for objects only', () => {
    expect([{}, { a: 1 }].every(isObject)).toBe(true)
    expect([null, [], 'a', 1, undefined].some(isObject)).toBe(false)
  })

  test('parses objects and nothing else', () => {
    expect(parseObject('{"a":1}')).toEqual({ a: 1 })
    expect(['[1]', '1', 'null', '{', ''].map(parseObject)).toEqual(Array(5).fill(undefined))
  })
})

describe('metered responses', () => {
  let listening: Listening | undefined
  afterEach(() => listening?.close())

  interface Got {
    readonly status: number | undefined
    readonly body: string
    readonly whole: boolean
  }

  /** What a client gets of an answer, however it ends. */
  async function get(answer: (response: MeteredResponse) => void): Promise<Got> {
    listening = await listen(0, (_, response) => answer(response))
    const { url } = listening
    return new Promise((resolve) => {
      const asked = request(url, (message) => {
        let body = ''
        message.on('data', (bytes: Buffer) => void (body += bytes.toString()))
        message.on('error', () => undefined)
        message.once('close', () => resolve({ status: message.statusCode, body, whole: message.complete }))
      })
      asked.once('error', () => resolve({ status: undefined, body: '', whole: false }))
      asked.end()
    })
  }

  test('counts the bytes of the body in every encoding', async () => {
    let seen: MeteredResponse | undefined
    const got = await get((response) => {
      seen = response
      response.write('é')
      response.write(Buffer.from('ab'), () => undefined)
      response.write('63', 'hex')
      response.end('é', 'latin1')
    })
    expect(got.whole).toBe(true)
    expect(seen?.bodyBytes).toBe(2 + 2 + 1 + 1)
  })

  test('sends exactly the allowed bytes, then calls', async () => {
    let calls = 0
    const got = await get((response) => {
      response.limitBody(3, () => {
        calls += 1
        response.socket?.destroy()
      })
      response.write('ab')
      expect(response.write('cdef')).toBe(false)
      response.end('gh')
    })
    expect(got).toEqual({ status: 200, body: 'abc', whole: false })
    expect(calls).toBe(1)
  })

  test('a limit of 0 bytes sends the head', async () => {
    const got = await get((response) => {
      response.limitBody(0, () => response.socket?.destroy())
      response.writeHead(201, { 'Content-Length': 2 })
      response.end('ab')
    })
    expect(got).toEqual({ status: 201, body: '', whole: false })
  })

  test('a body within its limit is sent whole', async () => {
    const got = await get((response) => {
      response.limitBody(2, () => response.socket?.destroy())
      response.end('ab')
    })
    expect(got).toEqual({ status: 200, body: 'ab', whole: true })
  })

  test('holdBack sends not even the head', async () => {
    const got = await get((response) => {
      response.holdBack(() => response.socket?.destroy())
      response.writeHead(200)
      response.flushHeaders()
    })
    expect(got.status).toBeUndefined()
  })

  test('fallSilent sends not even the end', async () => {
    let seen: MeteredResponse | undefined
    const got = get((response) => {
      seen = response
      response.write('a')
      response.fallSilent()
      response.write('b')
      response.end()
    })
    await until(
      () => seen?.bodyBytes,
      (bytes) => bytes === 1,
    )
    expect(seen?.writableEnded).toBe(false)
    seen?.socket?.destroy()
    expect(await got).toEqual({ status: 200, body: 'a', whole: false })
  })
})

describe('the server', () => {
  test('close destroys open sockets', async () => {
    const listening = await listen(0, (_, response) => void response.write('a'))
    expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { body } = await fetch(listening.url)
    await listening.close()
    await expect(new Response(body).text()).rejects.toThrow()
    await expect(fetch(listening.url)).rejects.toThrow()
  })

  test('rejects when the port is taken', async () => {
    const first = await listen(0, (_, response) => void response.end())
    const { port } = new URL(first.url)
    await expect(listen(Number(port), () => undefined)).rejects.toThrow(
      `port ${port} is taken: choose another with --port`,
    )
    await first.close()
  })
})

describe('the record of exchanges', () => {
  let listening: Listening | undefined
  afterEach(() => listening?.close())

  /** Answers `/slow` never and everything else at once. */
  async function serve(exchanges: Exchanges): Promise<string> {
    listening = await listen(0, (request, response) => {
      exchanges.record(request, response)
      if (request.url?.startsWith('/slow') === true) response.write('so far')
      else response.end('done')
    })
    return listening.url
  }

  test('records the request without its secret', async () => {
    const exchanges = new Exchanges()
    const url = await serve(exchanges)
    await (await fetch(`${url}/a?b=1`, { method: 'POST', headers: { authorization: 'Key secret' } })).text()
    const exchange = await exchanges.closed()
    expect(exchange).toMatchObject({ method: 'POST', path: '/a?b=1', authorization: 'Key', status: 200, bytesOut: 4 })
    expect(exchange.aborted).toBe(false)
    expect(exchange.closedAt).toBeGreaterThanOrEqual(exchange.openedAt)
    expect(JSON.stringify(exchanges.list)).not.toContain('secret')
  })

  test('records nothing of an Authorization header without scheme', async () => {
    const exchanges = new Exchanges()
    const url = await serve(exchanges)
    await (await fetch(url, { headers: { authorization: 'all-secret' } })).text()
    expect((await exchanges.closed()).authorization).toBeUndefined()
    expect(JSON.stringify(exchanges.list)).not.toContain('secret')
  })

  test('records a client that disconnects within a response', async () => {
    const exchanges = new Exchanges()
    const url = await serve(exchanges)
    const abort = new AbortController()
    await fetch(`${url}/slow`, { signal: abort.signal })
    expect(exchanges.inFlight()).toBe(1)
    expect(exchanges.inFlight(({ path }) => path === '/other')).toBe(0)
    const closed = exchanges.closed(({ path }) => path === '/slow')
    const at = performance.timeOrigin + performance.now()
    abort.abort()
    const exchange = await closed
    expect(exchange).toMatchObject({ aborted: true, status: 200, bytesOut: 6 })
    expect((exchange.closedAt ?? 0) - at).toBeLessThan(1000)
    expect(exchanges.inFlight()).toBe(0)
  })

  test('keeps the last exchanges, and counts open ones that it no longer keeps', async () => {
    const exchanges = new Exchanges(2)
    const url = await serve(exchanges)
    const abort = new AbortController()
    await fetch(`${url}/slow`, { signal: abort.signal })
    for (const path of ['/1', '/2', '/3']) await (await fetch(url + path)).text()
    expect(exchanges.list.map(({ path }) => path)).toEqual(['/2', '/3'])
    expect(exchanges.inFlight()).toBe(1)
    abort.abort()
  })

  test('close rejects pending waits', async () => {
    const exchanges = new Exchanges()
    const waiting = exchanges.closed()
    exchanges.close()
    await expect(waiting).rejects.toThrow('closed')
  })
})
