import { expect, test } from 'vitest'
import { LogGapError } from '../../../src/core/errors/log-gap-error.ts'

test('gives the reason and the gap to go on from', () => {
  const gap = { cursor: { index: 7 } }
  const error: LogGapError<typeof gap> = new LogGapError({ method: 'GET', path: '/a', gap, reason: 'the window moved' })
  expect(error.message).toBe('GET /a: lines of the log are missing: the window moved')
  expect(error.gap).toBe(gap)
})
