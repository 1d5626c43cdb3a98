import { EMPTY, from, NEVER, Observable, of, Subject, Subscription, throwError } from 'rxjs'
import { expect, test, vi } from 'vitest'
import { boundTo } from '../../src/core/bound-to.ts'
import { outcomeNow, watch } from './support/outcome.ts'

function* endless(): Generator<number> {
  for (let count = 0; ; count++) yield count
}

test('a source that emits while it is being subscribed to stops with the other subscription', () => {
  const outer = new Subscription()
  const seen: Array<number> = []
  let completed = false
  from(endless())
    .pipe(boundTo(outer))
    .subscribe({
      next: (value) => {
        seen.push(value)
        if (value === 2) outer.unsubscribe()
      },
      complete: () => (completed = true),
    })
  expect([seen, completed]).toEqual([[0, 1, 2], false])
})

test('so does one that emits later', () => {
  const outer = new Subscription()
  const source = new Subject<number>()
  const outcome = watch(source.pipe(boundTo(outer)))
  source.next(1)
  outer.unsubscribe()
  expect([source.observed, outcome()]).toEqual([false, { values: [1], completed: false }])
})

test('after the end of the other subscription no source is begun', () => {
  const outer = new Subscription()
  outer.unsubscribe()
  let begun = false
  const source = new Observable<never>(() => void (begun = true))
  expect([outcomeNow(source.pipe(boundTo(outer))), begun]).toEqual([{ values: [], completed: false }, false])
})

test('leaves what comes as it is', () => {
  const bound = boundTo(new Subscription())
  expect(outcomeNow(of(1, 2).pipe(bound))).toEqual({ values: [1, 2], completed: true })
  expect(outcomeNow(EMPTY.pipe(bound))).toEqual({ values: [], completed: true })
  const error = new Error('no')
  expect(outcomeNow(throwError(() => error).pipe(bound))).toEqual({ values: [], error, completed: false })
})

test('leaving the source leaves the other subscription open, and nothing in it', () => {
  const outer = new Subscription()
  const remove = vi.spyOn(outer, 'remove')
  NEVER.pipe(boundTo(outer)).subscribe().unsubscribe()
  expect([outer.closed, remove.mock.calls.length]).toEqual([false, 1])
})
