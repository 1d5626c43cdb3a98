import { expect, test } from 'vitest'
import { AuthError } from '../../../src/core/errors/auth-error.ts'

const asked = { method: 'POST', path: '/oauth/token' }

test.each([
  [{ status: 503 }, 'no token: 503'],
  [{ status: 400, code: 'invalid_client' }, 'no token: 400: invalid_client'],
  [{ status: 401, code: 'invalid_client', detail: 'unknown' }, 'no token: 401: invalid_client: unknown'],
])('%o', (init, words) => {
  const error = new AuthError({ ...asked, ...init })
  expect(error.message).toBe(`POST /oauth/token: ${words}`)
  expect(error).toMatchObject(init)
})
