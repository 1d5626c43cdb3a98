import fc from 'fast-check'
import type { ApiError } from 'rxjobs'
import { connect } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { errorDetail } from '../../../src/apis/connect/error-body.ts'
import { answering, type Canned, errorOf } from '../support.ts'

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
    message: `GET /v1/content/g/jobs/k at https://connect.example.com: ${status} (code ${code}): ${error}${status === 401 ? " (is the client's apiKey or auth right?)" : ''}`,
  })
})

test.each<[what: string, answer: Canned, detail: string | undefined]>([
  [
    'the plain text of an old server',
    { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '404 page not found' },
    '404 page not found',
  ],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>No.' }, undefined],
  ['another envelope', { body: { message: 'no' } }, '{"message":"no"}'],
  ['nothing', {}, undefined],
])('a 404 with %s lacks the endpoint, not the job', async (_, answer, detail) => {
  const error = await failureOf({ ...answer, status: 404 })
  expect(error).toMatchObject({ status: 404, code: undefined, detail, missing: 'endpoint' })
  expect(String(error)).toMatch(/the server has no such endpoint: is its address right, its version new enough\?/)
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

test('a field that is absent or of another type is no detail, whatever the body is', () => {
  expect(errorDetail({ code: 'x', error: 'e' })).toEqual({ code: undefined, detail: 'e' })
  expect(errorDetail({ code: 7 })).toEqual({ code: 7, detail: undefined })
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { code, detail } = errorDetail(value) ?? {}
      expect([typeof code, typeof detail]).toEqual([
        expect.stringMatching(/^(number|undefined)$/),
        expect.stringMatching(/^(string|undefined)$/),
      ])
    }),
  )
})
