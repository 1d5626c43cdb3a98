import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import {
  BehaviorSubject,
  catchError,
  defer,
  distinctUntilChanged,
  isObservable,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  type ObservableInput,
  of,
  type OperatorFunction,
  Subscription,
  throwError,
} from 'rxjs'
import {
  aNumberFromZero,
  BackpressuredObservable,
  checkOptions,
  isPromise,
  NetworkError,
  subscribeInto,
  typeName,
  withDemand,
} from '../core/index.ts'
import { type ApiError, isApiError } from './errors.ts'
import type { JobSource, Phase } from './types.ts'

function checkObservable(caller: string, value: unknown): void {
  if (!isObservable(value)) throw new TypeError(`${caller}: it takes an Observable, not ${typeName(value)}`)
}

// ---- a service in two functions

/** A service in two functions. */
export interface JobService<Ref, Job> {
  /**
   * Reads the job once: one attempt, because the streams repeat it. An error that is no ApiError, such as what `fetch` rejects with, is
   * taken for a failure of the network and tried again; throw `new HttpError({ … })` for what should end a stream.
   */
  readonly status: (ref: Ref) => Observable<Job> | PromiseLike<Job>
  readonly phase: (job: Job) => Phase
}

/**
 * Makes a {@link JobSource} of two functions. What is submitted is the reference, its JSON is its key, and the failure of a job is the
 * job. Spread it to replace or add: `{ ...jobSource(…), log, cancel }`.
 *
 * A phase that is none of {@link Phase}, and a status that gives neither an Observable nor a promise, is a TypeError of the stream.
 *
 * @throws TypeError for anything but two functions
 *
 * @example
 * ```ts
 * import { lastValueFrom } from 'rxjs'
 * import { jobSource, watchJob } from 'rxjobs'
 *
 * const builds = jobSource({
 *   status: async (id: number) => ({ id, state: 'passed' }),
 *   phase: (build) => (build.state === 'passed' ? 'succeeded' : 'running'),
 * })
 * const last = await lastValueFrom(watchJob(builds, 7))
 * last.phase // => 'succeeded'
 * ```
 */
export function jobSource<Ref, Job>(service: JobService<Ref, Job>): JobSource<Ref, Job, Job> {
  const { status, phase, ...others } = service
  if (typeof status !== 'function' || typeof phase !== 'function' || Object.keys(others).length > 0) {
    const given = Object.entries(service).map(([name, value]) => `${name}: ${typeof value}`)
    const advice = 'for more spread what it gives, { ...jobSource({ status, phase }), log }'
    throw new TypeError(`jobSource: it takes two functions, { status, phase }; ${advice}; was { ${given.join(', ')} }`)
  }
  const keyOf = (ref: Ref): string => JSON.stringify(ref)
  const named = <A>(ref: Ref, read: () => ObservableInput<A>): Observable<A> =>
    defer(read).pipe(
      catchError((cause: unknown) => {
        throw isApiError(cause) ? cause : new NetworkError({ method: 'GET', path: keyOf(ref), cause })
      }),
    )
  return {
    status: (ref) =>
      named(ref, () => of(status(ref))).pipe(
        mergeMap((read) => {
          if (isObservable(read) || isPromise(read)) return named(ref, () => read)
          throw new TypeError(`jobSource: status must give an Observable or a promise, was ${typeName(read)}`)
        }),
        map((job) => ({ job, phase: phase(job) })),
      ),
    refOf: (submitted) => submitted,
    keyOf,
    failure: (_ref, job) => of(job),
  }
}

// ---- for await

/** How much {@link toAsyncIterable} holds for a slow consumer. */
export interface AsyncIterableOptions {
  /**
   * How many values of a stream that cannot be held back may wait. Default 65 536. One more ends the iteration with a RangeError, after
   * those that wait.
   */
  readonly buffer?: number
}

// A stream that can be held back is, while so many values wait: enough to keep a fast consumer busy.
const enough = 256

/**
 * A stream for `for await`: each iteration subscribes anew, leaving the loop unsubscribes.
 *
 * The streams of a job (`tailLog`, `followJob` and the others), a deploy and a download are held back while the consumer is busy: nothing
 * more is read from the log's connection, its timeouts rest, and memory stays bounded by what one read of the log brings. Changes of a
 * status are few; they are read on and wait without a limit.
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
  checkOptions('toAsyncIterable', options, { buffer: aNumberFromZero })
  const { buffer = 65_536 } = options
  // What comes although it is held back is what one read brings: no consumer is too slow for that.
  const most = source instanceof BackpressuredObservable ? Number.POSITIVE_INFINITY : buffer
  return { [Symbol.asyncIterator]: () => iteration(source, most) }
}

/**
 * One iteration: a generator over a queue, so that calls of `next` wait in order and an error comes once. Leaving it ends its wait: a
 * generator alone would answer `return` only after the next value.
 */
