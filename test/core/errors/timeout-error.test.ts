import { NEVER, timeout, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { isTimeoutError, TimeoutError } from '../../../src/core/errors/timeout-error.ts'

const asked = { method: 'GET', path: '/a' }

test('says what it waited for and how long', () => {
  expect(new TimeoutError({ ...asked, after: 5, waitingFor: 'answer' }).message).toBe('GET /a: no answer within 5 ms')
  expect(new TimeoutError({ ...asked, after: 5, waitingFor: 'body' }).message).toBe(
    'GET /a: nothing more of the body for 5 ms',
  )
})

test('is not the one of rxjs', () => {
  const scheduler = new VirtualTimeScheduler()
  const thrown: Array<unknown> = []
  NEVER.pipe(timeout({ each: 5, scheduler })).subscribe({ error: (error: unknown) => thrown.push(error) })
  scheduler.flush()
  expect(thrown).toMatchObject([{ name: 'TimeoutError' }])
  expect(thrown.map(isTimeoutError)).toEqual([false])
})
