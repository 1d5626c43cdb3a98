import type { AuthError } from './auth-error.ts'
import type { DeadlineError } from './deadline-error.ts'
import type { DecodeError } from './decode-error.ts'
import type { HttpError } from './http-error.ts'
import type { LogGapError } from './log-gap-error.ts'
import type { NetworkError } from './network-error.ts'
import { tagOf } from './request-error.ts'
import type { TimeoutError } from './timeout-error.ts'

/**
 * All that comes down the error channel of anything in this package; `_tag` tells them apart, exhaustively.
 *
 * Arguments that can never work (an empty id, a server without a scheme) are no ApiError: they throw a TypeError at the
 * call, before anything is sent.
 *
 * @example
 * ```ts
 * import type { ApiError } from 'rxjobs'
 *
 * const advice = (error: ApiError): string => {
 *   switch (error._tag) {
 *     case 'HttpError': return error.status === 401 ? 'check the key' : error.message
 *     case 'AuthError': return 'check the client id and secret'
 *     case 'NetworkError': case 'TimeoutError': return 'try again'
 *     case 'DecodeError': return error.issues.map((issue) => issue.path).join()
 *     case 'LogGapError': case 'DeadlineError': return error.message
 *   }
 * }
 * ```
 */
export type ApiError = HttpError | NetworkError | TimeoutError | DecodeError | AuthError | LogGapError | DeadlineError

const tags: ReadonlySet<string | undefined> = new Set<ApiError['_tag']>([
  'HttpError',
  'NetworkError',
  'TimeoutError',
  'DecodeError',
  'AuthError',
  'LogGapError',
  'DeadlineError',
])

/** True for every {@link ApiError}, from any realm. */
export const isApiError = (value: unknown): value is ApiError => tags.has(tagOf(value))
