// The client: its options, its addresses, its errors.
import { inspect } from 'node:util'
import fc from 'fast-check'
import { firstValueFrom } from 'rxjs'
import type { ApiError } from 'rxjobs'
import { client, connect, getJob } from 'rxjobs/connect'
import { describe, expect, test } from 'vitest'
import { answering, type Canned, connectTo, errorOf, refusal } from '../support.ts'
import { sandboxes } from '../../sandbox/support.ts'

const start = sandboxes()
const secret = 'never-to-be-shown'

test('an endpoint that the server lacks is not an object that is not there', async () => {
  const sandbox = await start({ connect: { lacks: ['error'] } })
  const job = sandbox.connect.feed()
  const pc = connectTo(sandbox)
  const missing = { status: 404, code: undefined, detail: '404 page not found', missing: 'endpoint' }
  expect(await errorOf(pc.jobError(job))).toMatchObject(missing)
  const none = { guid: job.guid, key: 'none' }
  expect(await errorOf(pc.getJob(none))).toMatchObject({ status: 404, code: 4, missing: 'object' })
  expect(await errorOf(connect({ server: sandbox.connect.server, apiKey: secret }).getJob(job))).toMatchObject({
    status: 401,
    code: 24,
  })
})

test('the address may have a prefix, a slash at its end, and the API’s own path', async () => {
  const { transport, requests } = answering(() => ({ body: [] }))
  for (const server of [
    'https://host',
    'https://host/',
    'https://host/rsc',
    'https://host/rsc/__api__/',
    'https://host/rsc/__api__/v1',
    'http://localhost:3939',
  ]) {
    await firstValueFrom(connect({ server, apiKey: 'k', transport }).getJobs({ guid: 'g' }))
  }
  expect(requests.map(({ url }) => url.replace('/__api__/v1/content/g/jobs', ' '))).toEqual([
    'https://host ',
    'https://host ',
    'https://host/rsc ',
    'https://host/rsc ',
    'https://host/rsc ',
    'http://localhost:3939 ',
  ])
})

test('a client for one endpoint asks what the whole one asks', async () => {
  const { transport, requests } = answering(() => ({ body: { key: 'k' } }))
  const options = { server: 'https://host', apiKey: 'k', transport }
  await firstValueFrom(client(options).run(getJob, { guid: 'g', key: 'k' }))
  await firstValueFrom(connect(options).getJob({ guid: 'g', key: 'k' }))
  expect(requests[0]).toEqual(requests[1])
  expect(requests[0]?.headers).toContainEqual(['authorization', 'Key k'])
})

test.each<[what: string, server: string, apiKey: string, says: RegExp]>([
  ['a server without a scheme', 'connect.example.com', secret, /^connect: server: must begin with https:/],
  ['no server', '', secret, /^connect: server: is missing; it must begin with https:/],
  ['another scheme', 'ftp://connect.example.com', secret, /^connect: server: must begin with https:/],
  ['half an address', 'https://', secret, /^connect: server: must begin with https:/],
  [
    'plain http to another machine',
    'http://connect.example.com',
    secret,
    /^connect: server: plain http to another machine .* use https, or set allowHttp: true/,
  ],
  [
    'a password in the address',
    `https://me:${secret}@host`,
    'k',
    /^connect: server: must begin with https:.*user name, password/,
  ],
  ['a query', `https://host/?key=${secret}`, 'k', /^connect: server: must begin with https:.* query/],
  [
    'a key with a line end',
    'https://host',
    `${secret}\n`,
    /^connect: apiKey: has a character that no header can hold, at position 17 of 18; was it read with its line end\?$/,
  ],
  [
    'a key with a line in it',
    'https://host',
    `${secret}\r\nX-Other: 1`,
    /^connect: apiKey: has a space in it; give it alone/,
  ],
  ['no key', 'https://host', ' ', /^connect: apiKey: is missing or empty/],
])('%s is refused, and says why', (_, server, apiKey, says) => {
  const { transport, requests } = answering(() => ({ body: [] }))
  const words = refusal(() => connect({ server, apiKey, transport }))
  expect(words).toMatch(says)
  expect(words).not.toContain(secret)
  expect(requests).toEqual([])
})

test('no key is to be seen in a client', () => {
  const pc = connect({ server: 'https://host', apiKey: secret })
  expect(inspect(pc, { depth: 12, showHidden: true }) + JSON.stringify(pc)).not.toContain(secret)
})

