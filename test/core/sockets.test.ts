import * as t from 'io-ts'
import { take } from 'rxjs'
import { startSandbox } from 'rxjobs/sandbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  apiKeyAuth,
  client,
  type Endpoint,
  inPath,
  json,
  NetworkError,
  RequestTimeoutError,
  struct,
} from '../../src/core/index.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { errorOf, instance, outcomeOf } from './support/outcome.ts'
import { WatchedScheduler } from './support/schedulers.ts'
import { answerJson, type Handle } from './support/server.ts'
import { downloadThing, getThing, postThing, tailThings } from './support/things.ts'
import { atRest, until } from './support/until.ts'

const start = setups()

const getJob: Endpoint<{ readonly guid: string; readonly key: string }, { readonly key: string }> = {
  name: 'getJob',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}',
  parameters: { guid: inPath, key: inPath },
  responses: { 200: json(struct<{ readonly key: string }>('Job', { key: t.string })) },
}

describe.each(fetches)('%s', (_, fetch) => {
  const setup: typeof start = (handle, options) => start(handle, { fetch, ...options })

  test.each([
    ['chunked', {}, 5_000],
    ['with its length', { 'content-length': 100 }, 50],
  ])('a body that is cut off, %s, is a NetworkError', async (__, headers, idleTimeout) => {
    const scheduler = new WatchedScheduler()
    const { api } = await setup(
      (___, response) => {
        response.writeHead(200, headers)
        response.write('{"id":', () => response.socket?.destroy())
      },
      { idleTimeout, scheduler },
    )
    for (const endpoint of [getThing, downloadThing]) {
      await errorOf(api.run<{ readonly id: string }, unknown>(endpoint, { id: 'a' }), instance(NetworkError))
    }
    expect(scheduler.running.size).toBe(0)
  })

  test('silence instead of an answer, and in the middle of one', async () => {
    const scheduler = new WatchedScheduler()
    const { api, server } = await setup(
      ({ url }, response) => {
        if (url.includes('begun')) response.write('{"id":')
      },
      { timeout: 60, idleTimeout: 40, scheduler },
    )
    expect(await errorOf(api.run(getThing, { id: 'none' }), instance(RequestTimeoutError))).toMatchObject({
      waitingFor: 'response',
      after: 60,
    })
    await server.left
    expect(await errorOf(api.run(getThing, { id: 'begun' }), instance(RequestTimeoutError))).toBeInstanceOf(Error)
    expect(
      await errorOf(api.run(downloadThing, { id: 'begun' }, { timeout: 5_000 }), instance(RequestTimeoutError)),
    ).toMatchObject({
      ...{ waitingFor: 'body', after: 40 },
    })
    expect(scheduler.running.size).toBe(0)
  })

  test('unsubscribing before the head, and in the middle of a body, is seen by the server and leaves no timer', async () => {
    for (const begin of [false, true]) {
      const scheduler = new WatchedScheduler()
      const handle: Handle = (__, response) => {
        if (begin) response.write('{}\n')
      }
      const { api, server } = await setup(handle, { scheduler })
      let heard = 0
      const subscription = api.run(tailThings, { id: 'a' }).subscribe(() => heard++)
      await until(
        () => (begin ? heard : server.seen.length),
        (count) => count === 1,
      )
      subscription.unsubscribe()
      await server.left
      expect(scheduler.running.size).toBe(0)
    }
  })

  test('taking the first value only closes the connection', async () => {
    const { api, server } = await setup((__, response) => void response.write('{"id":1}\n{"id":2}\n'))
    expect((await outcomeOf(api.run(tailThings, { id: 'a' }).pipe(take(1)))).values).toEqual([{ id: 1 }])
    await server.left
  })

  test('an answer that comes in time leaves no timer', async () => {
    const scheduler = new WatchedScheduler()
    const { api } = await setup((__, response) => answerJson(response, { id: 'a' }), { scheduler })
    expect((await outcomeOf(api.run(getThing, { id: 'a' }))).completed).toBe(true)
    expect(scheduler.running.size).toBe(0)
  })

  test('a whole service that fails in every way, and is fine in the end', async () => {
    const sandbox = await startSandbox({
      faults: {
        rules: [
          { kind: 'reset', times: 1 },
          { kind: 'cut', after: { bytes: 10 }, times: 1 },
          { kind: 'stall', after: { bytes: 10 }, times: 1 },
          { kind: 'silence', times: 1 },
          { kind: 'status', status: 503, times: 1 },
          { kind: 'status', status: 429, retryAfter: 0, times: 1 },
          { kind: 'html', status: 502, times: 1 },
        ],
      },
    })
    onTestFinished(() => sandbox.close())
    const { guid, key } = sandbox.connect.feed()
    const scheduler = new WatchedScheduler()
    const api = client({
      baseUrl: `${sandbox.connect.server}/__api__`,
      auth: apiKeyAuth('Key', 'apiKey', sandbox.connect.apiKey),
      ...{ fetch, scheduler, timeout: 1_500, idleTimeout: 700, random: () => 0, retry: { maxAttempts: 8 } },
    })
    const { values, completed } = await outcomeOf(api.run(getJob, { guid, key }))
    expect([values, completed]).toMatchObject([[{ key }], true])
    expect(sandbox.exchanges).toHaveLength(8)
    expect(sandbox.inFlight()).toBe(0)
    expect(scheduler.running.size).toBe(0)
  })

  /** A server that closes a connection when a second request comes on it, as one does that closed it while it was idle. */
  const closing = (counts: Map<unknown, number>): Handle => {
    return ({ method }, response) => {
      const { socket } = response
      const count = (counts.get(socket) ?? 0) + 1
      counts.set(socket, count)
      if (count === 1) return answerJson(response, { id: method })
      socket?.destroy()
    }
  }

  test('a kept connection that the service closed costs reads nothing, also where many were kept', async () => {
    const counts = new Map<unknown, number>()
    const { api, server } = await setup(closing(counts))
    for (const many of [1, 1, 4, 4]) {
      const reads = Array.from({ length: many }, () => outcomeOf(api.run(getThing, { id: 'a' })))
      for (const { values, completed } of await Promise.all(reads))
        expect([values.length, completed]).toEqual([1, true])
    }
    expect([...counts.values()]).toContain(2)
    expect(server.seen.length).toBeLessThanOrEqual(20)
  })

  test('a POST on such a connection is sent once, and its error says that it may have arrived', async () => {
    const { api, server } = await setup(closing(new Map()))
    await outcomeOf(api.run(getThing, { id: 'a' }))
    // The platform's fetch keeps a connection a moment after its answer was read.
    await atRest(() => server.seen.length)
    const { message } = await errorOf(api.run(postThing, { id: 'b' }), instance(NetworkError))
    expect(message).toContain('it may have arrived: find out before you send it again')
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  test('where every connection is reset a read is sent once, or five times after a response', async () => {
    const { api, server } = await setup((__, response) => {
      if (server.seen.length === 1) answerJson(response, { id: 'a' })
      else response.socket?.destroy()
    })
    for (const times of [1, 6, 7, 8]) {
      await outcomeOf(api.run(getThing, { id: 'a' }))
      expect(server.seen.length).toBe(times)
    }
  })
})
