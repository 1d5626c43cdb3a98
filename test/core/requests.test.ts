import type { ServerResponse } from 'node:http'
import * as t from 'io-ts'
import { of, tap } from 'rxjs'
import { describe, expect, test } from 'vitest'
import {
  asBody,
  type BodyDecoder,
  type ClientOptions,
  DecodeError,
  type Endpoint,
  HttpError,
  isRequestError,
  json,
  jsonStream,
  NetworkError,
  noContent,
  type Transport,
} from '../../src/core/index.ts'
import { fetches } from './support/fetches.ts'
import { setups } from './support/http-client.ts'
import { errorOf, instance, outcomeOf } from './support/outcome.ts'
import { block, pour } from './support/pour.ts'
import { answerJson, servers } from './support/server.ts'
import { downloadThing, getThing, getThings, postThing, tailThings, type Thing } from './support/things.ts'

const serve = servers()
const start = setups()

describe.each(fetches)('%s', (_, fetch) => {
  const setup: typeof start = (handle, options) => start(handle, { fetch, ...options })

  test('asks for JSON, with the key, and sends JSON', async () => {
    const { api, server } = await setup((seen, response) => answerJson(response, { id: seen.body }))
    expect(await outcomeOf(api.run(postThing, { id: 'ü' }))).toMatchObject({ values: [{ id: '{"id":"ü"}' }] })
    await outcomeOf(api.run({ ...getThings, accept: 'text/x' }, { page: 2 }))
    expect(server.seen).toMatchObject([
      {
        ...{ method: 'POST', url: '/v1/things', body: '{"id":"ü"}' },
        headers: { accept: 'application/json', 'content-type': 'application/json', authorization: 'Bearer a-token' },
      },
      { method: 'GET', url: '/v1/things?page=2', headers: { accept: 'text/x' } },
    ])
    expect(server.seen[1]?.headers).not.toHaveProperty('content-type')
  })

  test('sends bytes as they are, with the type that the endpoint says', async () => {
    const { api, server } = await setup((seen, response) => answerJson(response, { id: seen.body }))
    const upload: Endpoint<{ readonly archive: Uint8Array }, Thing> = {
      ...{ name: 'upload', method: 'POST', path: '/things', parameters: { archive: asBody } },
      responses: postThing.responses,
    }
    const archive = new TextEncoder().encode('<bytes>').subarray(1, -1)
    expect(await outcomeOf(api.run(upload, { archive }))).toMatchObject({ values: [{ id: 'bytes' }] })
    await outcomeOf(api.run({ ...upload, contentType: 'application/gzip' }, { archive }))
    expect(server.seen.map(({ headers }) => headers['content-type'])).toEqual([
      'application/octet-stream',
      'application/gzip',
    ])
  })

  test('an answer by its status, any other success like 200', async () => {
    const endpoint: Endpoint<{ readonly id: string }, string> = {
      ...getThing,
      responses: { 200: json(t.string), 204: noContent('nothing') },
    }
    const { api } = await setup(({ url }, response) => {
      const status = Number(url.split('/').pop())
      if (status === 204) response.writeHead(204).end()
      else answerJson(response, 'x', status)
    })
    for (const [id, value] of [
      ['200', 'x'],
      ['202', 'x'],
      ['204', 'nothing'],
    ] as const) {
      expect((await outcomeOf(api.run(endpoint, { id }))).values).toEqual([value])
    }
  })

  test('a failure says what the service said', async () => {
    const { api } = await setup(
      (__, response) => {
        response.writeHead(409, { 'retry-after': '3', 'X-Correlation': 'c-7' })
        response.end('{"code":163,"error":"it runs"}')
      },
      {
        correlationHeader: 'x-correlation',
        errorDetail: (body, headers) => ({ code: JSON.stringify(body).length, detail: `of ${typeof headers}` }),
      },
    )
    expect(await errorOf(api.run(getThing, { id: 'a b' }), instance(HttpError))).toMatchObject({
      ...{ method: 'GET', path: '/v1/things/a%20b', status: 409, code: 30, detail: 'of object' },
      ...{ correlationId: 'c-7', retryAfter: 3_000, body: { code: 163, error: 'it runs' }, missing: undefined },
    })
  })

  test('a redirect is a failure that says where it leads, and nothing is sent there', async () => {
    const other = await serve((__, response) => answerJson(response, { id: 'a' }))
    const { api } = await setup((__, response) => {
      response.writeHead(307, { location: `${other.url}/away?code=1` }).end()
    })
    for (const answer of [api.run(getThing, { id: 'a' }), api.run(postThing, { id: 'a' })]) {
      const { message, status } = await errorOf(answer, instance(HttpError))
      expect(status).toBe(307)
      expect(message).toContain(`redirected to ${other.url}/away, which is not followed`)
    }
    expect(other.seen).toHaveLength(0)
  })

  test.each([
    ['{"size":', { path: '', expected: 'JSON', actual: '"{\\"size\\":"' }],
    [
      '<html>',
      {
        path: '',
        expected: 'JSON',
        actual: 'a web page, not the API: is the address right, is a login or proxy before it?',
      },
    ],
    ['', { path: '', expected: 'JSON', actual: 'empty' }],
    ['{"id":"a","size":"5"}', { path: 'size', expected: 'number', actual: '"5"' }],
  ])('the body %j does not fit', async (body, issue) => {
    const { api } = await setup((__, response) => response.writeHead(200, { 'x-id': 'c' }).end(body), {
      correlationHeader: 'X-Id',
    })
    expect(await errorOf(api.run(getThing, { id: 'a' }), instance(DecodeError))).toMatchObject({
      ...{ path: '/v1/things/a', correlationId: 'c', issues: [issue] },
    })
  })

  test('a wrong type deep inside is named by its path', async () => {
    const things = Array.from({ length: 50 }, (__, index) => ({ id: 'a', size: index === 33 ? true : index }))
    const { api, server } = await setup((__, response) => answerJson(response, things))
    const { message } = await errorOf(api.run(getThings, {}), instance(DecodeError))
    expect(message).toBe(`GET /v1/things at ${server.url}: [33].size should be number, was true`)
  })
})

