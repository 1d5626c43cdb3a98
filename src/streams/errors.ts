import { BaseError, type RequestDescription, type RequestError, tagOf } from '../core/index.ts'

/** The fields of a {@link DeadlineError}. */
export interface DeadlineErrorInit<Last = unknown> extends RequestDescription {
  /** The deadline, in milliseconds from subscribe. */
  readonly deadline: number
  /** The last status that was emitted, if any. */
  readonly last?: Last | undefined
}

/**
 * The job was not over by the deadline. It may go on: only `cancelOnUnsubscribe` cancels it.
 *
 * `last` is the job's last status. It is not enumerable and not in the error's JSON, because a job may hold what was sent to it.
 */
export class DeadlineError<Last = unknown> extends BaseError {
  readonly _tag = 'DeadlineError'
  override readonly name = 'DeadlineError'
  readonly deadline: number
  declare readonly last: Last | undefined

  constructor(init: DeadlineErrorInit<Last>) {
    const { deadline, last } = init
    const status = last === undefined ? 'no status was read' : 'the last status is in "last"'
    super(init, `not over after ${deadline} ms; ${status}`)
    this.deadline = deadline
    Object.defineProperty(this, 'last', { value: last })
  }
}

/** The fields of a {@link LogGapError}. */
export interface LogGapErrorInit<Gap = unknown> extends RequestDescription {
  /** The gap: its reason, the lines around it, and the cursor to go on from. */
  readonly gap: Gap
  /** The reason in one sentence. */
  readonly reason: string
}

/** Lines of a log are missing, and `onGap: 'error'` asked for an error. */
export class LogGapError<Gap = unknown> extends BaseError {
  readonly _tag = 'LogGapError'
  override readonly name = 'LogGapError'
  readonly gap: Gap
  readonly reason: string

  constructor(init: LogGapErrorInit<Gap>) {
    super(init, `lines of the log are missing: ${init.reason}`)
    this.gap = init.gap
    this.reason = init.reason
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

const tags: ReadonlySet<string | undefined> = new Set<ApiError['_tag']>([
  'HttpError',
  'NetworkError',
  'RequestTimeoutError',
  'DecodeError',
  'AuthError',
  'LogGapError',
  'DeadlineError',
])

/** True for every {@link ApiError}, from any realm and any copy of this package. */
export const isApiError = (value: unknown): value is ApiError => tags.has(tagOf(value))
