import { BehaviorSubject, defer, firstValueFrom, type Observable, Subscription, throwError } from 'rxjs'
import { boundTo } from '../core/bound-to.ts'
import { checkObservable, checkOption, isNotNegative } from '../core/check-option.ts'
import { Paced, withPace } from '../core/index.ts'

/** How much {@link toAsyncIterable} holds for a slow consumer. */
export interface AsyncIterableOptions {
  /**
   * How many values of a stream that cannot be held back may wait. Default 65 536. One more ends the iteration with a
   * RangeError, after those that wait.
   */
  readonly buffer?: number
}

// A source that can be held back is, while this many values wait: enough to keep a fast consumer busy.
const plenty = 256

/**
 * A stream for `for await`: each iteration subscribes anew, leaving the loop unsubscribes.
 *
 * Tails, follows, deploys and downloads are held back while the consumer is busy: nothing more is read from the connection, its
 * timeouts rest, and memory stays bounded by what one read of the log brings. Operators that only transform or merge keep
 * that. One with a queue of its own between the two does not (`concatMap` with something slow, `observeOn`, `delay`,
 * `bufferCount`): the queue takes whatever comes. Of those who share one stream (`share`), the one whose subscription
 * began it sets the pace for all, until it leaves; from then on nothing holds the stream back.
 *
 * Other streams cannot be held back: up to `buffer` values wait, and one more ends the iteration with a RangeError that
 * says so. An error of the stream is thrown after the values before it.
 *
 * @throws TypeError at the call for what is no Observable, and for a buffer that is no number from 0 up
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import { toAsyncIterable } from 'rxjobs'
 *
 * const seen: Array<number> = []
 * for await (const value of toAsyncIterable(of(1, 2, 3))) seen.push(value)
 * seen // => [1, 2, 3]
 * ```
 */
export function toAsyncIterable<A>(
  source: Observable<A>,
  { buffer = 65_536 }: AsyncIterableOptions = {},
): AsyncIterable<A> {
  checkObservable('toAsyncIterable', source)
  checkOption('toAsyncIterable: buffer', buffer, isNotNegative, 'a number from 0 up')
  // What can be held back is: how much comes all the same is what one read brings, and no consumer is too slow for that.
  const most = source instanceof Paced ? Number.POSITIVE_INFINITY : buffer
  return { [Symbol.asyncIterator]: () => iterate(source, most) }
}

interface Waiter<A> {
  readonly resolve: (result: IteratorResult<A, undefined>) => void
  readonly reject: (error: unknown) => void
}

function iterate<A>(source: Observable<A>, buffer: number): AsyncIterableIterator<A, undefined> {
  const ready = new BehaviorSubject(true)
  const over: IteratorResult<A, undefined> = { done: true, value: undefined }
  const waiters: Array<Waiter<A>> = []
  let values: Array<IteratorYieldResult<A>> = []
  let taken = 0
  let begun = false
  let failure: { readonly error: unknown } | undefined
  const subscription = new Subscription()

  const waiting = (): number => values.length - taken
  function pace(): void {
    // One who is gone holds nobody back: others may share the stream.
    const wanted = subscription.closed || waiting() < plenty
    if (ready.value !== wanted) ready.next(wanted)
  }

  function receive(value: A): void {
    const result: IteratorYieldResult<A> = { done: false, value }
    const waiter = waiters.shift()
    if (waiter) return waiter.resolve(result)
    if (waiting() >= buffer) return fail(overflow(buffer))
    values.push(result)
    pace()
  }

  /** The oldest value that waits. Taken ones are dropped in bulk: shifting an array costs its length. */
  function take(): IteratorYieldResult<A> | undefined {
    const result = values[taken]
    if (result === undefined) return undefined
    taken++
    if (taken >= 1_024 || taken === values.length) {
      values = values.slice(taken)
      taken = 0
    }
    pace()
    return result
  }

  function finish(): void {
    subscription.unsubscribe()
    pace()
    for (const waiter of waiters.splice(0)) answer(waiter)
  }

  function fail(error: unknown): void {
    failure = { error }
    finish()
  }

  /** What comes next, or the end; an error is thrown once. */
  function answer({ resolve, reject }: Waiter<A>): void {
    const result = take()
    if (result !== undefined) return resolve(result)
    const failed = failure
    failure = undefined
    if (failed !== undefined) reject(failed.error)
    else resolve(over)
  }

  /** Nothing more comes, and nothing that waits is of use. */
  function leave(): void {
    values = []
    taken = 0
    failure = undefined
    begun = true
    finish()
  }

  function begin(): void {
    begun = true
    const paced = defer(() => withPace(source, ready))
    paced.pipe(boundTo(subscription)).subscribe({ next: receive, error: fail, complete: finish })
  }

  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () =>
      new Promise((resolve, reject) => {
        const waiter = { resolve, reject }
        if (begun && (waiting() > 0 || subscription.closed)) return answer(waiter)
        waiters.push(waiter)
        if (!begun) begin()
      }),
    return: (value) => {
      leave()
      return Promise.resolve(value).then((given) => ({ done: true, value: given }))
    },
    throw: (error: unknown) => {
      leave()
      return firstValueFrom(throwError(() => error))
    },
  }
}

const overflow = (buffer: number): RangeError =>
  new RangeError(
    `toAsyncIterable: the consumer fell ${buffer} values behind a stream that cannot be held back; raise "buffer" or be quicker`,
  )
