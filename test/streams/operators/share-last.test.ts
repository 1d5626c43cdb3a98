import fc from 'fast-check'
import { type Observable, of, ReplaySubject, share, Subject, take } from 'rxjs'
import { shareLast, toAsyncIterable } from 'rxjobs'
import { expect, test } from 'vitest'
import { Paced } from '../../../src/core/index.ts'
import { refusal } from '../../apis/support.ts'
import { marbles } from '../support/letters.ts'

test('one subscription for all; a late subscriber begins with the last values, in order, and goes on live', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('                   --a--b--c-----d--e--|')
    const shared = source.pipe(shareLast(2))
    expectObservable(shared).toBe('        --a--b--c-----d--e--|')
    expectObservable(shared, '---------^').toBe('---------(bc)-d--e--|')
    expectObservable(shared, '---^------!').toBe('---a-b--c')
    expectSubscriptions(source.subscriptions).toBe('^-------------------!')
  })
})

test('left by the last subscriber it leaves the source and forgets; the next one begins anew', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('                          --a--b--c-----d--e--|')
    const shared = source.pipe(shareLast(9))
    expectObservable(shared, '^---------!').toBe(' --a--b--c')
    expectObservable(shared, '---------^---!').toBe('---------(abc)')
    expectObservable(shared, '---------------^').toBe('-----------------e--|')
    expectSubscriptions(source.subscriptions).toBe(['^------------!', '---------------^----!'])
  })
})

test.each(['--a|', '--a#'])('when the source ends (%s), so do all, and the next subscriber begins anew', (marble) => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold(marble)
    const shared = source.pipe(shareLast(3))
    expectObservable(shared).toBe(marble)
    expectObservable(shared, '-----^').toBe(`-----${marble}`)
    expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^--!'])
  })
})

const failed = new Error('failed')
type Step = number | 'subscribe' | 'leave' | 'complete' | 'fail'
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.nat(99) },
    { weight: 2, arbitrary: fc.constant<Step>('subscribe') },
    { weight: 1, arbitrary: fc.constant<Step>('leave') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('complete', 'fail') },
  ),
  { maxLength: 60, size: 'max' },
)

/** What each subscriber saw, and how often the source was subscribed to. */
function run(drawn: ReadonlyArray<Step>, operator: (source: Observable<number>) => Observable<number>): unknown {
  const sources: Array<Subject<number>> = []
  const shared = operator(
    new Paced(() => {
      const source = new Subject<number>()
      sources.push(source)
      return source
    }),
  )
  const seen: Array<Array<unknown>> = []
  const readers: Array<{ unsubscribe(): void }> = []
  for (const step of drawn) {
    const source = sources[sources.length - 1]
    if (typeof step === 'number') source?.next(step)
    else if (step === 'complete') source?.complete()
    else if (step === 'fail') source?.error(failed)
    else if (step === 'leave') readers.shift()?.unsubscribe()
    else {
      const mine: Array<unknown> = []
      seen.push(mine)
      readers.push(
        shared.subscribe({
          next: (value) => mine.push(value),
          error: (error: unknown) => mine.push(error),
          complete: () => mine.push('complete'),
        }),
      )
    }
  }
  return { seen, subscriptions: sources.length }
}

test('its subscribers see what those of share over a ReplaySubject of that size see, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (drawn, count) => {
      const replaying = share<number>({ connector: () => new ReplaySubject(count) })
      expect(run(drawn, shareLast(count))).toEqual(run(drawn, replaying))
    }),
    { numRuns: 1_000 },
  )
})

test('what a subscriber causes while it catches up comes after what was before, and nothing is left out', () => {
  const source = new Subject<number>()
  const shared = source.pipe(shareLast(3))
  shared.subscribe()
  for (const value of [1, 2, 3]) source.next(value)
  const seen: Array<unknown> = []
  shared.subscribe({
    next: (value) => {
      seen.push(value)
      if (value !== 1) return
      for (const more of [4, 5, 6, 7]) source.next(more)
      source.complete()
    },
    complete: () => seen.push('complete'),
  })
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 'complete'])
})

test('a subscriber that has enough while it catches up gets no more', () => {
  const source = new Subject<number>()
  const shared = source.pipe(shareLast(3))
  shared.subscribe()
  for (const value of [1, 2, 3]) source.next(value)
  const seen: Array<number> = []
  shared.pipe(take(2)).subscribe((value) => seen.push(value))
  source.next(4)
  expect(seen).toEqual([1, 2])
})

test('a slow reader holds nobody back: the shared stream has no pace', async () => {
  const paces: Array<boolean> = []
  const source = new Paced<number>((ready) => {
    ready.subscribe((open) => paces.push(open))
    return of(...Array.from({ length: 2_000 }, (_, at) => at))
  })
  const first = toAsyncIterable(source.pipe(shareLast(5)))[Symbol.asyncIterator]()
  expect(await first.next()).toEqual({ done: false, value: 0 })
  expect(paces).toEqual([true])
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a count of %s is refused at the call', (count) => {
  expect(refusal(() => shareLast(count))).toMatch(/^shareLast: count must be a positive integer, was/)
})

test('a count that is a text is shown as one', () => {
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => shareLast('10'))).toBe('shareLast: count must be a positive integer, was "10"')
})