function iteration<A>(source: Observable<A>, buffer: number): AsyncIterableIterator<A, undefined> {
  const subscription = new Subscription()
  // How many values wait, less the one that the consumer waits for.
  const waiting = new BehaviorSubject(-1)
  const demand = waiting.pipe(
    map((count) => count < enough),
    distinctUntilChanged(),
  )
  let values: Array<A> = []
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => undefined

  const next = (value: A): void => {
    if (waiting.value >= buffer) return end({ error: overflow(buffer) })
    values.push(value)
    waiting.next(waiting.value + 1)
    wake()
  }
  const end = (ended?: { readonly error: unknown }): void => {
    failure = ended
    subscription.unsubscribe()
    // What is unsubscribed from must hold back no others that share the stream.
    waiting.next(-1)
    wake()
  }
  async function* run(): AsyncGenerator<A, undefined> {
    const held = defer(() => withDemand(source, demand))
    subscribeInto(subscription, held, { next, error: (error: unknown) => end({ error }), complete: () => end() })
    while (values.length > 0 || !subscription.closed) {
      if (values.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const batch = values
      values = []
      for (const value of batch) {
        yield value
        waiting.next(waiting.value - 1)
      }
    }
    if (failure) throw failure.error
    return undefined
  }

  const generator = run()
  const left = (): typeof generator => {
    values = []
    end()
    return generator
  }
  return {
    next: () => generator.next(),
    return: (value) => left().return(value),
    throw: (error) => left().throw(error),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const overflow = (buffer: number): RangeError =>
  new RangeError(`toAsyncIterable: ${buffer} values wait; raise "buffer" or read faster`)

// ---- fp-ts

/**
 * Makes failure a value: each value becomes a Right, an ApiError becomes a last Left, after which the stream completes.
 *
 * What is no ApiError is a defect and stays an error.
 *
 * @example
 * ```ts
 * import { lastValueFrom, throwError } from 'rxjs'
 * import { attempt, HttpError } from 'rxjobs'
 *
 * const failing = throwError(() => new HttpError({ method: 'GET', path: '/jobs/7', status: 404 }))
 * const result = await lastValueFrom(failing.pipe(attempt()))
 * result._tag // => 'Left'
 * ```
 */
export function attempt<A>(): OperatorFunction<A, Either<ApiError, A>> {
  return (source) =>
    source.pipe(
      map((right): Either<ApiError, A> => ({ _tag: 'Right', right })),
      catchError((error: unknown) =>
        isApiError(error) ? of<Either<ApiError, A>>({ _tag: 'Left', left: error }) : throwError(() => error),
      ),
    )
}

/**
 * A stream as an fp-ts TaskEither: its last value, or the ApiError that it failed with.
 *
 * Each run subscribes anew. The promise rejects only for what is no ApiError, and for a stream without a value.
 *
 * @throws TypeError for what is no Observable
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import { toTaskEither } from 'rxjobs'
 *
 * const result = await toTaskEither(of(1, 2))()
 * result // => { _tag: 'Right', right: 2 }
 * ```
 */
export function toTaskEither<A>(source: Observable<A>): TaskEither<ApiError, A> {
  checkObservable('toTaskEither', source)
  return () => lastValueFrom(source.pipe(attempt()))
}

/**
 * A TaskEither as a cold stream: its value, or its Left as the error. A task cannot be cancelled: unsubscribing only stops
 * listening.
 *
 * @example
 * ```ts
 * import { lastValueFrom, of } from 'rxjs'
 * import { fromTaskEither, toTaskEither } from 'rxjobs'
 *
 * await lastValueFrom(fromTaskEither(toTaskEither(of('there and back')))) // => 'there and back'
 * ```
 */
export function fromTaskEither<A>(task: TaskEither<ApiError, A>): Observable<A> {
  return defer(task).pipe(
    mergeMap((result) => (result._tag === 'Right' ? of(result.right) : throwError(() => result.left))),
  )
}
