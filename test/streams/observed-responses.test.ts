import { undefined, some } from '../../src/core/option.ts'
import { defer, map, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { type ApiError, followJob, isNetworkError, type JobLog, NetworkError, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { TrailKeeper } from '../../src/streams/observedResponses.ts'
import { answered, inTurn, letters, recorded } from './support/letters.ts'

const network = new NetworkError({ method: 'GET', path: '/jobs/a', cause: 'reset' })
const connection = { state: 'retrying', attempt: 1, retryInMs: 5 } as const

function fail(error: ApiError): never {
  throw error
}

test('phases and failures are counted, in the order in which each first came', () => {
  const seen = new TrailKeeper()
  for (const phase of ['queued', 'running', 'running'] as const) seen.looked(phase)
  seen.noticed({ channel: 'status', ...connection, error: answered(503) })
  seen.noticed({ channel: 'status', ...connection, error: network })
  seen.noticed({ channel: 'log', ...connection, error: network })
  seen.noticed({ channel: 'live', ...connection, error: none })
  seen.noticed({ channel: 'status', ...connection, state: 'open', error: none })
  const observedResponses = {
    queued: 1,
    running: 2,
    'HttpError 503': 1,
    NetworkError: 1,
    'log: NetworkError': 1,
    'stream: closed': 1,
  }
  expect(seen.observedResponses).toEqual(observedResponses)
  expect(Object.keys(seen.observedResponses)).toEqual(Object.keys(observedResponses))
})

test('an error before which nothing was seen is given on as it is, and so is a defect', () => {
  const seen = new TrailKeeper()
  expect(seen.onto(network)).toBe(network)
  seen.looked('running')
  const defect = new Error('a slip')
  expect(seen.onto(defect)).toBe(defect)
  expect(seen.onto(network)).toMatchObject({ observedResponses: { running: 1 } })
  expect(network.observedResponses).toBeUndefined()
})

test('each look counts, told or not; one failure that ends two streams says of each what came before', () => {
  const clock = new VirtualTimeScheduler()
  const trails = [inTurn('q', 'r', 'r', '!'), inTurn('r', '!')].map((next) => {
    const status = () => defer(() => of(next()).pipe(map((job) => (job === '!' ? fail(network) : job))))
    const { error } = recorded(clock, watchJob(letters(status), 'a', { scheduler: clock, retry: { maxAttempts: 1 } }))
    return isNetworkError(error) ? error.observedResponses : error
  })
  expect(trails).toEqual([{ queued: 1, running: 2 }, { running: 1 }])
})

test('a deadline says what came before it: in its observedResponses, its words and its JSON', () => {
  const clock = new VirtualTimeScheduler()
  const next = inTurn('q', '!', 'r')
  const status = () => defer(() => of(next()).pipe(map((job) => (job === '!' ? fail(answered(503, 10)) : job))))
  const options = { scheduler: clock, pollInterval: 10, deadline: 35 }
  const { error } = recorded(clock, watchJob(letters(status), 'a', options))
  const observedResponses = { queued: 1, 'HttpError 503': 1, running: 2 }
  expect(error).toMatchObject({
    _tag: 'DeadlineError',
    deadline: 35,
    last: { job: 'r', phase: 'running' },
    observedResponses,
  })
  expect(String(error)).toMatch(
    /^DeadlineError: GET \/jobs\/a: not over after 35 ms; .* \(after 1 × queued, 1 × HttpError 503, 2 × running\)$/,
  )
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ observedResponses })
})

test('a follow counts what happened to its log as well', () => {
  const clock = new VirtualTimeScheduler()
  const windows = inTurn(503, 503, 403)
  const log: JobLog<string> = { read: () => defer(() => throwError(() => answered(windows(), 10))) }
  const source = letters(() => of('r'), { log })
  const { error } = recorded(clock, followJob(source, 'a', { scheduler: clock, pollInterval: 1_000 }))
  expect(error).toMatchObject({ status: 403, observedResponses: { running: 1, 'log: HttpError 503': 2 } })
})
