import { expect, test } from 'vitest'
import { DeadlineError } from '../../../src/core/errors/deadline-error.ts'

const asked = { method: 'GET', path: '/a' }

test('says whether a status was seen, and keeps the last one', () => {
  const blind = new DeadlineError({ ...asked, deadline: 5 })
  expect(blind.message).toBe('GET /a: not over after 5 ms; no status was seen')
  expect(blind.last).toBeUndefined()
  const last = { phase: 'running' as const }
  const seen: DeadlineError<typeof last> = new DeadlineError({ ...asked, deadline: 5, last })
  expect(seen.message).toBe('GET /a: not over after 5 ms; the last status is in "last"')
  expect(seen.last).toBe(last)
})
