import fc from 'fast-check'
import { EMPTY, type Observable, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { type ApiError, NetworkError } from 'rxjobs'
import { afterEach, expect, test, vi } from 'vitest'
import type { ConnectionChange } from '../../src/streams/connection.ts'
import { Link, type Patience } from '../../src/streams/link.ts'
import { answered, recorded } from './support/letters.ts'

afterEach(() => void vi.restoreAllMocks())

const network = new NetworkError({ method: 'GET', path: '/jobs/a', cause: 'reset' })

function linked(more: Partial<Patience> = {}) {
  const scheduler = new VirtualTimeScheduler()
  const told: Array<ConnectionChange> = []
  const link = new Link('live', { scheduler, maxFailures: 20, report: (state) => told.push(state), ...more })
  const brief = (): ReadonlyArray<string> => told.map(({ state, attempt }) => `${state} ${attempt}`)
  return { link, told, brief, scheduler }
}

test('the wait is anywhere from 0 up to 1 s, doubling with each failure up to 30 s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, luck) => {
        vi.spyOn(Math, 'random').mockReturnValue(luck)
        const { link } = linked({ maxFailures: 100 })
        let wait: number | undefined
        for (let count = 0; count < failures; count++) wait = link.failed(network)
        expect(wait).toBe(luck * Math.min(30_000, 1_000 * 2 ** (failures - 1)))
      },
    ),
  )
})

test('what the service asks for is the wait, whatever the luck', () => {
  for (const asked of [0, 1, 250_000]) expect(linked().link.failed(answered(429, asked))).toBe(asked)
})

test('an answer is told when it is the first or follows a failure, and starts the count anew', () => {
  const { link, brief } = linked({ maxFailures: 2 })
  link.succeeded()
  link.succeeded()
  link.failed(network)
  link.failed(network)
  link.succeeded()
  expect(link.failed(network)).toBeTypeOf('number')
  expect(brief()).toEqual(['open 0', 'retrying 1', 'retrying 2', 'open 0', 'retrying 1'])
})

test('there is no wait for what does not pass, for one failure too many, and for a defect', () => {
  const { link, brief } = linked({ maxFailures: 1 })
  expect(link.failed(answered(404))).toBeUndefined()
  expect(link.failed(new Error('a slip'))).toBeUndefined()
  expect(link.failed(network)).toBeUndefined()
  expect(brief()).toEqual([])
})

test('a source may know that an error passes', () => {
  const transient = (error: ApiError): boolean => error._tag === 'HttpError' && error.code === 'job.starting'
  expect(linked({ transient }).link.failed(answered(404))).toBeUndefined()
  const starting = Object.assign(answered(404), { code: 'job.starting' })
  expect(linked({ transient }).link.failed(starting)).toBeTypeOf('number')
})

test('a connection that closed or was given up says so, with its error where there is one', () => {
  const { link, told } = linked()
  link.succeeded()
  link.dropped(undefined, 30)
  link.dropped(network, 40)
  link.fellBack(answered(405), 0)
  link.succeeded()
  expect(told.map(({ to, state, attempt, waitMs, error }) => [to, state, attempt, waitMs, error._tag])).toEqual([
    ['live', 'open', 0, 0, 'None'],
    ['live', 'retrying', 1, 30, 'None'],
    ['live', 'retrying', 2, 40, 'Some'],
    ['live', 'fallback', 2, 0, 'Some'],
    ['live', 'open', 0, 0, 'None'],
  ])
})

test('once: one answer, repeated while it fails in passing; a source that gives none is no connection', () => {
  const { link, scheduler, brief } = linked({ maxFailures: 2 })
  let asks = 0
  const flaky = (): Observable<number> => (++asks < 3 ? throwError(() => answered(503, 10)) : of(asks, 99))
  expect(recorded(scheduler, link.once(flaky))).toMatchObject({ values: [3], times: [20], completed: true })
  expect(brief()).toEqual(['retrying 1', 'retrying 2', 'open 0'])
  const silent = linked({ maxFailures: 1 })
  expect(
    recorded(
      silent.scheduler,
      silent.link.once(() => EMPTY),
    ).error,
  ).toMatchObject({
    _tag: 'NetworkError',
    cause: { message: 'the source gave no value' },
  })
  expect(silent.brief()).toEqual(['retrying 1'])
})

test('once: a slip in the function is an error of the stream', () => {
  const slip = new Error('a slip')
  const { link, scheduler } = linked()
  const outcome = recorded(
    scheduler,
    link.once(() => {
      throw slip
    }),
  )
  expect(outcome).toMatchObject({ error: slip, endedAt: 0 })
})

test('a way that was given up while it was well is told to be well again', () => {
  const { link, brief } = linked()
  link.succeeded()
  link.fellBack(undefined, 0)
  link.succeeded()
  expect(brief()).toEqual(['open 0', 'fallback 0', 'open 0'])
})
