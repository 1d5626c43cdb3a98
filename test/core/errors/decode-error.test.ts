import { expect, test } from 'vitest'
import { DecodeError } from '../../../src/core/errors/decode-error.ts'

const issue = { path: 'entries[3].timestamp', expected: 'string', actual: '5' }
const of = (...issues: ReadonlyArray<typeof issue>): string =>
  new DecodeError({ method: 'GET', path: '/a', issues }).message

test('says where, what should be there and what was', () => {
  expect(of(issue)).toBe('GET /a: entries[3].timestamp should be string, was 5')
  expect(of({ ...issue, path: '' })).toBe('GET /a: the body should be string, was 5')
  expect(of(issue, issue, issue)).toBe('GET /a: entries[3].timestamp should be string, was 5 (and 2 more)')
  expect(of()).toBe('GET /a: the body does not fit')
})
