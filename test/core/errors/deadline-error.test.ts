import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { DeadlineError } from '../../../src/core/errors/deadline-error.ts'
import { withTrail } from '../../../src/core/errors/index.ts'

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

test('the last status is for the program and not for its logs: a job may hold what it was sent', () => {
  const last = { job: { note: 'Bearer hunter2' } }
  const error = new DeadlineError({ ...asked, deadline: 5, last })
  for (const each of [error, withTrail(error, { running: 3 })]) {
    expect(each).toMatchObject({ last })
    const shown = [JSON.stringify(each), inspect(each, { depth: null }), String(each)]
    for (const text of shown) expect(text).not.toContain('hunter2')
  }
})
