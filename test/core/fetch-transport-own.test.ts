import { getEventListeners } from 'node:events'
import { BehaviorSubject, tap } from 'rxjs'
import { expect, test } from 'vitest'
import { type Fetch, type FetchInit, fetchTransport } from '../../src/core/fetch-transport.ts'
import type { Chunk, Head, HttpRequest } from '../../src/core/transport.ts'
import { outcomeOf } from './support/outcome.ts'
import { atRest } from './support/until.ts'

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: [],
  ...more,
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
  const ready = new BehaviorSubject(true)
  const held = fetchTransport(own)(get('https://example.com', { ready })).pipe(
    tap((part) => {
      if (!('bytes' in part)) return
      ready.next(false)
      setImmediate(() => ready.next(true))
    }),
  )
  expect((await outcomeOf(held)).values).toHaveLength(6)
  expect(left).toEqual([0, 0, 0, 0, 0])
})
