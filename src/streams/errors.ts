import { BaseError, isRequestError, type RequestDescription, type RequestError, tagOf } from '../core/index.ts'

/**
 * The job was not over by the deadline. It may go on: only `cancelOnUnsubscribe` cancels it.
 *
 * `last` is the job's last status. It is not enumerable and not in the error's JSON, because a job may hold what was sent to it.
 */
export class DeadlineError<Last = unknown> extends BaseError {
  declare readonly _tag: 'DeadlineError'
  declare readonly deadline: number
  declare readonly last: Last | undefined

  /** @param init `deadline`: in milliseconds from subscribe; `last`: the last status that was emitted */
  constructor(init: RequestDescription & { readonly deadline: number; readonly last?: Last | undefined }) {
    super(
      'DeadlineError',
      init,
      `not over after ${init.deadline} ms${(init.last ?? init.lastPhase) ? '' : '; no status was read'}`,
    )
  }
}

/** Lines of a log are missing, and `onGap: 'error'` asked for an error. */
export class LogGapError<Gap = unknown> extends BaseError {
  declare readonly _tag: 'LogGapError'
  declare readonly gap: Gap
  declare readonly reason: string

  /** @param init `gap`: with the lines around it and the cursor to go on from; `reason`: in one sentence */
  constructor(init: RequestDescription & { readonly gap: Gap; readonly reason: string }) {
    super('LogGapError', init, `lines of the log are missing: ${init.reason}`)
  }
}

/**
 * Everything that comes down the error channel of this package; `_tag` tells the classes apart.
 *
 * Invalid arguments are not among them: they throw a TypeError synchronously, before anything is sent.
 *
 * @example
 * ```ts
 * import type { ApiError } from 'rxjobs'
 *
 * const advice = (error: ApiError): string => {
 *   switch (error._tag) {
 *     case 'HttpError': return error.status === 401 ? 'check the key' : error.message
 *     case 'AuthError': return 'check the client id and secret'
 *     case 'NetworkError': case 'RequestTimeoutError': return 'try again'
 *     case 'DecodeError': return error.issues.map((issue) => issue.path).join()
 *     case 'LogGapError': case 'DeadlineError': return error.message
 *   }
 * }
 * ```
 */
export type ApiError = RequestError | DeadlineError | LogGapError

/**
 * True for every {@link ApiError}: from any realm, from any copy of this package, and after JSON, which keeps the fields and not the
 * class: then `instanceof` does not hold.
 */
export const isApiError = (value: unknown): value is ApiError =>
  isRequestError(value) || tagOf(value) === 'LogGapError' || tagOf(value) === 'DeadlineError'
