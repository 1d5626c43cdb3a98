import { concat, of, range, tap, map, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { errorBodyBytes } from '../../src/core/http-failure.ts'
import { sendText } from '../../src/core/send-text.ts'
import type { HttpRequest } from '../../src/core/transport.ts'
import { type Canned, canned } from './support/canned.ts'
import { type Outcome, watch } from './support/outcome.ts'

const request: HttpRequest = {
  method: 'POST',
  url: 'https://login.example.com/oauth/token?x=1',
  headers: [
    ['Authorization', 'Basic c2VjcmV0'],
    ['accept', 'application/json'],
  ],
}

function send(answer: Canned): Outcome<unknown> & { readonly timers: number } {
  const scheduler = new VirtualTimeScheduler()
  const limits = { timeout: 1_000, idleTimeout: 100, maxBodyBytes: 1, maxLineBytes: 1, scheduler }
  const outcome = watch(sendText(canned(scheduler, () => answer).transport, limits)(request))
  scheduler.flush()
  return { ...outcome(), timers: scheduler.actions.length }
}

test.each([200, 302, 401, 500])('gives the whole answer, %i too', (status) => {
  const headers = [['x', 'y']] as const
  expect(send({ status, headers, body: 'said €', after: 5 })).toEqual({
    values: [{ status, headers, body: 'said €' }],
    completed: true,
    timers: 0,
  })
})

test('of a long answer no more than its beginning, once', () => {
  const { values, completed } = send({ body: Array.from({ length: 10 }, () => Buffer.alloc(20_000, 'x')) })
  expect([values, completed]).toEqual([[{ status: 200, headers: [], body: 'x'.repeat(errorBodyBytes) }], true])
})

test('fails as a request does, naming the path alone', () => {
  expect(send({ after: 5_000 }).error).toMatchObject({ _tag: 'TimeoutError', method: 'POST', path: '/oauth/token' })
  expect(send({ failure: new Error('Basic c2VjcmV0 application/json') }).error).toMatchObject({
    _tag: 'NetworkError',
    cause: { message: 'Basic [secret] application/json' },
  })
})

test('reads no more of an endless answer that comes at once', () => {
  let pulled = 0
  const chunks = range(1, 1_000).pipe(
    tap((count) => (pulled = count)),
    map(() => ({ bytes: new Uint8Array(errorBodyBytes / 2) })),
  )
  const limits = {
    timeout: 1_000,
    idleTimeout: 100,
    maxBodyBytes: 1,
    maxLineBytes: 1,
    scheduler: new VirtualTimeScheduler(),
  }
  expect(watch(sendText(() => concat(of({ status: 200, headers: [] }), chunks), limits)(request))().completed).toBe(
    true,
  )
  expect(pulled).toBe(3)
})
