import { map, of, timer, VirtualTimeScheduler } from 'rxjs'
import { thenFollow } from 'rxjobs'
import { expect, test } from 'vitest'
import { letters, recorded } from '../support/letters.ts'

const slowFirst = (scheduler: VirtualTimeScheduler) =>
  letters((ref) => timer(ref === 'a' ? 30 : 10, scheduler).pipe(map(() => (ref === 'a' ? 's' : 'f'))))

test.each([
  [undefined, ['b Connection', 'b Status', 'b Settled', 'a Connection', 'a Status', 'a Settled']],
  [1, ['a Connection', 'a Status', 'a Settled', 'b Connection', 'b Status', 'b Settled']],
])('every event says whose it is, Settled is the last of each; concurrency %s', (concurrency, wanted) => {
  const scheduler = new VirtualTimeScheduler()
  const options = { scheduler, ...(concurrency === undefined ? {} : { concurrency }) }
  const stream = of('a', 'b').pipe(
    thenFollow(slowFirst(scheduler), options),
    map(({ ref, _tag }) => `${ref} ${_tag}`),
  )
  expect(recorded(scheduler, stream)).toMatchObject({ values: wanted, completed: true })
})

test('a job that failed does not fail the stream', () => {
  const scheduler = new VirtualTimeScheduler()
  const { values, completed } = recorded(scheduler, of('b', 'a').pipe(thenFollow(slowFirst(scheduler), { scheduler })))
  const phases = values.flatMap((event) => (event._tag === 'Settled' ? [event.outcome.phase] : []))
  expect([phases, completed]).toEqual([['failed', 'succeeded'], true])
})

test('an answer that names no job is a DecodeError', () => {
  const scheduler = new VirtualTimeScheduler()
  const source = { ...slowFirst(scheduler), refOf: () => undefined }
  const { error } = recorded(scheduler, of('a').pipe(thenFollow(source, { scheduler })))
  expect(error).toMatchObject({ _tag: 'DecodeError', issues: [{ actual: 'a string' }] })
})
