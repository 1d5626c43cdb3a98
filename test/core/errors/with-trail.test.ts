import {
  type ApiError,
  AuthError,
  DeadlineError,
  DecodeError,
  HttpError,
  isApiError,
  LogGapError,
  NetworkError,
  TimeoutError,
} from 'rxjobs'
import { expect, test } from 'vitest'
import { withTrail } from '../../../src/core/errors/index.ts'

const asked = { method: 'GET', path: '/jobs/7', correlationId: 'c-1' }
const trail = { queued: 3, 'HttpError 503': 2 }

test.each<[ApiError]>([
  [new HttpError({ ...asked, status: 404, code: 4, detail: 'gone', retryAfter: 5, missing: 'object', body: { a: 1 } })],
  [new AuthError({ ...asked, status: 400, code: 'invalid_client', detail: 'no', retryAfter: 5 })],
  [new NetworkError({ ...asked, cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })],
  [new TimeoutError({ ...asked, after: 5, waitingFor: 'body' })],
  [new DecodeError({ ...asked, issues: [{ path: 'a', expected: 'b', actual: 'c' }] })],
  [new LogGapError({ ...asked, gap: { at: 7 }, reason: 'the window went on' })],
  [new DeadlineError({ ...asked, deadline: 5, last: { job: 'r' } })],
])('%s is the same error but for its trail', (error) => {
  const copy = withTrail(error, trail)
  const { message, ...rest } = JSON.parse(JSON.stringify(error)) as Record<string, unknown>
  expect(copy).toBeInstanceOf(error.constructor)
  expect(isApiError(copy)).toBe(true)
  expect(JSON.parse(JSON.stringify(copy))).toEqual({
    ...rest,
    trail,
    message: `${String(message)} (after 3 × queued, 2 × HttpError 503)`,
  })
  expect(error.trail).toBeUndefined()
})
