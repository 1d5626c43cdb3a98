import { defer, Observable, take } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { boundTo } from './bound-to.ts'
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
  const mayAskAgain = (error: unknown, auth: Headers, times: number): boolean =>
    isHttpError(error) &&
    error.status === 401 &&
    authorizer.refused?.(auth, times) === true &&
    !unsafe.has(asked.method)

  return new Observable((subscriber) => {
    function attempt(times: number): void {
      let auth: Headers | undefined
      defer(() => authorizer.headers())
        .pipe(take(1), boundTo(subscriber))
        .subscribe({
          next: (headers) => (auth = headers),
          error: (thrown: unknown) => subscriber.error(noHeaders(thrown)),
          complete: () => {
            if (auth === undefined) subscriber.error(noHeaders(new Error('it gave no headers')))
            else sendWith(auth, times)
          },
        })
    }
    function sendWith(auth: Headers, times: number): void {
      defer(() => send(auth))
        .pipe(boundTo(subscriber))
        .subscribe({
          next: (value) => subscriber.next(value),
          error: (error: unknown) => {
            try {
              if (mayAskAgain(error, auth, times)) attempt(times + 1)
              else subscriber.error(error)
            } catch (thrown) {
              subscriber.error(noHeaders(thrown))
            }
          },
          complete: () => subscriber.complete(),
        })
    }
    attempt(1)
  })
}
