import { getEventListeners } from 'node:events'
import crossFetch from 'cross-fetch'
import { BehaviorSubject, take, tap } from 'rxjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type Chunk,
  type Fetch,
  type FetchInit,
  fetchTransport,
  type Head,
  type HttpRequest,
  header,
} from '../../src/core/index.ts'
import { fetches } from './support/fetches.ts'
import { outcomeOf } from './support/outcome.ts'
import { block, pour } from './support/pour.ts'
import { servers } from './support/server.ts'
import { atRest, until } from './support/until.ts'

const serve = servers()
const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: [],
  ...more,
})
const isHead = (part: Head | Chunk): part is Head => 'status' in part
const textOf = (parts: ReadonlyArray<Head | Chunk>): string =>
  Buffer.concat(parts.flatMap((part) => (isHead(part) ? [] : [part.bytes]))).toString()

describe('the signal', () => {
  const answering =
    (signals: Array<AbortSignal>): Fetch =>
    (__, { signal }) => {
      signals.push(signal)
      return Promise.resolve(new Response('one'))
    }

  test('is left alone where the body was read to its end', async () => {
    const signals: Array<AbortSignal> = []
    const { completed } = await outcomeOf(fetchTransport(answering(signals))(get('http://localhost:1/')))
    expect([completed, ...signals.map(({ aborted }) => aborted)]).toEqual([true, false])
  })

  test('aborts what is left before its end, with the head in hand', async () => {
    const signals: Array<AbortSignal> = []
    const { completed } = await outcomeOf(fetchTransport(answering(signals))(get('http://localhost:1/')).pipe(take(1)))
    expect([completed, ...signals.map(({ aborted }) => aborted)]).toEqual([true, true])
  })
})

