import { tap } from 'rxjs'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { isDecodeError, isHttpError, isNetworkError } from '../../src/core/errors/index.ts'
import { valueStream } from '../../src/core/framing/value-stream.ts'
import { always, elements, mapWhole } from '../../src/core/reader.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { errorOf, outcomeOf } from './support/outcome.ts'
import { block, pour } from './support/pour.ts'
import { answerJson } from './support/server.ts'
import { downloadThing, getThing, tailThings } from './support/things.ts'

const start = setups()

describe.each(fetches)('%s', (_, fetch) => {
  const setup: typeof start = (handle, options) => start(handle, { fetch, ...options })

  test('of a body that is too large no more is read than the bound and what is under way', async () => {
    let sent = 0
    const { api, server } = await setup((__, response) => void pour(response, 100, (bytes) => (sent = bytes)), {
      maxBodyBytes: 10_000,
    })
    const { issues } = await errorOf(api.run(getThing, { id: 'a' }), isDecodeError)
    expect(issues).toEqual([{ path: '', expected: 'at most 10000 bytes (maxBodyBytes)', actual: 'larger' }])
    await server.left
    expect(sent).toBeLessThan(50 * block.length)
  })

  test('a body of exactly the bound is read', async () => {
    const { api } = await setup((__, response) => answerJson(response, { id: 'x' }), { maxBodyBytes: 10 })
    expect((await outcomeOf(api.run(getThing, { id: 'a' }))).values).toEqual([{ id: 'x' }])
  })

  test('of an endless failure so much is kept as is useful, and the connection is closed', async () => {
    const { api, server } = await setup((__, response) => {
      response.writeHead(500)
      const more = (): void => {
        if (!response.destroyed) response.write('word '.repeat(1_000), () => setImmediate(more))
      }
      more()
    })
    const { body } = await errorOf(api.run(getThing, { id: 'a' }), isHttpError)
    expect(body).toHaveLength(65_536)
    await server.left
  })

  test('values of a stream come while it is open, and one that does not fit ends it', async () => {
    let goOn: () => void = () => undefined
    const { api, server } = await setup((__, response) => {
      response.write('{"id":1}\n')
      goOn = () => response.write('oops\n')
    })
    const seen: Array<unknown> = []
    const tail = api.run(tailThings, { id: 'a' }).pipe(
      tap((value) => {
        seen.push(value)
        goOn()
      }),
    )
    expect((await errorOf(tail, isDecodeError)).issues).toEqual([{ path: '', expected: 'JSON', actual: '"oops"' }])
    expect(seen).toEqual([{ id: 1 }])
    await server.left
  })

  test('a failure of an open connection is bounded in time, though the connection itself is not', async () => {
    const { api, server } = await setup(
      (__, response) => void response.writeHead(503, { 'content-length': 100 }).write('x'),
      { idleTimeout: 100 },
    )
    const error = await errorOf(api.run(tailThings, { id: 'a' }), isNetworkError)
    expect(error.message).toContain('stopped after 1 of 100 bytes')
    await server.left
  })

  test('an open connection that has a length after all is not waited on for ever when it is cut off', async () => {
    const { api } = await setup(
      (__, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"id":1}\n', () => response.socket?.end())
      },
      { idleTimeout: 200 },
    )
    const seen: Array<unknown> = []
    const tail = api.run(tailThings, { id: 'a' }).pipe(tap((value) => seen.push(value)))
    await errorOf(tail, isNetworkError)
    expect(seen).toEqual([{ id: 1 }])
  })

  test('what is streamed is asked for uncompressed, what is read whole as fetch does', async () => {
    const { api, server } = await setup((__, response) => response.end('{"id":"a"}'))
    for (const endpoint of [downloadThing, tailThings, getThing])
      await outcomeOf(api.run<{ id: string }, unknown>(endpoint, { id: 'a' }))
    const [download, tail, whole] = server.seen.map(({ headers }) => headers['accept-encoding'])
    expect([download, tail]).toEqual(['identity', 'identity'])
    expect(whole).toContain('gzip')
  })

  test('a connection where nobody listens is a NetworkError that says so', async () => {
    const { api, server } = await setup(() => undefined)
    await server.close()
    expect(await errorOf(api.run(getThing, { id: 'a' }), isNetworkError)).toMatchObject({
      cause: { code: 'ECONNREFUSED' },
      path: '/things/a',
    })
  })
})

test('a reader that fails otherwise than with a mismatch ends the call, too', async () => {
  const endpoint: Endpoint<{ readonly id: string }, string> = {
    ...getThing,
    answers: {
      200: mapWhole(always('x'), () => {
        throw new RangeError('a bug of its own')
      }),
    },
  }
  const { api } = await start((_, response) => response.end('{}'))
  const { issues } = await errorOf(api.run(endpoint, { id: 'a' }), isDecodeError)
  expect(issues).toEqual([{ path: '', expected: 'what its reader can take', actual: 'RangeError: a bug of its own' }])
})

test('so does one in the middle of a stream', async () => {
  const endpoint: Endpoint<{ readonly id: string }, string> = {
    ...getThing,
    answers: {
      200: elements(
        valueStream(() => {
          throw new RangeError('a bug of its own')
        }),
      ),
    },
  }
  const { api, server } = await start((_, response) => void response.write('{}\n'))
  expect(await errorOf(api.run(endpoint, { id: 'a' }), isDecodeError)).toBeInstanceOf(Error)
  await server.left
})
