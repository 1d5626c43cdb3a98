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

type Result<A> = IteratorResult<A, undefined>

const done: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** One iteration: a queue of results that wait, or of calls of `next` that do. An error is a result that rejects. */
class Iteration<A> implements AsyncIterableIterator<A, undefined> {
  readonly #source: Observable<A>
  readonly #buffer: number
  readonly #demand = new BehaviorSubject(true)
  readonly #subscription = new Subscription()
  readonly #waiters: Array<(result: Result<A> | Promise<never>) => void> = []
  #values: Array<Result<A>> = []
  #taken = 0
  #failure: { readonly error: unknown } | undefined
  #hasBegun = false

  constructor(source: Observable<A>, buffer: number) {
    this.#source = source
    this.#buffer = buffer
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result<A>> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
      if (this.#hasBegun) return this.#answer()
      this.#hasBegun = true
      const source = defer(() => withDemand(this.#source, this.#demand))
      subscribeInto(this.#subscription, source, {
        next: (value) => this.#receive(value),
        error: (error: unknown) => this.#end({ error }),
        complete: () => this.#end(),
      })
    })
  }

  return(value?: PromiseLike<undefined>): Promise<IteratorReturnResult<undefined>> {
    this.#leave()
    return Promise.resolve(value).then((given) => ({ done: true, value: given }))
  }

  throw(error: unknown): Promise<never> {
    this.#leave()
    return rejected(error)
  }

  #receive(value: A): void {
    if (this.#values.length - this.#taken >= this.#buffer && this.#waiters.length === 0) {
      return this.#end({ error: overflow(this.#buffer) })
    }
    this.#values.push({ done: false, value })
    this.#answer()
  }

  /** Gives the results that wait to the calls that do; after the last one an error, once, and the end. */
  #answer(): void {
    while (this.#waiters.length > 0) {
      const result = this.#values[this.#taken]
      if (result === undefined && !this.#subscription.closed) break
      const failure = result === undefined ? this.#failure : undefined
      if (result !== undefined) this.#taken++
      else this.#failure = undefined
      this.#waiters.shift()?.(failure === undefined ? (result ?? done) : rejected(failure.error))
    }
    // In bulk, because shifting an array costs its length.
    if (this.#taken >= 1_024 || this.#taken === this.#values.length) {
      this.#values = this.#values.slice(this.#taken)
      this.#taken = 0
    }
    // What is unsubscribed from must hold back no others that share the stream.
    const wanted = this.#subscription.closed || this.#values.length - this.#taken < enough
    if (this.#demand.value !== wanted) this.#demand.next(wanted)
  }

  #end(failure?: { readonly error: unknown }): void {
    this.#failure = failure
    this.#subscription.unsubscribe()
    this.#answer()
  }

  /** Nothing that waits is of use any more. */
  #leave(): void {
    this.#values = []
    this.#taken = 0
    this.#hasBegun = true
    this.#end()
  }
}

const rejected = (error: unknown): Promise<never> => firstValueFrom(throwError(() => error))

const overflow = (buffer: number): RangeError =>
  new RangeError(
    `toAsyncIterable: ${buffer} values wait, and this stream cannot be held back; raise "buffer" or read faster`,
  )
