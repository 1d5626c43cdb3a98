import { catchError, defer, mergeMap, type Observable, take, throwError, throwIfEmpty } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { cleaner } from './cleaner.ts'
import { causeOf } from './errors/cause.ts'
import { type Asked, isApiError, isHttpError, NetworkError } from './errors/index.ts'
import type { Headers } from './transport.ts'

/** Methods that may not arrive twice unasked: law 6. */
export const unsafe: ReadonlySet<string> = new Set(['POST', 'PATCH'])

/**
 * Sends with the authorizer's headers; after a 401 again with new ones, as long as it has any and nothing can happen twice.
 * Headers that change later are for later calls: an Auth may well give a stream of them. One that fails, or gives none,
 * is a NetworkError: nothing was sent.
 */
export function authorized<A>(
  authorizer: Authorizer,
  asked: Asked,
  send: (auth: Headers) => Observable<A>,
): Observable<A> {
  const clean = cleaner(authorizer, [])
  function noHeaders(thrown: unknown): unknown {
    if (isApiError(thrown)) return thrown
    const { name, message } = causeOf(thrown)
    return new NetworkError({ ...asked, cause: { name, message: clean(`auth failed: ${message}`) } })
  }
  const attempt = (times: number): Observable<A> =>
    defer(() => authorizer.headers()).pipe(
      take(1),
      throwIfEmpty(() => new Error('it gave no headers')),
      catchError((thrown: unknown) => throwError(() => noHeaders(thrown))),
      mergeMap((auth) =>
        send(auth).pipe(
          catchError((error: unknown) =>
            isHttpError(error) &&
            error.status === 401 &&
            authorizer.refused?.(auth, times) === true &&
            !unsafe.has(asked.method)
              ? attempt(times + 1)
              : throwError(() => error),
          ),
        ),
      ),
    )
  return attempt(1)
}