describe.each(fetches)('bounds with %s', (_, fetch) => {
  const setup: typeof start = (handle, options) => start(handle, { fetch, ...options })

  test('of a body that is too large no more is read than the bound and what is under way', async () => {
    let sent = 0
    const { api, server } = await setup((__, response) => void pour(response, 100, (bytes) => (sent = bytes)), {
      maxBodyBytes: 10_000,
    })
    const { issues } = await errorOf(api.run(getThing, { id: 'a' }), instance(DecodeError))
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
    const { body } = await errorOf(api.run(getThing, { id: 'a' }), instance(HttpError))
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
    expect((await errorOf(tail, instance(DecodeError))).issues).toEqual([
      { path: '', expected: 'JSON', actual: '"oops"' },
    ])
    expect(seen).toEqual([{ id: 1 }])
    await server.left
  })

  test('a failure of an open connection is bounded in time, though the connection itself is not', async () => {
    const { api, server } = await setup(
      (__, response) => void response.writeHead(503, { 'content-length': 100 }).write('x'),
      { idleTimeout: 100 },
    )
    const error = await errorOf(api.run(tailThings, { id: 'a' }), instance(NetworkError))
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
    await errorOf(tail, instance(NetworkError))
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
    expect(await errorOf(api.run(getThing, { id: 'a' }), instance(NetworkError))).toMatchObject({
      cause: { code: 'ECONNREFUSED' },
      path: '/v1/things/a',
    })
  })
})

