import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { isDecodeError, isHttpError } from '../../src/core/errors/index.ts'
import { asBody } from '../../src/core/parameter.ts'
import { always, json, mapWhole } from '../../src/core/reader.ts'
import { fetches } from './support/fetches.ts'
import { errorOf, outcomeOf } from './support/outcome.ts'
import { setups } from './support/http-client.ts'
import { answerJson, servers } from './support/server.ts'
import { getThing, getThings, postThing, type Thing } from './support/things.ts'

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
      answers: postThing.answers,
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
      answers: { 200: mapWhole(json(t.string), (text) => `said ${text}`), 204: always('nothing') },
    }
    const { api } = await setup(({ url }, response) => {
      const status = Number(url.split('/').pop())
      if (status === 204) response.writeHead(204).end()
      else answerJson(response, 'x', status)
    })
    for (const [id, value] of [
      ['200', 'said x'],
      ['202', 'said x'],
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
    expect(await errorOf(api.run(getThing, { id: 'a b' }), isHttpError)).toMatchObject({
      ...{ method: 'GET', path: '/things/a%20b', status: 409, code: 30, detail: 'of object' },
      ...{ correlationId: 'c-7', retryAfter: 3_000, body: { code: 163, error: 'it runs' }, missing: undefined },
    })
  })

  test('a redirect is a failure that says where it led, and nothing goes there', async () => {
    const other = await serve((__, response) => answerJson(response, { id: 'a' }))
    const { api } = await setup((__, response) => {
      response.writeHead(307, { location: `${other.url}/away?code=1` }).end()
    })
    for (const answer of [api.run(getThing, { id: 'a' }), api.run(postThing, { id: 'a' })]) {
      const { message, status } = await errorOf(answer, isHttpError)
      expect(status).toBe(307)
      expect(message).toContain(`redirected to ${other.url}/away, which is not followed`)
    }
    expect(other.seen).toHaveLength(0)
  })

  test.each([
    ['{"size":', { path: '', expected: 'JSON', actual: '"{\\"size\\":"' }],
    ['<html>', { path: '', expected: 'JSON', actual: '"<html>" (a web page: is the server\'s address right?)' }],
    ['', { path: '', expected: 'JSON', actual: 'empty' }],
    ['{"id":"a","size":"5"}', { path: 'size', expected: 'number', actual: '"5"' }],
  ])('the body %j does not fit', async (body, issue) => {
    const { api } = await setup((__, response) => response.writeHead(200, { 'x-id': 'c' }).end(body), {
      correlationHeader: 'X-Id',
    })
    expect(await errorOf(api.run(getThing, { id: 'a' }), isDecodeError)).toMatchObject({
      ...{ path: '/things/a', correlationId: 'c', issues: [issue] },
    })
  })

  test('a wrong type deep inside is named by its path', async () => {
    const things = Array.from({ length: 50 }, (__, index) => ({ id: 'a', size: index === 33 ? true : index }))
    const { api, server } = await setup((__, response) => answerJson(response, things))
    const { message } = await errorOf(api.run(getThings, {}), isDecodeError)
    expect(message).toBe(`GET /things at ${server.url}: [33].size should be number, was true`)
  })
})
