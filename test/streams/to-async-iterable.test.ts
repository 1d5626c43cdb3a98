import { concat, EMPTY, finalize, map, NEVER, Observable, of, range, repeat, Subject, throwError } from 'rxjs'
import { toAsyncIterable } from 'rxjobs'
import { expect, test } from 'vitest'
import { BackpressuredObservable } from '../../src/core/index.ts'
import { refusal } from '../apis/support.ts'

/** All that comes until the end, and how it ends. */
async function drain<A>(
  iterator: AsyncIterator<A, undefined>,
): Promise<{ readonly values: ReadonlyArray<A>; readonly error?: unknown }> {
  const values: Array<A> = []
  try {
    for (;;) {
      const result = await iterator.next()
      if (result.done === true) return { values }
      values.push(result.value)
    }
  } catch (error) {
    return { values, error }
  }
}

type Iterating<A> = Required<AsyncIterator<A, undefined>>

const iterator = <A>(source: Observable<A>, buffer?: number): Iterating<A> & { readonly itself: AsyncIterator<A> } => {
  const itself = toAsyncIterable(source, buffer === undefined ? {} : { buffer })[Symbol.asyncIterator]()
  return {
    itself,
    next: () => itself.next(),
    return: (value) => itself.return?.(value) ?? expect.unreachable('it has a return'),
    throw: (error) => itself.throw?.(error) ?? expect.unreachable('it has a throw'),
  }
}

const isIterable = <A>(value: AsyncIterator<A>): value is AsyncIterableIterator<A> => Symbol.asyncIterator in value

test('every value in order, then the end; each iteration subscribes anew', async () => {
  let subscriptions = 0
  const iterable = toAsyncIterable(
    new Observable<number>((subscriber) => {
      subscriptions++
      range(0, 3_000).subscribe(subscriber)
    }),
  )
  expect(subscriptions).toBe(0)
  for (const round of [1, 2]) {
    const seen: Array<number> = []
    for await (const value of iterable) seen.push(value)
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, index) => index))
    expect(subscriptions).toBe(round)
  }
})

test('nothing is subscribed to before the first next', async () => {
  let subscribed = false
  const source = new Observable<never>(() => void (subscribed = true))
  const iterating = iterator(source)
  expect(subscribed).toBe(false)
  void iterating.next()
  expect(subscribed).toBe(true)
  await iterating.return()
})

test('an error comes after the values before it, and once', async () => {
  const failure = new Error('cut off')
  const iterating = iterator(
    concat(
      of(1, undefined, 2),
      throwError(() => failure),
    ),
  )
  expect(await drain(iterating)).toEqual({ values: [1, undefined, 2], error: failure })
  expect(await iterating.next()).toEqual({ done: true, value: undefined })
  expect(await drain(iterator(throwError(() => failure)))).toEqual({ values: [], error: failure })
})

test('leaving the loop unsubscribes', async () => {
  let left = false
  const source = concat(of(1, 2, 3), NEVER).pipe(finalize(() => (left = true)))
  for await (const value of toAsyncIterable(source)) if (value === 2) break
  expect(left).toBe(true)
})

test('calls of next that wait are answered in order, the rest with the end', async () => {
  const source = new Subject<number>()
  const iterating = iterator(source)
  const asked = [iterating.next(), iterating.next(), iterating.next(), iterating.next()]
  for (const value of [1, 2]) source.next(value)
  source.complete()
  expect((await Promise.all(asked)).map(({ done, value }) => (done === true ? 'end' : value))).toEqual([
    1,
    2,
    'end',
    'end',
  ])
})

test('of several that wait one gets the error, the others the end', async () => {
  const source = new Subject<number>()
  const iterating = iterator(source)
  const asked = [iterating.next(), iterating.next()]
  source.error(new Error('cut off'))
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})

test('return before the first next never subscribes', async () => {
  const iterating = iterator(new Observable<number>(() => expect.unreachable('nobody asked')))
  expect(await iterating.return()).toEqual({ done: true, value: undefined })
  expect(await iterating.next()).toEqual({ done: true, value: undefined })
})

test('return drops what waits and ends those that wait', async () => {
  const source = new Subject<number>()
  const iterating = iterator(source)
  const first = iterating.next()
  for (const value of [1, 2, 3]) source.next(value)
  expect(await first).toEqual({ done: false, value: 1 })
  await iterating.return()
  expect(source.observed).toBe(false)
  expect(await iterating.next()).toEqual({ done: true, value: undefined })

  const waiting = iterator(source)
  const asked = waiting.next()
  await waiting.return()
  expect(await asked).toEqual({ done: true, value: undefined })
})

test('one value beyond the buffer ends it with a RangeError, after those that wait, and unsubscribes', async () => {
  const source = new Subject<number>()
  const iterating = iterator(source, 3)
  const first = iterating.next()
  for (let value = 0; value <= 3; value++) source.next(value)
  expect(source.observed).toBe(true)
  source.next(4)
  expect(source.observed).toBe(false)
  expect(await first).toEqual({ done: false, value: 0 })
  const { values, error } = await drain(iterating)
  expect(values).toEqual([1, 2, 3])
  expect(error).toBeInstanceOf(RangeError)
  expect(String(error)).toBe('RangeError: toAsyncIterable: 3 values wait; raise "buffer" or read faster')
})