describe('what a failure says', () => {
  const failureOf = async (
    respond: (response: ServerResponse) => void,
    options: Partial<ClientOptions> = {},
  ): Promise<HttpError> => {
    const { api } = await start((_, response) => respond(response), options)
    return errorOf(api.run(getThing, { id: 'a' }), instance(HttpError))
  }
  /** The envelope of a service whose errors are `{ error }`. */
  const errorDetail: ClientOptions['errorDetail'] = (body) =>
    typeof body === 'object' && body !== null && 'error' in body ? { code: 7, detail: String(body.error) } : undefined

  test.each([
    ['Bad Gateway\nby a proxy', 'Bad Gateway'],
    [' \n Bad Gateway', 'Bad Gateway'],
    ['<html><title>Sign in</title>', expect.stringContaining('a web page, not the API') as unknown],
    ['', undefined],
    ['x'.repeat(500), `${'x'.repeat(200)}…`],
    ['{"error":"full"}', undefined],
  ])('a body without the envelope of the service: %j', async (body, detail) => {
    const plain = body.startsWith('{') ? undefined : detail
    const error = await failureOf((response) => response.writeHead(502).end(body))
    expect(error.detail).toEqual(body.startsWith('{') ? body : plain)
    expect((await failureOf((response) => response.writeHead(502).end(body), { errorDetail })).detail).toEqual(
      body.startsWith('{') ? 'full' : plain,
    )
  })

  test.each([401, 403, 407, 511])(
    '%i with a web page says that a web page answered, at the first try',
    async (status) => {
      for (const [, fetch] of fetches) {
        const { api, server } = await start(
          (_, response) => response.writeHead(status).end('<!doctype html><title>Login</title>'),
          { fetch, retry: true },
        )
        // The platform's fetch makes an error of its own of a 407.
        expect((await errorOf(api.run(getThing, { id: 'a' }), isRequestError)).message).toContain('web page')
        expect(server.seen).toHaveLength(1)
      }
    },
  )

  test('a 404 without the envelope means that there is no such endpoint', async () => {
    const missing = async (body: string, options: Partial<ClientOptions> = { errorDetail }): Promise<unknown> =>
      (await failureOf((response) => response.writeHead(404).end(body), options)).missing
    expect(await missing('{"error":"no such job"}')).toBe('object')
    expect(await missing('<html>Not Found')).toBe('endpoint')
    expect(await missing('{}')).toBe('endpoint')
    expect(await missing('<html>Not Found', {})).toBe('object')
  })

  test('the advice of the client of a service, and its correlation id where no header has one', async () => {
    const options: Partial<ClientOptions> = {
      errorDetail: () => ({ code: 7, detail: 'full', advice: 'wait a day', correlationId: 'of the body' }),
      correlationHeader: 'X-Id',
    }
    const error = await failureOf((response) => response.writeHead(500).end('{}'), options)
    expect(error).toMatchObject({ advice: 'wait a day', correlationId: 'of the body' })
    expect(error.message).toMatch(/500 \(code 7\): full \(wait a day\)$/)
    const named = await failureOf((response) => response.writeHead(500, { 'x-id': 'of the header' }).end('{}'), options)
    expect(named.correlationId).toBe('of the header')
  })

  test('a 403 names the permission of its endpoint, behind the advice of the client of a service', async () => {
    const { api } = await start((_, response) => response.writeHead(403).end('{"error":"no"}'), {
      errorDetail: () => ({ detail: 'no', advice: 'wait a day' }),
    })
    const endpoint = { ...getThing, permission: 'things:view' }
    const error = await errorOf(api.run(endpoint, { id: 'a' }), instance(HttpError))
    expect(error.message).toMatch(/403: no \(wait a day; it needs the permission things:view\)$/)
    expect((await errorOf(api.run(getThing, { id: 'a' }), instance(HttpError))).advice).toBe('wait a day')
  })

  test('an errorDetail that throws has nothing to say', async () => {
    const strict = {
      errorDetail: (): never => {
        throw new TypeError('not what I expected')
      },
    }
    expect(await failureOf((response) => response.writeHead(500).end('{"a":1}'), strict)).toMatchObject({
      ...{ status: 500, body: { a: 1 } },
    })
  })

  test('a body that is nested beyond reason can be read, and its error written down', async () => {
    const body = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    const error = await failureOf((response) => response.writeHead(500).end(body))
    expect(Array.isArray(error.body)).toBe(true)
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ status: 500 })
  })

  test('browsers hide redirects behind a status of 0', async () => {
    const transport: Transport = () => of({ status: 0, headers: [] })
    const error = await failureOf(() => undefined, { transport })
    expect(error.message).toContain('0: redirected, which is not followed')
  })
})

describe('a decoder that throws what is no DecodeFailure ends the call with an error', () => {
  const bug = (): never => {
    throw new RangeError('a bug of its own')
  }
  test.each<[string, BodyDecoder<unknown>]>([
    ['at the end of a body', { streaming: false, start: () => ({ push: () => [], end: bug }) }],
    ['in the middle of a stream', jsonStream(bug)],
    ['at the head', { streaming: true, start: bug }],
  ])('%s', async (_, decoder) => {
    const { api } = await start((__, response) => response.end('{}\n'))
    const endpoint: Endpoint<{ readonly id: string }, unknown> = { ...getThing, responses: { 200: decoder } }
    const { issues } = await errorOf(api.run(endpoint, { id: 'a' }), instance(DecodeError))
    expect(issues).toEqual([
      { path: '', expected: 'what its decoder can read', actual: 'RangeError: a bug of its own' },
    ])
  })
})
