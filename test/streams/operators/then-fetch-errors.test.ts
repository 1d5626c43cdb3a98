import { defer, finalize, from, map, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { type JobStatus, thenFetchErrors } from 'rxjobs'
import { expect, test, vi } from 'vitest'
import { refusal } from '../../apis/support.ts'
import { answered, type Letters, letters, phaseOf, recorded } from '../support/letters.ts'

const status = (job: string, ref = 'a'): JobStatus<string, string> => ({
  _tag: 'Status',
  ref,
  job,
  phase: phaseOf(job),
})
const unasked = (): never => expect.unreachable('the reason is not asked for')
const failing = (failure: Letters['failure']): Letters => letters(unasked, { failure })

test('one outcome for each final status, with its reason; others are dropped', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = failing((ref, job) => of(job === 'e' ? undefined : `${ref}: out of memory`))
  const statuses = ['q', 'r', 'x', 's', 'f', 'e'].map((job) => status(job))
  expect(recorded(scheduler, from(statuses).pipe(thenFetchErrors(source))).values).toEqual([
    { ref: 'a', job: 's', phase: 'succeeded' },
    { ref: 'a', job: 'f', phase: 'failed', failure: 'a: out of memory' },
    { ref: 'a', job: 'e', phase: 'ended' },
  ])
})

test('a job that succeeded costs no request', () => {
  const scheduler = new VirtualTimeScheduler()
  const { values, completed } = recorded(scheduler, of(status('s')).pipe(thenFetchErrors(failing(unasked))))
  expect([values.length, completed]).toEqual([1, true])
})

test.each([
  [undefined, 4, 300],
  [1, 1, 1_000],
  [100, 10, 100],
])('reasons of ten jobs with concurrency %s: %d at a time, in %d ms', (concurrency, most, ms) => {
  const scheduler = new VirtualTimeScheduler()
  let reading = 0
  let mostReading = 0
  const source = failing((ref) =>
    defer(() => {
      mostReading = Math.max(mostReading, ++reading)
      return timer(100, scheduler).pipe(
        map(() => ref),
        finalize(() => reading--),
      )
    }),
  )
  const refs = Array.from({ length: 10 }, (_, index) => `${index}`)
  const options = { scheduler, ...(concurrency === undefined ? {} : { concurrency }) }
  const stream = from(refs.map((ref) => status('f', ref))).pipe(thenFetchErrors(source, options))
  const { values, endedAt } = recorded(scheduler, stream)
  expect(values).toMatchObject(refs.map((failure) => ({ failure })))
  expect(mostReading).toBe(most)
  expect(endedAt).toBe(ms)
})

test('a reason that cannot be read is in the outcome, and the others go on', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = failing((ref) => (ref === 'a' ? throwError(() => answered(403)) : of('why')))
  const stream = of(status('f', 'a'), status('f', 'b')).pipe(thenFetchErrors(source))
  const { values, completed } = recorded(scheduler, stream)
  expect(completed).toBe(true)
  expect(values).toEqual([
    { ref: 'a', job: 'f', phase: 'failed', failureError: answered(403) },
    { ref: 'b', job: 'f', phase: 'failed', failure: 'why' },
  ])
})

test('a reason that fails in passing is asked for again, a few times', () => {
  const scheduler = new VirtualTimeScheduler()
  const states: Array<string> = []
  const failure = vi.fn(() => throwError(() => answered(503, 300)))
  const options = {
    scheduler,
    random: () => 0,
    onConnection: ({ state }: { readonly state: string }) => states.push(state),
  }
  const { values, endedAt } = recorded(scheduler, of(status('f')).pipe(thenFetchErrors(failing(failure), options)))
  expect(values).toMatchObject([{ failureError: answered(503, 300) }])
  expect([failure.mock.calls.length, endedAt]).toEqual([5, 1_200])
  expect(states).toEqual(Array.from({ length: 4 }, () => 'retrying'))
})

test('a slip in the source stays an error', () => {
  const scheduler = new VirtualTimeScheduler()
  const slip = new Error('a slip')
  const stream = of(status('f')).pipe(thenFetchErrors(failing(() => throwError(() => slip))))
  expect(recorded(scheduler, stream).error).toBe(slip)
})

test.each([0, 1.5, Number.NaN])('a concurrency of %d is refused', (concurrency) => {
  expect(refusal(() => thenFetchErrors(failing(unasked), { concurrency }))).toMatch(
    /^thenFetchErrors: concurrency must be .* from 1 up/,
  )
})

test.each<[fed: unknown, was: string]>([
  ['a-ref', 'a string'],
  [{ _tag: 'Line', ref: 'a', data: 'x' }, 'an object with the keys ["_tag","ref","data"]'],
  [{ _tag: 'Settled', ref: 'a', outcome: {} }, 'an object with the keys ["_tag","ref","outcome"]'],
])('%o is no status: a TypeError says what it takes', (fed, was) => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  const stream = of(fed).pipe(thenFetchErrors(failing(unasked)))
  expect(recorded(new VirtualTimeScheduler(), stream).error).toEqual(
    new TypeError(`thenFetchErrors: it takes the statuses of thenWatch, was ${was}`),
  )
})
