import { defer, map, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { type ApiError, followJob, type JobLog, NetworkError, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { answered, inTurn, letters, recorded } from './support/letters.ts'

const network = new NetworkError({ method: 'GET', path: '/jobs/a', cause: 'reset' })
function fail(error: ApiError): never {
  throw error
}

test('an error before which nothing was observed stays the same object', () => {
  const clock = new VirtualTimeScheduler()
  const source = letters(() => throwError(() => answered(403)))
  const { error } = recorded(clock, watchJob(source, 'a', { scheduler: clock }))
  expect(error).toEqual(answered(403))
})

test('each read counts, emitted or not; one failure that ends two streams says of each what came before', () => {
  const clock = new VirtualTimeScheduler()
  const trails = [inTurn('q', 'r', 'r', '!'), inTurn('r', '!')].map((next) => {
    const status = () => defer(() => of(next()).pipe(map((job) => (job === '!' ? fail(network) : job))))
    const { error } = recorded(clock, watchJob(letters(status), 'a', { scheduler: clock, retry: { maxAttempts: 1 } }))
    return error instanceof NetworkError ? error.observedResponses : error
  })
  expect(trails).toEqual([{ queued: 1, running: 2 }, { running: 1 }])
})

test('a deadline says what came before it: in its observedResponses, its words and its JSON', () => {
  const clock = new VirtualTimeScheduler()
  const next = inTurn('q', '!', 'r')
  const status = () => defer(() => of(next()).pipe(map((job) => (job === '!' ? fail(answered(503, 300)) : job))))
  const options = { scheduler: clock, pollInterval: 10, deadline: 325, random: () => 0 }
  const { error } = recorded(clock, watchJob(letters(status), 'a', options))
  const observedResponses = { queued: 1, 'HttpError 503': 1, running: 2 }
  expect(error).toMatchObject({
    _tag: 'DeadlineError',
    deadline: 325,
    last: { job: 'r', phase: 'running' },
    observedResponses,
  })
  expect(String(error)).toMatch(
    /^DeadlineError: GET \/jobs\/a: not over after 325 ms \(after 1 × queued, 1 × HttpError 503, 2 × running, in 0.3 s\) \(last phase running\)$/,
  )
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ observedResponses })
})

test('a follow counts what happened to its log as well', () => {
  const clock = new VirtualTimeScheduler()
  const windows = inTurn(503, 503, 403)
  const log: JobLog<string> = { read: () => defer(() => throwError(() => answered(windows(), 10))) }
  const source = letters(() => of('r'), { log })
  const { error } = recorded(clock, followJob(source, 'a', { scheduler: clock, pollInterval: 10_000 }))
  expect(error).toMatchObject({ status: 403, observedResponses: { running: 1, 'log: HttpError 503': 2 } })
})
