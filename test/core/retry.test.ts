import { defer, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { expect, test } from 'vitest'
import { type ApiError, HttpError, NetworkError } from '../../src/core/errors/index.ts'
import { type RetryOptions, retryTransient } from '../../src/core/retry.ts'
import { watch } from './support/outcome.ts'

const asked = { method: 'GET', path: '/a' }
const http = (status: number, retryAfter?: number): HttpError => new HttpError({ ...asked, status, retryAfter })

interface Run {
  readonly times: ReadonlyArray<number>
  readonly values: ReadonlyArray<string>
  readonly error?: unknown
}

/** Runs what fails with one error after the other, and then gives a value. */
function run(errors: ReadonlyArray<Error>, options: RetryOptions, repeatable: () => boolean = () => true): Run {
  const scheduler = new VirtualTimeScheduler()
  const times: Array<number> = []
  const source = defer(() => {
    const error = errors[times.push(scheduler.now()) - 1]
    return error === undefined ? of('done') : throwError(() => error)
  })
  const outcome = watch(source.pipe(retryTransient({ random: () => 0.5, ...options }, scheduler, repeatable)))
  scheduler.flush()
  expect(scheduler.actions).toHaveLength(0)
  return { times, ...outcome() }
}

test('waits with full jitter, doubling up to the cap', () => {
  const errors = Array.from({ length: 6 }, () => http(503))
  expect(run(errors, { attempts: 10, base: 100, cap: 500 })).toMatchObject({
    times: [0, 50, 150, 350, 600, 850, 1_100],
    values: ['done'],
  })
})

test('three attempts by default, then the last error', () => {
  const errors = [http(500), http(502), http(503), http(504)]
  expect(run(errors, {})).toMatchObject({ times: [0, 150, 450], error: errors[2] })
  expect(run(errors, { attempts: 1 })).toMatchObject({ times: [0], error: errors[0] })
})

test('what the service asked for wins over the own wait, nothing at all too', () => {
  expect(run([http(429, 7_000), http(503, 0)], {})).toMatchObject({ times: [0, 7_000, 7_000], values: ['done'] })
})

test('too long a wait that was asked for ends it; a long one of our own does not', () => {
  const error = http(429, 60_001)
  expect(run([error], {})).toMatchObject({ times: [0], error })
  expect(run([http(429, 60_000)], {})).toMatchObject({ times: [0, 60_000], values: ['done'] })
  expect(run([http(503)], { base: 400, maxRetryAfter: 100 })).toMatchObject({ times: [0, 200], values: ['done'] })
})

test.each([http(400), http(404), http(501), new Error('of someone else')])('%s is not repeated', (error) => {
  expect(run([error], {})).toMatchObject({ times: [0], error })
})

test('nor is what was handed out in part', () => {
  let begun = false
  const error = new NetworkError({ ...asked, cause: 'cut off' })
  expect(run([error], {}, () => !begun)).toMatchObject({ times: [0, 150] })
  begun = true
  expect(run([error], {}, () => !begun)).toMatchObject({ times: [0], error })
})

test('leaving during the wait stops the timer', () => {
  const scheduler = new VirtualTimeScheduler()
  const failing = throwError((): ApiError => http(503))
  const subscription = failing.pipe(retryTransient({}, scheduler, () => true)).subscribe()
  expect(scheduler.actions).toHaveLength(1)
  subscription.unsubscribe()
  expect(scheduler.actions).toHaveLength(0)
})
