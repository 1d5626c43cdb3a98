import { expect, test } from 'vitest'
import { AuthError, HttpError } from '../../src/core/errors/index.ts'
import { askedToWait, isTransient } from '../../src/core/transient.ts'
import { asked, samples } from './support/samples.ts'

test('what the connection did may pass, what was decoded or decided does not', () => {
  const passing = samples.filter(({ _tag }) => _tag !== 'HttpError' && _tag !== 'AuthError').filter(isTransient)
  expect(passing.map(({ _tag }) => _tag)).toEqual(['NetworkError', 'TimeoutError'])
})

test('of statuses it is 408, 429 and 5xx without 501, for tokens too', () => {
  const statuses = Array.from({ length: 500 }, (_, index) => index + 100)
  const wanted = statuses.filter((status) => status === 408 || status === 429 || (status >= 500 && status !== 501))
  expect(statuses.filter((status) => isTransient(new HttpError({ ...asked, status })))).toEqual(wanted)
  expect(statuses.filter((status) => isTransient(new AuthError({ ...asked, status })))).toEqual(wanted)
})

test('only an answer can ask to wait', () => {
  expect(samples.map(askedToWait).filter((wait) => wait !== undefined)).toEqual([5, 7])
  expect(askedToWait(new HttpError({ ...asked, status: 429, retryAfter: 0 }))).toBe(0)
})
