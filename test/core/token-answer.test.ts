import { expect, test } from 'vitest'
import { isApiError } from '../../src/core/errors/index.ts'
import { tokenFrom } from '../../src/core/token-answer.ts'

const asked = { method: 'POST', path: '/oauth/token' }
const loginUrl = 'https://login.example.com'
const from = (body: string, status = 200): unknown =>
  tokenFrom({ status, headers: [], body }, asked, loginUrl, 0, (text) => text.replaceAll('s3cr3t', '[secret]'))

function failure(body: string, status?: number): unknown {
  try {
    return from(body, status)
  } catch (error) {
    if (isApiError(error)) return error
    throw error
  }
}

test.each([
  [100, 90_000],
  [86_400, 86_340_000],
  ['100', 90_000],
  [0, 0],
  [-1, Infinity],
  ['soon', Infinity],
  [null, Infinity],
  [undefined, Infinity],
])('a life of %j seconds is good for %i ms', (expires_in, goodFor) => {
  expect(from(JSON.stringify({ access_token: 'a', expires_in }))).toEqual({ value: 'a', goodFor })
})

test('a page in place of a token says where it came from', () => {
  expect(failure('<html>Welcome s3cr3t</html>')).toMatchObject({
    _tag: 'DecodeError',
    message:
      'POST /oauth/token: the body should be a token as JSON, from https://login.example.com, ' +
      'was "<html>Welcome [secret]</html>" (a web page: is loginUrl right?)',
  })
  expect(failure('oops')).toMatchObject({ message: expect.stringMatching(/was "oops"$/) as unknown })
})

test.each(['{}', 'null', '[]', '5', '{"access_token":""}', '{"access_token":5}'])('%s holds no token', (body) => {
  expect(failure(body)).toMatchObject({ _tag: 'DecodeError', issues: [{ path: 'access_token', actual: 'missing' }] })
})

test('a refusal is told in the words of the endpoint, without what is ours', () => {
  expect(failure('{"error":"invalid_client","error_description":"s3cr3t is wrong"}', 400)).toMatchObject({
    _tag: 'AuthError',
    status: 400,
    code: 'invalid_client',
    detail: '[secret] is wrong',
  })
})
