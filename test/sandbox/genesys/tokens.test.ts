import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTokens } from '../../../sandbox/genesys/tokens.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a token lives for its time', () => {
  const tokens = createTokens(60)
  const [first, second] = [tokens.issue(), tokens.issue()]
  expect(first).not.toBe(second)
  vi.advanceTimersByTime(59_999)
  expect([tokens.isValid(first), tokens.isValid('made up')]).toEqual([true, false])
  vi.advanceTimersByTime(1)
  expect(tokens.isValid(first)).toBe(false)
})

test('all can be ended at once', () => {
  const tokens = createTokens(60)
  const token = tokens.issue()
  tokens.expireAll()
  expect([tokens.isValid(token), tokens.isValid(tokens.issue())]).toEqual([false, true])
})
