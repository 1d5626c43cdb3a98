import type { Either } from 'fp-ts/lib/Either.js'
import { catchError, map, of, type OperatorFunction, throwError } from 'rxjs'
import { type ApiError, isApiError } from '../core/index.ts'
import { left, right } from '../core/option.ts'

/**
 * Makes failure a value: each value becomes a Right, an ApiError becomes a last Left, after which the stream completes.
 *
 * What is no ApiError is a defect in some function and stays an error.
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
      map((value): Either<ApiError, A> => right(value)),
      catchError((error: unknown) => (isApiError(error) ? of(left(error)) : throwError(() => error))),
    )
}
