import { concat, EMPTY, NEVER, of, throwError } from 'rxjs'
import { attempt } from 'rxjobs'
import { expect, test } from 'vitest'
import { outcomeNow } from '../core/support/outcome.ts'
import { answered, marbles } from './support/letters.ts'

const failure = answered(404)

test('values are Rights, an ApiError is the last Left, after which it completes', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-#', undefined, failure)
    expectObservable(source.pipe(attempt())).toBe('-a-b-(c|)', {
      a: { _tag: 'Right', right: 'a' },
      b: { _tag: 'Right', right: 'b' },
      c: { _tag: 'Left', left: failure },
    })
    expectSubscriptions(source.subscriptions).toBe('^----!')
  })
})

test('a stream that ends or goes on without a failure is as before', () => {
  expect(outcomeNow(EMPTY.pipe(attempt()))).toEqual({ values: [], completed: true })
  expect(outcomeNow(NEVER.pipe(attempt()))).toEqual({ values: [], completed: false })
})

test.each([new Error('a slip'), new TypeError('another'), undefined, { _tag: 'HttpError' }])(
  'what is no ApiError stays an error: %s',
  (defect) => {
    const failing = concat(
      of(1),
      throwError(() => defect),
    )
    expect(outcomeNow(failing.pipe(attempt()))).toEqual({
      values: [{ _tag: 'Right', right: 1 }],
      error: defect,
      completed: false,
    })
  },
)

test('an error of what follows it is not caught', () => {
  const late = new Error('late')
  const outcome = outcomeNow(
    concat(
      of(1).pipe(attempt()),
      throwError(() => late),
    ),
  )
  expect(outcome.error).toBe(late)
})
