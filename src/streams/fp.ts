import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import {
  catchError,
  defer,
  lastValueFrom,
  map,
  mergeMap,
  type Observable,
  of,
  type OperatorFunction,
  throwError,
} from 'rxjs'
import { checkObservable } from './check.ts'
import { type ApiError, isApiError } from './errors.ts'

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
