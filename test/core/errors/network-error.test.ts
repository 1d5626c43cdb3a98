import { expect, test } from 'vitest'
import { NetworkError } from '../../../src/core/errors/network-error.ts'

const of = (cause: unknown): NetworkError => new NetworkError({ method: 'GET', path: '/a', cause })

test('says the reason, and its code once', () => {
  expect(of(Object.assign(new Error('connect ECONNREFUSED ::1'), { code: 'ECONNREFUSED' })).message).toBe(
    'GET /a: connect ECONNREFUSED ::1',
  )
  expect(of(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })).message).toBe(
    'GET /a: socket hang up (ECONNRESET)',
  )
  expect(of('the body ended').message).toBe('GET /a: the body ended')
})

test('keeps the words of what was thrown and lets go of the object', () => {
  const thrown = Object.assign(new Error('no'), { code: 'E', config: { headers: { authorization: 'Key k' } } })
  expect(of(thrown).cause).toEqual({ name: 'Error', message: 'no', code: 'E' })
})
