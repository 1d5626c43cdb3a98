import { expect, test } from 'vitest'
import { header } from '../../src/core/transport.ts'

test('finds a header whatever its case, the first where it is there twice', () => {
  const headers = [
    ['Content-Type', 'text/plain'],
    ['X-Id', '1'],
    ['x-id', '2'],
  ] as const
  expect(header(headers, 'content-TYPE')).toBe('text/plain')
  expect(header(headers, 'X-ID')).toBe('1')
  expect(header(headers, 'x')).toBeUndefined()
})
