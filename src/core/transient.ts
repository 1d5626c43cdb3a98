import type { ApiError } from './errors/index.ts'
import { bounded } from './retry-after.ts'

/**
 * True for a failure that may pass by itself: no connection, a timeout, a body cut off, 408, 429 and every 5xx.
 *
 * 501 is not among them: a method that is not implemented stays so. A refused token counts by its status alike.
 *
 * @example
 * ```ts
 * import { HttpError, isTransient } from 'rxjobs'
 *
 * isTransient(new HttpError({ method: 'GET', path: '/jobs', status: 503 })) // => true
 * isTransient(new HttpError({ method: 'GET', path: '/jobs', status: 404 })) // => false
 * ```
 */
export function isTransient(error: ApiError): boolean {
  switch (error._tag) {
    case 'NetworkError':
    case 'TimeoutError':
      return true
    case 'HttpError':
    case 'AuthError':
      return error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 501)
    default:
      return false
  }
}

/**
 * How long the service asked to wait, in milliseconds, if it did: at most what a timer can hold. Errors are made by other
 * sources, too, and what is no number asks for nothing.
 */
export function askedToWait(error: ApiError): number | undefined {
  if (error._tag !== 'HttpError' && error._tag !== 'AuthError') return undefined
  const { retryAfter } = error
  return retryAfter === undefined || Number.isNaN(retryAfter) ? undefined : bounded(retryAfter)
}
