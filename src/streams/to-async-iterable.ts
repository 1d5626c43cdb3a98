import { BehaviorSubject, defer, firstValueFrom, type Observable, Subscription, throwError } from 'rxjs'
import {
  aNumberFromZero,
  BackpressuredObservable,
  checkOptions,
  type OptionTable,
  subscribeInto,
  withDemand,
} from '../core/index.ts'
import { checkObservable } from './check.ts'

/** How much {@link toAsyncIterable} holds for a slow consumer. */
export interface AsyncIterableOptions {
  /**
   * How many values of a stream that cannot be held back may wait. Default 65 536. One more ends the iteration with a RangeError, after
   * those that wait.
   */
  readonly buffer?: number
}

const table: OptionTable = { buffer: aNumberFromZero }

// A stream that can be held back is, while so many values wait: enough to keep a fast consumer busy.
const enough = 256

/**
 * A stream for `for await`: each iteration subscribes anew, leaving the loop unsubscribes.
 *
 * `toAsyncIterable(tailLog(…))`, and that of a follow, a deploy or a download, is held back while the consumer is busy: nothing more is
 * read from the connection, its timeouts rest, and memory stays bounded by what one read of the log brings.
 *
 * Other streams, and what `pipe` gives, cannot be held back: up to `buffer` values wait, and one more ends the iteration with a
 * RangeError. An error of the stream is thrown after the values before it.
 *
 * @throws TypeError for what is no Observable, and for an invalid option
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
export function toAsyncIterable<A>(source: Observable<A>, options: AsyncIterableOptions = {}): AsyncIterable<A> {
  checkObservable('toAsyncIterable', source)
  checkOptions('toAsyncIterable', options, table)
  const { buffer = 65_536 } = options
  // What comes although it is held back is what one read brings: no consumer is too slow for that.
  const most = source instanceof BackpressuredObservable ? Number.POSITIVE_INFINITY : buffer
  return { [Symbol.asyncIterator]: () => new Iteration(source, most) }
}

interface Waiter<A> {
  readonly resolve: (result: IteratorResult<A, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** One iteration: a queue of values that wait, or of calls of `next` that do. */
class Iteration<A> implements AsyncIterableIterator<A, undefined> {
  readonly #source: Observable<A>
  readonly #buffer: number
  readonly #demand = new BehaviorSubject(true)
  readonly #subscription = new Subscription()
  #waiters: Array<Waiter<A>> = []
  #values: Array<IteratorYieldResult<A>> = []
  #taken = 0
  #hasBegun = false
  #failure: { readonly error: unknown } | undefined

  constructor(source: Observable<A>, buffer: number) {
    this.#source = source
    this.#buffer = buffer
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<A, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      if (this.#hasBegun && (this.#waiting > 0 || this.#subscription.closed)) return this.#answer(waiter)
      this.#waiters.push(waiter)
      if (!this.#hasBegun) this.#begin()
    })
  }

  async return(value?: undefined | PromiseLike<undefined>): Promise<IteratorReturnResult<undefined>> {
    this.#leave()
    return { done: true, value: await value }
  }

  throw(error: unknown): Promise<never> {
    this.#leave()
    return firstValueFrom(throwError(() => error))
  }

  get #waiting(): number {
    return this.#values.length - this.#taken
  }

  #begin(): void {
    this.#hasBegun = true
    const source = defer(() => withDemand(this.#source, this.#demand))
    subscribeInto(this.#subscription, source, {
      next: (value) => this.#receive(value),
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#finish(),
    })
  }

  #updateDemand(): void {
    // What is unsubscribed from must hold back no others that share the stream.
    const wanted = this.#subscription.closed || this.#waiting < enough
    if (this.#demand.value !== wanted) this.#demand.next(wanted)
  }

  #receive(value: A): void {
    const result: IteratorYieldResult<A> = { done: false, value }
    const waiter = this.#waiters.shift()
    if (waiter) return waiter.resolve(result)
    if (this.#waiting >= this.#buffer) return this.#fail(overflow(this.#buffer))
    this.#values.push(result)
    this.#updateDemand()
  }

  /** The oldest value that waits. Taken ones are dropped in bulk, because shifting an array costs its length. */
  #take(): IteratorYieldResult<A> | undefined {
    const result = this.#values[this.#taken]
    if (result === undefined) return undefined
    this.#taken++
    if (this.#taken >= 1_024 || this.#taken === this.#values.length) {
      this.#values = this.#values.slice(this.#taken)
      this.#taken = 0
    }
    this.#updateDemand()
    return result
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#finish()
  }

  #finish(): void {
    this.#subscription.unsubscribe()
    this.#updateDemand()
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) this.#answer(waiter)
  }

  /** What comes next, or the end; an error is thrown once. */
  #answer({ resolve, reject }: Waiter<A>): void {
    const result = this.#take()
    if (result !== undefined) return resolve(result)
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) reject(failure.error)
    else resolve({ done: true, value: undefined })
  }

  /** Nothing that waits is of use any more. */
  #leave(): void {
    this.#values = []
    this.#taken = 0
    this.#failure = undefined
    this.#hasBegun = true
    this.#finish()
  }
}

const overflow = (buffer: number): RangeError =>
  new RangeError(
    `toAsyncIterable: ${buffer} values wait, and this stream cannot be held back; raise "buffer" or read faster`,
  )
