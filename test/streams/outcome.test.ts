import { EMPTY, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { isFinal } from 'rxjobs'
import { expect, test, vi } from 'vitest'
import type { FinalStatus } from '../../src/streams/job-status.ts'
import { outcomeOf } from '../../src/streams/outcome.ts'
import { answered, inTurn, letters, phaseOf, recorded } from './support/letters.ts'

function status(job: string): FinalStatus<string, string> {
  const phase = phaseOf(job)
  if (!isFinal(phase)) throw new Error(`${job} is not over`)
  return { _tag: 'Status', ref: 'a', job, phase }
}
const unread = () => expect.unreachable('the status is not read again')

test('a job that succeeded is not asked why', () => {
  const failure = vi.fn(() => of('why'))
  const { values } = recorded(new VirtualTimeScheduler(), outcomeOf(letters(unread, { failure }), status('s')))
  expect(values).toEqual([{ ref: 'a', job: 's', phase: 'succeeded' }])
  expect(failure).not.toHaveBeenCalled()
})

test('the reason is read at each subscription, and not before', () => {
  const failure = vi.fn(() => of('why'))
  const outcome = outcomeOf(letters(unread, { failure }), status('f'))
  expect(failure).not.toHaveBeenCalled()
  const wanted = { ref: 'a', job: 'f', phase: 'failed', failure: 'why' }
  expect(recorded(new VirtualTimeScheduler(), outcome).values).toEqual([wanted])
  expect(recorded(new VirtualTimeScheduler(), outcome).values).toEqual([wanted])
  expect(failure.mock.calls).toEqual([
    ['a', 'f'],
    ['a', 'f'],
  ])
})

test('it is tried five times more unless maxFailures says otherwise, by the scheduler that is given', () => {
  const scheduler = new VirtualTimeScheduler()
  for (const [maxFailures, tries] of [
    [undefined, 6],
    [0, 1],
    [2, 3],
  ] as const) {
    const read = inTurn(...([0, 1, 2, 3, 4, 5, 6] as const))
    let reads = 0
    const failure = vi.fn(() => throwError(() => answered(503, (reads = read() * 10))))
    const options = { scheduler, ...(maxFailures === undefined ? {} : { maxFailures }) }
    const { values } = recorded(scheduler, outcomeOf(letters(unread, { failure }), status('e'), options))
    expect(values).toMatchObject([{ phase: 'ended', failureError: { status: 503 } }])
    expect(reads).toBe((tries - 1) * 10)
  }
})

test('a source that gives nothing is a reason that could not be read', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(unread, { failure: () => EMPTY })
  const { values } = recorded(scheduler, outcomeOf(source, status('f'), { scheduler, retry: { maxAttempts: 1 } }))
  expect(values).toMatchObject([{ failureError: { _tag: 'NetworkError' } }])
})