describe.each(fetches)('%s', (_, fetch) => {
  const transport = fetchTransport(fetch)

  test('a connection over which more goes than a socket takes at once is not kept', async () => {
    const { url, seen } = await serve((_request, response) => response.end('one'))
    const post = (body: string | Uint8Array): HttpRequest => get(url, { method: 'POST', body })
    for (const body of ['x'.repeat(16_385), new Uint8Array(16_385), new Uint8Array(16_384), 'x']) {
      await outcomeOf(transport(post(body)))
    }
    expect(seen.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'keep-alive', 'keep-alive'])
  })

  test('one head, then the body as it comes, then the end', async () => {
    const { url } = await serve((__, response) => {
      response.writeHead(418, { 'X-Id': 'a', 'set-cookie': ['a=1', 'b=2'] })
      response.write('one ')
      setImmediate(() => response.end('two €'))
    })
    const { values, completed } = await outcomeOf(transport(get(url)))
    const [head, ...chunks] = values
    expect(completed).toBe(true)
    expect(head).toMatchObject({ status: 418 })
    expect(chunks.some(isHead)).toBe(false)
    expect(textOf(values)).toBe('one two €')
    const sent = head && isHead(head) ? head.headers : []
    expect(header(sent, 'x-id')).toBe('a')
    expect(sent.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual(['a=1', 'b=2'])
  })

  test('sends method, headers and either kind of body', async () => {
    const { url, seen } = await serve((__, response) => response.end())
    const bytes = new TextEncoder().encode('<€uro>').subarray(1, -1)
    const headers = [
      ['X-Id', 'a'],
      ['content-type', 'text/plain'],
    ] as const
    for (const body of ['ü', bytes, Buffer.from('€uro')])
      await outcomeOf(transport({ method: 'PUT', url: `${url}/p?q=1`, headers, body }))
    expect(seen).toMatchObject([
      { method: 'PUT', url: '/p?q=1', headers: { 'x-id': 'a', 'content-type': 'text/plain' }, body: 'ü' },
      { method: 'PUT', body: '€uro' },
      { method: 'PUT', body: '€uro' },
    ])
  })

  test('asks once for each subscription, and not before', async () => {
    const { url, seen } = await serve((__, response) => response.writeHead(204).end())
    const answer = transport(get(url))
    expect(seen).toHaveLength(0)
    for (let times = 1; times <= 2; times++) {
      expect((await outcomeOf(answer)).values).toMatchObject([{ status: 204 }])
      expect(seen).toHaveLength(times)
    }
  })

  test('unsubscribing before the head closes the connection', async () => {
    const server = await serve(() => undefined)
    const subscription = transport(get(server.url)).subscribe()
    await until(
      () => server.seen.length,
      (count) => count === 1,
    )
    subscription.unsubscribe()
    await server.left
  })

  test('unsubscribing in the middle of the body closes the connection, and nothing more comes', async () => {
    const server = await serve((__, response) => response.write('begun'))
    const parts: Array<Head | Chunk> = []
    await new Promise<void>((resolve) => {
      const subscription = transport(get(server.url)).subscribe((part) => {
        parts.push(part)
        if (isHead(part)) return
        subscription.unsubscribe()
        resolve()
      })
    })
    await server.left
    expect(textOf(parts)).toBe('begun')
  })

  test('a redirect is an answer, and where it leads hears nothing', async () => {
    const other = await serve((__, response) => response.end())
    const { url } = await serve((__, response) => response.writeHead(302, { location: `${other.url}/x` }).end())
    const { values } = await outcomeOf(transport(get(url, { headers: [['authorization', 'Key k']] })))
    expect(values[0]).toMatchObject({ status: 302 })
    expect(other.seen).toHaveLength(0)
  })

  test('an address where nobody listens, and a body cut off, are errors', async () => {
    const server = await serve((__, response) => {
      response.write('begun', () => response.socket?.destroy())
    })
    const cut = await outcomeOf(transport(get(server.url)))
    expect([textOf(cut.values), cut.error instanceof Error]).toEqual(['begun', true])
    await server.close()
    expect((await outcomeOf(transport(get(server.url)))).error).toBeInstanceOf(Error)
  })

  test('while there is no demand the socket is not read, and then all of the body comes', async () => {
    const total = 200 * block.length
    let written = 0
    const { url } = await serve((__, response) => void pour(response, 200, (bytes) => (written = bytes)))
    const demand = new BehaviorSubject(true)
    let read = 0
    const whole = new Promise<void>((resolve, reject) => {
      transport(get(url, { demand })).subscribe({
        next: (part) => {
          if (isHead(part)) return
          if (read === 0) demand.next(false)
          read += part.bytes.byteLength
        },
        error: reject,
        complete: resolve,
      })
    })
    await until(
      () => read,
      (bytes) => bytes > 0,
    )
    const held = await atRest(() => written)
    expect(held).toBeLessThan(total / 2)
    expect(read).toBeLessThanOrEqual(block.length)
    demand.next(true)
    await whole
    expect([read, written]).toEqual([total, total])
  })

  test('unsubscribing while held back closes the connection', async () => {
    const server = await serve((__, response) => response.write('begun'))
    const demand = new BehaviorSubject(false)
    let parts = 0
    const subscription = transport(get(server.url, { demand })).subscribe(() => parts++)
    await until(
      () => parts,
      (count) => count === 2,
    )
    await until(
      () => demand.observed,
      (observed) => observed,
    )
    subscription.unsubscribe()
    await server.left
    expect(demand.observed).toBe(false)
  })

  test('a demand that ends lets the body go on', async () => {
    const { url } = await serve((__, response) => response.end('whole'))
    const demand = new BehaviorSubject(false)
    demand.complete()
    expect(textOf((await outcomeOf(transport(get(url, { demand })))).values)).toBe('whole')
  })
})

