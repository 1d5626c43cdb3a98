import fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorDetail } from '../../../src/apis/genesys/error-body.ts'
import { accessToken, genesys } from 'rxjobs/genesys'
import { answering, type Canned, errorOf } from '../support.ts'

async function failureOf(answer: Canned): Promise<object> {
  const { transport } = answering(() => answer)
  const cx = genesys({ region: 'us_west_2', auth: accessToken('t0ken'), transport, retry: false })
  return errorOf(cx.getInfrastructureascodeJob({ jobId: '42' }))
}

const body = {
  message: 'Not found.',
  code: 'not.found',
  status: 404,
  entityId: '42',
  messageWithParams: 'Not {what}.',
  messageParams: { what: 'found' },
  contextId: 'a-context',
  details: [{ errorCode: 'e', fieldName: 'f', entityId: '42', entityName: 'job' }],
  errors: [{ code: 'inner' }],
  limit: { key: 'k', namespace: 'infrastructureascode', value: 3 },
}

test('code and message are read, and the whole of it is kept', async () => {
  const error = await failureOf({ status: 404, headers: { 'ININ-Correlation-Id': 'corr-1' }, body })
  expect(error).toMatchObject({
    _tag: 'HttpError',
    code: 'not.found',
    detail: 'Not found.',
    correlationId: 'corr-1',
    missing: 'object',
    body,
    message: 'GET /api/v2/infrastructureascode/jobs/42 at https://api.usw2.pure.cloud: 404 not.found: Not found.',
  })
})

test('the contextId names the exchange where the header that does is missing', async () => {
  expect(await failureOf({ status: 404, body })).toMatchObject({ correlationId: 'a-context' })
  expect(await failureOf({ status: 404, body: { code: 'c', contextId: 7 } })).toMatchObject({
    correlationId: undefined,
  })
})

test('Retry-After is milliseconds, hours too', async () => {
  for (const seconds of [3, 7200]) {
    const error = await failureOf({
      status: 429,
      headers: { 'retry-after': String(seconds) },
      body: { code: 'too.many.requests' },
    })
    expect(error).toMatchObject({ status: 429, code: 'too.many.requests', retryAfter: seconds * 1000 })
  }
})

test.each<[what: string, answer: Canned]>([
  ['plain text', { headers: { 'content-type': 'text/plain' }, body: '404 page not found' }],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>No.' }],
  ['another envelope', { body: { surprise: true } }],
  ['nothing', {}],
])('a 404 with %s lacks the endpoint, not the job', async (_, answer) => {
  expect(await failureOf({ ...answer, status: 404 })).toMatchObject({ code: undefined, missing: 'endpoint' })
})

test('a token that the service echoes is taken out', async () => {
  const error = await failureOf({
    status: 401,
    body: { code: 'bad.credentials', message: 'Token t0ken is not valid.' },
  })
  expect(error).toMatchObject({ detail: 'Token [secret] is not valid.', missing: undefined })
  expect(JSON.stringify(error)).not.toContain('t0ken')
})

test('a field that is absent or of another type is no detail, whatever the body is', () => {
  expect(errorDetail({ code: '', message: '' })).toBeUndefined()
  expect(errorDetail({ code: 'c' })).toEqual({ code: 'c' })
  expect(errorDetail({ message: 'm', code: 7 })).toEqual({ detail: 'm' })
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const said = errorDetail(value)
      const texts = [said?.code, said?.detail].filter((one) => one !== undefined)
      if (said !== undefined) expect(texts).not.toEqual([])
      for (const one of texts) expect(one).toEqual(expect.stringMatching(/./s))
    }),
  )
})
