import { NEVER, of, VirtualTimeScheduler } from 'rxjs'
import { NetworkError } from 'rxjobs'
import { expect, test } from 'vitest'
import { failAfter } from '../../src/streams/deadline.ts'
import { marbles } from './support/letters.ts'

const late = new NetworkError({ method: 'GET', path: '/', cause: 'late' })

test('a source that has not ended by then fails, and is left; one that has is as it was', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
    const slow = cold('-a-b-c-d|')
    expectObservable(slow.pipe(failAfter(5, scheduler, () => late))).toBe('-a-b-#', undefined, late)
    expectSubscriptions(slow.subscriptions).toBe('^----!')
    const quick = cold('-a-b|')
    expectObservable(quick.pipe(failAfter(5, scheduler, () => late))).toBe('-a-b|')
    const failing = cold('-a-#')
    expectObservable(failing.pipe(failAfter(5, scheduler, () => late))).toBe('-a-#')
  })
})

test('no timer is left by a source that ends or by one who leaves', () => {
  const scheduler = new VirtualTimeScheduler()
  const bounded = failAfter<number>(5, scheduler, () => late)
  of(1).pipe(bounded).subscribe()
  expect(scheduler.actions).toEqual([])
})

test('without a bound it is the source itself', () => {
  const source = of(1)
  expect(failAfter<number>(undefined, new VirtualTimeScheduler(), () => late)(source)).toBe(source)
})

test('a bound that no timer can hold is kept in several, and holds to the millisecond', () => {
  const scheduler = new VirtualTimeScheduler()
  const ms = 3 * 2 ** 31
  let endedAt = 0
  NEVER.pipe(failAfter(ms, scheduler, () => late)).subscribe({ error: () => (endedAt = scheduler.now()) })
  expect(scheduler.actions.map(({ delay }) => delay)).toEqual([2 ** 31 - 1])
  scheduler.flush()
  expect([endedAt, scheduler.actions]).toEqual([ms, []])
})

test('a bound that never comes is none', () => {
  marbles(({ cold, expectObservable }, scheduler) => {
    const unbounded = failAfter<string>(Number.POSITIVE_INFINITY, scheduler, () => late)
    expectObservable(cold('-a 1h b|').pipe(unbounded)).toBe('-a 1h b|')
  })
})
