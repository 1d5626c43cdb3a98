import { BehaviorSubject, take } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { type Fetch, fetchTransport } from '../../src/core/fetch-transport.ts'
import { type Chunk, type Head, type HttpRequest, header } from '../../src/core/transport.ts'
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

  test('leaving before the head closes the connection', async () => {
    const server = await serve(() => undefined)
    const subscription = transport(get(server.url)).subscribe()
    await until(
      () => server.seen.length,
      (count) => count === 1,
    )
    subscription.unsubscribe()
    await server.left
  })

  test('leaving in the middle of the body closes the connection, and nothing more comes', async () => {
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

  test('while the reader is not ready the socket is not read, and then all of the body comes', async () => {
    const total = 200 * block.length
    let written = 0
    const { url } = await serve((__, response) => void pour(response, 200, (bytes) => (written = bytes)))
    const ready = new BehaviorSubject(true)
    let read = 0
    const whole = new Promise<void>((resolve, reject) => {
      transport(get(url, { ready })).subscribe({
        next: (part) => {
          if (isHead(part)) return
          if (read === 0) ready.next(false)
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
    ready.next(true)
    await whole
    expect([read, written]).toEqual([total, total])
  })

  test('leaving while held closes the connection', async () => {
    const server = await serve((__, response) => response.write('begun'))
    const ready = new BehaviorSubject(false)
    let parts = 0
    const subscription = transport(get(server.url, { ready })).subscribe(() => parts++)
    await until(
      () => parts,
      (count) => count === 2,
    )
    await until(
      () => ready.observed,
      (observed) => observed,
    )
    subscription.unsubscribe()
    await server.left
    expect(ready.observed).toBe(false)
  })

  test('a pace that ends lets the body go on', async () => {
    const { url } = await serve((__, response) => response.end('whole'))
    const ready = new BehaviorSubject(false)
    ready.complete()
    expect(textOf((await outcomeOf(transport(get(url, { ready })))).values)).toBe('whole')
  })
})

test('the default works as cross-fetch does', async () => {
  const { url } = await serve((_, response) => response.end('fine'))
  expect(textOf((await outcomeOf(fetchTransport()(get(url)))).values)).toBe('fine')
})
