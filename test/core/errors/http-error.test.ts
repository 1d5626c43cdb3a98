import { expect, test } from 'vitest'
import { HttpError } from '../../../src/core/errors/http-error.ts'

const asked = { method: 'GET', path: '/a' }

test.each([
  [{ status: 500 }, '500'],
  [{ status: 404, code: 4 }, '404 (code 4)'],
  [{ status: 409, code: 'request.conflict', detail: 'it runs' }, '409 request.conflict: it runs'],
  [{ status: 400, detail: 'no' }, '400: no'],
  [{ status: 400, detail: '' }, '400'],
  [{ status: 404, missing: 'object' as const }, '404'],
])('%o', (init, words) => {
  expect(new HttpError({ ...asked, ...init }).message).toBe(`GET /a: ${words}`)
})

test('a missing endpoint comes with a hint', () => {
  expect(new HttpError({ ...asked, status: 404, missing: 'endpoint' }).message).toMatch(/404 \(.*no such endpoint.*\)$/)
})

test('a 401 comes with the names of the options that it is about', () => {
  expect(new HttpError({ ...asked, status: 401, detail: 'no' }).message).toBe(
    "GET /a: 401: no (is the client's apiKey or auth right?)",
  )
})

test('what a service’s client advises comes last and whole, instead of that', () => {
  const advice = `ask ${'again and '.repeat(100)}again`
  const error = new HttpError({ ...asked, status: 401, detail: 'n'.repeat(400), advice })
  expect(error.message).toBe(`GET /a: 401: ${'n'.repeat(295)}… (${advice})`)
  expect(error.advice).toBe(advice)
})

test('keeps what the service said', () => {
  const init = { ...asked, status: 503, code: 'x', detail: 'y\n', retryAfter: 0, body: { z: 1 }, correlationId: 'c' }
  expect(new HttpError(init)).toMatchObject(init)
})
