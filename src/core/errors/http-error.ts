import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What an {@link HttpError} is made from. */
export interface HttpErrorInit extends Asked {
  /** HTTP status of the answer. */
  readonly status: number
  /** The service's own error code: a string at Genesys (`not.found`), a number at Connect (4). */
  readonly code?: string | number | undefined
  /** The service's own words, as they were sent; in `message` without control characters, and cut. */
  readonly detail?: string | undefined
  /** What to do about it, where the client of that service knows: in `message`, whole. */
  readonly advice?: string | undefined
  /** How long the service asks to wait, in milliseconds, from Retry-After. */
  readonly retryAfter?: number | undefined
  /** For a 404: whether the service lacks the endpoint (an old version, a wrong address) or the object. */
  readonly missing?: 'endpoint' | 'object' | undefined
  /**
   * The decoded error body, as the service sent it, with our own secrets taken out. At most 64 KiB of it are read. What is
   * no JSON is text, and so is what is nested more than 50 deep.
   */
  readonly body?: unknown
}

function adviceOn({ status, missing, advice }: HttpErrorInit): string {
  if (advice !== undefined) return ` (${advice})`
  if (missing === 'endpoint') return ' (the server has no such endpoint: is its address right, its version new enough?)'
  return status === 401 ? " (is the client's apiKey or auth right?)" : ''
}

/**
 * The service answered, and the answer is a failure.
 *
 * @example
 * ```ts
 * import { HttpError, isHttpError } from 'rxjobs'
 *
 * const error: unknown = new HttpError({ method: 'GET', path: '/jobs/7', status: 404, code: 'not.found' })
 * isHttpError(error) && error.status // => 404
 * String(error) // => 'HttpError: GET /jobs/7: 404 not.found'
 * ```
 */
export class HttpError extends RequestError {
  readonly _tag = 'HttpError'
  override readonly name = 'HttpError'
  readonly status: number
  readonly code: string | number | undefined
  readonly detail: string | undefined
  readonly advice: string | undefined
  readonly retryAfter: number | undefined
  readonly missing: 'endpoint' | 'object' | undefined
  readonly body: unknown

  constructor(init: HttpErrorInit) {
    const code = init.code === undefined ? '' : typeof init.code === 'number' ? ` (code ${init.code})` : ` ${init.code}`
    super(init, `${init.status}${code}${init.detail ? `: ${init.detail}` : ''}`, adviceOn(init))
    this.status = init.status
    this.code = init.code
    this.detail = init.detail
    this.advice = init.advice
    this.retryAfter = init.retryAfter
    this.missing = init.missing
    this.body = init.body
  }
}

/** True for an {@link HttpError}, from any realm. */
export const isHttpError = (value: unknown): value is HttpError => tagOf(value) === 'HttpError'
