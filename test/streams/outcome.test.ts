import { EMPTY, type Observable, of, throwError, VirtualTimeScheduler } from 'rxjs'
import { type JobStatus, thenFetchErrors } from 'rxjobs'
import { expect, test, vi } from 'vitest'
import { answered, letters, phaseOf, recorded } from './support/letters.ts'

const status = (job: string): JobStatus<string, string> => ({ _tag: 'Status', ref: 'a', job, phase: phaseOf(job) })
const unread = () => expect.unreachable('the status is not read again')

test.each(['s', 'e'])('the outcome of a job that did not fail costs no request: %s', (job) => {
  const failure = vi.fn(() => of('why'))
  const stream = of(status(job)).pipe(thenFetchErrors(letters(unread, { failure })))
  expect(recorded(new VirtualTimeScheduler(), stream).values).toEqual([{ ref: 'a', job, phase: phaseOf(job) }])
  expect(failure).not.toHaveBeenCalled()
})

test('the reason of a failure is read at each subscription, and not before', () => {
  const failure = vi.fn(() => of('why'))
  const stream = of(status('f')).pipe(thenFetchErrors(letters(unread, { failure })))
  expect(failure).not.toHaveBeenCalled()
  const wanted = { ref: 'a', job: 'f', phase: 'failed', failure: 'why' }
  expect(recorded(new VirtualTimeScheduler(), stream).values).toEqual([wanted])
  expect(recorded(new VirtualTimeScheduler(), stream).values).toEqual([wanted])
  expect(failure.mock.calls).toEqual([
    ['a', 'f'],
    ['a', 'f'],
  ])
})

test.each([
  [undefined, 5],
  [1, 1],
  [3, 3],
])('with maxAttempts %s the reason is read %d times before it counts as unreadable', (maxAttempts, reads) => {
  const scheduler = new VirtualTimeScheduler()
  const failure = vi.fn(() => throwError(() => answered(503)))
  const options = { scheduler, ...(maxAttempts === undefined ? {} : { retry: { maxAttempts } }) }
  const stream = of(status('f')).pipe(thenFetchErrors(letters(unread, { failure }), options))
  expect(recorded(scheduler, stream).values).toMatchObject([{ phase: 'failed', failureError: { status: 503 } }])
  expect(failure).toHaveBeenCalledTimes(reads)
})

test('a source without a reason gives none; one that completes without a value could not be read', () => {
  const scheduler = new VirtualTimeScheduler()
  const known = { ref: 'a', job: 'f', phase: 'failed' }
  const options = { scheduler, retry: { maxAttempts: 1 } }
  const none = of(status('f')).pipe(thenFetchErrors(letters(unread, { failure: () => of(undefined) }), options))
  expect(recorded(scheduler, none).values).toEqual([known])
  const empty = of(status('f')).pipe(thenFetchErrors(letters(unread, { failure: () => EMPTY }), options))
  expect(recorded(scheduler, empty).values).toMatchObject([{ ...known, failureError: { _tag: 'NetworkError' } }])
})

test('the pages of the service come with every outcome, and cost no request', () => {
  const scheduler = new VirtualTimeScheduler()
  const links = (ref: string, job: string) => ({ job: `https://ci.example.com/${ref}/${job}` })
  const outcomeOf = (job: string, failure: () => Observable<string>): unknown => {
    const source = { ...letters(unread, { failure }), links }
    return recorded(scheduler, of(status(job)).pipe(thenFetchErrors(source, { scheduler, retry: false }))).values[0]
  }
  const found = (job: string) => ({ ref: 'a', job, phase: phaseOf(job), links: links('a', job) })
  expect(outcomeOf('s', () => expect.unreachable('it did not fail'))).toEqual(found('s'))
  expect(outcomeOf('f', () => of('why'))).toEqual({ ...found('f'), failure: 'why' })
  const unreadable = outcomeOf('f', () => throwError(() => answered(403)))
  expect(unreadable).toMatchObject({ ...found('f'), failureError: { status: 403 } })
})
