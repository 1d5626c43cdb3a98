import { finalize, from, map, of, throwError, timer, VirtualTimeScheduler } from 'rxjs'
import { jobSource, thenWatch } from 'rxjobs'
import { expect, test } from 'vitest'
import { refusal } from '../../apis/support.ts'
import { answered, letters, marbles, phaseOf, recorded } from '../support/letters.ts'

test('each job that is submitted is watched, merged, each status with its reference', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const statuses = { a: '--s', b: '-s' }
    const source = letters((ref) => cold(ref === 'a' ? statuses.a : statuses.b))
    const submitted = cold('-a-b|')
    const stream = submitted.pipe(
      thenWatch(source, { scheduler }),
      map(({ ref }) => ref),
    )
    expectObservable(stream).toBe('---a(b|)')
    expectSubscriptions(submitted.subscriptions).toBe('^---!')
  })
})

test.each([
  [undefined, 100, 100],
  [7, 7, 1_500],
  [1, 1, 10_000],
])('a hundred jobs with concurrency %s: %d at a time, in %d ms', (concurrency, most, ms) => {
  const scheduler = new VirtualTimeScheduler()
  let watching = 0
  let mostWatching = 0
  const source = letters(() => {
    mostWatching = Math.max(mostWatching, ++watching)
    return timer(100, scheduler).pipe(
      map(() => 's'),
      finalize(() => watching--),
    )
  })
  const refs = Array.from({ length: 100 }, (_, index) => `${index}`)
  const options = { scheduler, ...(concurrency === undefined ? {} : { concurrency }) }
  const { values, endedAt } = recorded(scheduler, from(refs).pipe(thenWatch(source, options)))
  expect(values.map(({ ref }) => ref)).toEqual(refs)
  expect([mostWatching, endedAt]).toEqual([most, ms])
})

test('an answer that names no job is a DecodeError', () => {
  const scheduler = new VirtualTimeScheduler()
  const refOf = ({ id }: { readonly id?: string }): string | undefined => id
  const named = { ...jobSource({ status: (ref: string) => of(`s ${ref}`), phase: phaseOf }), refOf }
  const { values, error } = recorded(scheduler, of({ id: 'a' }, {}).pipe(thenWatch(named, { scheduler })))
  expect(values.map(({ ref }) => ref)).toEqual(['a'])
  expect(error).toMatchObject({
    _tag: 'DecodeError',
    issues: [{ path: '', expected: 'an answer that names the job' }],
  })
})

test.each<[submitted: unknown, was: string]>([
  [[{ id: 'a' }], 'an array'],
  [Promise.resolve({ id: 'a' }), 'a promise'],
])('%o must be flattened first: the error says so', (submitted, was) => {
  const scheduler = new VirtualTimeScheduler()
  const named = { ...letters(() => of('s')), refOf: ({ id }: { readonly id?: string }) => id }
  // @ts-expect-error JavaScript has no compiler to refuse it
  const stream = of(submitted).pipe(thenWatch(named, { scheduler }))
  expect(recorded(scheduler, stream).error).toMatchObject({
    _tag: 'DecodeError',
    message: `thenWatch (submitted): the body should be an answer that names the job, was ${was}: flatten it first, with mergeMap`,
  })
})

test('one job that cannot be watched ends the stream and the other watches', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters((ref) => (ref === 'b' ? throwError(() => answered(404)) : of('r')))
  const options = { scheduler, pollInterval: 10 }
  expect(recorded(scheduler, of('a', 'b').pipe(thenWatch(source, options)))).toMatchObject({ error: { status: 404 } })
  expect(scheduler.actions).toEqual([])
})

test('a failed submission comes through, and nothing is watched', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(() => expect.unreachable('there is no job'))
  const failing = throwError(() => answered(400)).pipe(thenWatch(source, { scheduler }))
  expect(recorded(scheduler, failing)).toMatchObject({ values: [], error: { status: 400 } })
})

test('a deadline holds for each job, from when its watch began', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = letters(() => timer(60, scheduler).pipe(map(() => 's')))
  const options = { scheduler, concurrency: 1, deadline: 100 }
  expect(recorded(scheduler, of('a', 'b', 'c').pipe(thenWatch(source, options)))).toMatchObject({
    times: [60, 120, 180],
    completed: true,
  })
})

test.each([0, -1, 1.5, Number.NaN])('a concurrency of %d is refused', (concurrency) => {
  const source = letters(() => of('s'))
  const words = `thenWatch: concurrency must be a whole number from 1 up, was ${concurrency}`
  expect(refusal(() => thenWatch(source, { concurrency }))).toBe(words)
})