test('by default 65 536 values may wait', async () => {
  // The first goes to the one who asked.
  expect((await drain(iterator(range(0, 65_537)))).error).toBeUndefined()
  const { values, error } = await drain(iterator(range(0, 65_538)))
  expect([values.length, error instanceof RangeError]).toEqual([65_537, true])
})

/** A stream that can be held back, and what its demand was. */
function paced(): {
  readonly source: Observable<number>
  readonly input: Subject<number>
  readonly reported: Array<boolean>
} {
  const input = new Subject<number>()
  const reported: Array<boolean> = []
  const source = new BackpressuredObservable<number>(
    (ready) =>
      new Observable((subscriber) => {
        subscriber.add(ready.subscribe((wanted) => reported.push(wanted)))
        subscriber.add(input.subscribe(subscriber))
      }),
  )
  return { source, input, reported }
}

test('a stream that can be held back is, while 256 values wait, and goes on when fewer do', async () => {
  const { source, input, reported } = paced()
  const iterating = iterator(source)
  const first = iterating.next()
  for (let value = 0; value <= 255; value++) input.next(value)
  await first
  expect(reported).toEqual([true])
  for (let value = 256; value < 300; value++) input.next(value)
  expect(reported).toEqual([true, false])
  // 299 wait.
  for (let taken = 0; taken < 43; taken++) await iterating.next()
  expect(reported).toEqual([true, false])
  await iterating.next()
  expect(reported).toEqual([true, false, true])
  await iterating.return()
  expect(input.observed).toBe(false)
})

test('an empty stream ends at once', async () => {
  expect(await drain(iterator(EMPTY))).toEqual({ values: [] })
})

test('a stream that can be held back may bring more than the buffer in one read', async () => {
  const source = new BackpressuredObservable<number>(() => range(0, 1_000))
  const { values, error } = await drain(iterator(source, 10))
  expect([values.length, error]).toEqual([1_000, undefined])
})

test('after an operator a stream is not held back, and bounded by the buffer', async () => {
  const { source, input, reported } = paced()
  const iterating = iterator(source.pipe(map((value) => value)), 300)
  const first = iterating.next()
  for (let value = 0; value <= 300; value++) input.next(value)
  await first
  expect(reported).toEqual([true])
  input.next(301)
  expect((await drain(iterating)).error).toBeInstanceOf(RangeError)
})

test('a stream that is over is not held back by what still waits', async () => {
  const { source, input, reported } = paced()
  const iterating = iterator(source)
  const first = iterating.next()
  for (let value = 0; value < 300; value++) input.next(value)
  input.complete()
  await first
  expect(reported).toEqual([true, false])
  expect((await drain(iterating)).values).toHaveLength(299)
})

test('a source that never lets go is left at the bound', async () => {
  let emitted = 0
  const endless = of(1).pipe(
    repeat(),
    map(() => emitted++),
  )
  const { values, error } = await drain(iterator(endless, 10))
  expect([values.length, error instanceof RangeError, emitted]).toEqual([11, true, 12])
})

test('a source that throws when it is begun is an error, once', async () => {
  const failure = new Error('not today')
  const source = new BackpressuredObservable<number>(() => {
    throw failure
  })
  const iterating = iterator(source)
  expect(await drain(iterating)).toEqual({ values: [], error: failure })
  expect(await iterating.next()).toEqual({ done: true, value: undefined })
})

test('an iterator can be iterated over: what waits goes to whoever asks', async () => {
  const iterating = iterator(of(1, 2, 3))
  expect(await iterating.next()).toEqual({ done: false, value: 1 })
  const rest: Array<number> = []
  if (!isIterable(iterating.itself)) return expect.unreachable('it is iterable')
  for await (const value of iterating.itself) rest.push(value)
  expect(rest).toEqual([2, 3])
})

test('return gives back its value and throw its error, and both leave', async () => {
  const source = new Subject<number>()
  const returning = iterator(source)
  const asked = returning.next()
  // @ts-expect-error the type knows no value of its own; JavaScript's generators give back any
  expect(await returning.return(5)).toEqual({ done: true, value: 5 })
  expect([await asked, source.observed]).toEqual([{ done: true, value: undefined }, false])

  const throwing = iterator(source)
  const waiting = throwing.next()
  const failure = new Error('enough')
  await expect(throwing.throw(failure)).rejects.toBe(failure)
  expect([await waiting, source.observed]).toEqual([{ done: true, value: undefined }, false])
  expect(await throwing.next()).toEqual({ done: true, value: undefined })
})

test('after return an error that waited is not thrown any more', async () => {
  const source = new Subject<number>()
  const iterating = iterator(source)
  const first = iterating.next()
  for (const value of [1, 2]) source.next(value)
  source.error(new Error('cut off'))
  await first
  await iterating.return()
  expect(await iterating.next()).toEqual({ done: true, value: undefined })
})

test.each([Number.NaN, -1])('a buffer of %d is refused at the call', (buffer) => {
  expect(refusal(() => toAsyncIterable(NEVER, { buffer }))).toBe(
    `toAsyncIterable: buffer must be a number from 0 up, was ${buffer}`,
  )
})

test('a promise in place of a stream is refused at the call', () => {
  const promise: object = Promise.resolve(1)
  // @ts-expect-error JavaScript has no compiler to refuse it
  expect(refusal(() => toAsyncIterable(promise))).toMatch(/^toAsyncIterable: it takes an Observable, not a promise/)
})