describe('options', () => {
  test.each([undefined, null, 'https://host'])('%j in place of the options', (options) => {
    for (const [name, make] of [
      ['connect', connect],
      ['client', client],
    ] as const) {
      // @ts-expect-error JavaScript has no compiler to refuse it
      expect(refusal(() => make(options))).toContain(`${name}: the options must be an object with server and apiKey`)
    }
  })

  test.each<[given: object, says: RegExp]>([
    [
      { settle: 5 },
      /^connect: unknown option settle; there are server, apiKey, auth, loginUrl, confirmAfter, cookies, /,
    ],
    [{ confirmAfter: -1 }, /^connect: confirmAfter must be a number from 0 up/],
    [{ cookies: 'yes' }, /^connect: cookies must be true or false/],
    [{ timeout: 0 }, /^connect: timeout must be a positive number/],
  ])('%j is refused', (given, says) => {
    expect(refusal(() => connect({ server: 'https://host', apiKey: 'k', ...given }))).toMatch(says)
  })
})

async function failureOf(answer: Canned): Promise<ApiError> {
  const { transport } = answering(() => answer)
  const pc = connect({ server: 'https://connect.example.com', apiKey: 'k3y', transport, retry: false })
  return errorOf(pc.getJob({ guid: 'g', key: 'k' }))
}

test.each([
  [400, 3, 'The object ID is invalid.'],
  [401, 24, 'You must be authenticated.'],
  [403, 22, 'You do not have permission.'],
  [404, 4, 'The requested object does not exist.'],
  [409, 163, 'The job is not active.'],
])('%d with code %d is read', async (status, code, error) => {
  const body = { code, error, payload: null }
  expect(await failureOf({ status, body })).toMatchObject({
    _tag: 'HttpError',
    status,
    code,
    detail: error,
    missing: status === 404 ? 'object' : undefined,
    body,
    message: expect.stringContaining(
      `GET /__api__/v1/content/g/jobs/k at https://connect.example.com: ${status} (code ${code}): ${error}`,
    ) as unknown,
    advice: {
      401: "is the client's apiKey or auth right?",
      403: "may the user of the client's apiKey or auth do this?",
      404: 'is the guid that of the content, and the key (not the id) that of one of its jobs?',
    }[status],
  })
})

test.each<[what: string, answer: Canned, detail: string | undefined]>([
  [
    'the plain text of an old server',
    { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '404 page not found' },
    '404 page not found',
  ],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>No.' }, 'a web page'],
  ['another envelope', { body: { message: 'no' } }, '{"message":"no"}'],
  ['nothing', {}, undefined],
])('a 404 with %s lacks the endpoint, not the job', async (_, answer, detail) => {
  const error = await failureOf({ ...answer, status: 404 })
  const words: unknown = detail === undefined ? undefined : expect.stringContaining(detail)
  expect(error).toMatchObject({ status: 404, code: undefined, detail: words, missing: 'endpoint' })
  expect(String(error)).toMatch(/no such endpoint/)
})

test('a task that is not found comes with what to do, whole, however much the service says itself', async () => {
  const error = await failureOf({ status: 404, body: { code: 141, error: 'Task lookup failures. '.repeat(20) } })
  expect(error).toMatchObject({ code: 141, detail: 'Task lookup failures. '.repeat(20) })
  expect(error.message).toMatch(/… \(a task is found with the session cookie .* gone: see the jobs of the content\)$/)
})

test('no code for too many requests, but a Retry-After all the same', async () => {
  const error = await failureOf({ status: 429, headers: { 'Retry-After': '2' }, body: 'slow down' })
  expect(error).toMatchObject({
    status: 429,
    code: undefined,
    detail: 'slow down',
    retryAfter: 2000,
    missing: undefined,
  })
})

test('a key that the service echoes is taken out', async () => {
  const error = await failureOf({ status: 401, body: { code: 24, error: 'No such key: k3y', payload: { key: 'k3y' } } })
  expect(error).toMatchObject({ detail: 'No such key: [secret]' })
  expect(JSON.stringify(error)).not.toContain('k3y')
})

test('a field that is absent or of another type is no detail, whatever the body is', async () => {
  expect(await failureOf({ status: 400, body: { code: 'x', error: 'e' } })).toMatchObject({
    code: undefined,
    detail: 'e',
  })
  expect(await failureOf({ status: 400, body: { code: 7 } })).toMatchObject({ code: 7 })
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (body) => {
      const error = await failureOf({ status: 400, body: JSON.stringify(body) })
      expect(error).toMatchObject({ _tag: 'HttpError', status: 400 })
      if (error._tag !== 'HttpError') return
      expect([typeof error.code, typeof error.detail]).toEqual([
        expect.stringMatching(/^(number|undefined)$/),
        expect.stringMatching(/^(string|undefined)$/),
      ])
    }),
  )
})