describe('the default', () => {
  test("is the platform's fetch, as it is at the request", async () => {
    const { url } = await serve((_, response) => response.end('fine'))
    const transport = fetchTransport()
    const patched = vi.spyOn(globalThis, 'fetch')
    onTestFinished(() => patched.mockRestore())
    expect(textOf((await outcomeOf(transport(get(url)))).values)).toBe('fine')
    expect(patched).toHaveBeenCalledOnce()
  })

  test('is cross-fetch where there is none', async () => {
    const { url, seen } = await serve((_, response) => response.end('fine'))
    vi.stubGlobal('fetch', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(textOf((await outcomeOf(fetchTransport()(get(url)))).values)).toBe('fine')
    expect(seen[0]?.headers['user-agent']).toContain('node-fetch')
  })
})

test('an abort of one request leaves the next ones over the same transport alone', async () => {
  const { url } = await serve(({ url }, response) => {
    if (url === '/slow') response.write('begun')
    else response.end('fine')
  })
  const transport = fetchTransport(crossFetch)
  for (let round = 0; round < 3; round++) {
    const [fine] = await Promise.all([
      outcomeOf(transport(get(`${url}/`))),
      outcomeOf(transport(get(`${url}/slow`)).pipe(take(2))),
    ])
    expect(textOf(fine.values)).toBe('fine')
  }
})

test('fetch is not called as a method, and gets what it may need', async () => {
  const calledOn: Array<unknown> = []
  let init: FetchInit | undefined
  const own: Fetch = function (this: unknown, _, given) {
    calledOn.push(this)
    init = given
    return Promise.resolve({ status: 200, headers: new Headers([['a', 'b']]), body: null })
  }
  const request = get('https://example.com', { method: 'POST', headers: [['a', 'b']], body: 'x' })
  const { values, completed } = await outcomeOf(fetchTransport(own)(request))
  expect([values, completed]).toEqual([[{ status: 200, headers: [['a', 'b']] }], true])
  expect(calledOn).toEqual([undefined])
  expect(init).toMatchObject({ method: 'POST', headers: { a: 'b' }, body: 'x', redirect: 'manual' })
})

test.each<[string, Fetch]>([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
  ['has no body to read', () => Promise.resolve({ status: 200, headers: new Headers(), body: {} })],
])('a fetch that %s is an error, and its signal is aborted', async (_, fetch) => {
  let aborted: (() => boolean) | undefined
  const watched: Fetch = (url, init) => {
    aborted = () => init.signal.aborted
    return fetch(url, init)
  }
  expect((await outcomeOf(fetchTransport(watched)(get('https://example.com')))).error).toBeInstanceOf(Error)
  expect(aborted?.()).toBe(true)
})

test('a fetch that ignores its signal is not listened to once the reader has left', async () => {
  let answer: (body: AsyncIterable<Uint8Array>) => void = () => undefined
  const deaf: Fetch = () =>
    new Promise((resolve) => {
      answer = (body) => resolve({ status: 200, headers: new Headers(), body })
    })
  const parts: Array<Head | Chunk> = []
  let asked = 0
  async function* many(): AsyncGenerator<Uint8Array> {
    // Not endless, so that one who reads on is found out and does not hang.
    while (asked < 1_000) {
      asked++
      await Promise.resolve()
      yield Uint8Array.of(asked)
    }
  }
  const transport = fetchTransport(deaf)
  transport(get('https://example.com'))
    .subscribe((part) => parts.push(part))
    .unsubscribe()
  answer(many())
  await new Promise((resolve) => setImmediate(resolve))
  expect([parts, asked]).toEqual([[], 0])

  const subscription = transport(get('https://example.com')).subscribe((part) => {
    parts.push(part)
    if (parts.length === 3) subscription.unsubscribe()
  })
  answer(many())
  expect(await atRest(() => asked)).toBeLessThanOrEqual(3)
  expect(parts).toHaveLength(3)
})

test('of the times that the reader held back nothing is left on the signal', async () => {
  const left: Array<number> = []
  const own: Fetch = (_, { signal }) => {
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let count = 1; count <= 5; count++) {
        await Promise.resolve()
        left.push(getEventListeners(signal, 'abort').length)
        yield Uint8Array.of(count)
      }
    }
    return Promise.resolve({ status: 200, headers: new Headers(), body: body() })
  }
  const demand = new BehaviorSubject(true)
  const held = fetchTransport(own)(get('https://example.com', { demand })).pipe(
    tap((part) => {
      if (!('bytes' in part)) return
      demand.next(false)
      setImmediate(() => demand.next(true))
    }),
  )
  expect((await outcomeOf(held)).values).toHaveLength(6)
  expect(left).toEqual([0, 0, 0, 0, 0])
})
