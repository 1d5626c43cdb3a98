import { type ApiError, type AuthError, attempt, HttpError, isApiError } from 'rxjobs'
import { type Observable, of } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { expectTypeOf, test } from 'vitest'

declare const error: ApiError

/** Compiles only while it has every kind of error. */
function exhaustive(met: ApiError): string | number {
  switch (met._tag) {
    case 'HttpError':
      return met.status
    case 'AuthError':
      return met.status
    case 'NetworkError':
      return met.cause.message
    case 'RequestTimeoutError':
      return met.after
    case 'DecodeError':
      return met.issues.length
    case 'LogGapError':
      return met.message
    case 'DeadlineError':
      return met.deadline
    default:
      expectTypeOf(met).toBeNever()
      return met
  }
}

test('a switch over the tags is exhaustive', () => {
  expectTypeOf(exhaustive).toBeFunction()
  expectTypeOf<ApiError['_tag']>().toEqualTypeOf<
    'HttpError' | 'NetworkError' | 'RequestTimeoutError' | 'DecodeError' | 'AuthError' | 'LogGapError' | 'DeadlineError'
  >()
  if (error._tag === 'HttpError') expectTypeOf(error).toEqualTypeOf<HttpError>()
  if (error._tag === 'AuthError') expectTypeOf(error).toEqualTypeOf<AuthError>()
  // @ts-expect-error: no such tag
  expectTypeOf(error._tag === 'HTTPError')
  // @ts-expect-error: not every error has a status
  expectTypeOf(error.status)
})

test('the guard and the classes narrow an unknown value', () => {
  const caught: unknown = error
  if (isApiError(caught)) expectTypeOf(caught).toEqualTypeOf<ApiError>()
  if (caught instanceof HttpError) expectTypeOf(caught.retryAfter).toEqualTypeOf<number | undefined>()
  expectTypeOf<HttpError['code']>().toEqualTypeOf<string | number | undefined>()
})

test('attempt makes a failure a value', () => {
  expectTypeOf(of(1).pipe(attempt())).toEqualTypeOf<Observable<Either<ApiError, number>>>()
})
