import { type Cause, causeOf, meaningOf } from './cause.ts'
import { clip, field, onOneLine } from './values.ts'

/** How many of which responses, in the order in which each first came: `{ queued: 3, running: 57, 'HttpError 503': 2 }`. */
export type ObservedResponses = Readonly<Record<string, number>>

/** A service's text as it may stand in a message. */
const printable = (text: string): string => clip(onOneLine(text), 300)

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`

// They may hold what nobody wants in a log: not enumerable, and not in the JSON of an error.
const hidden = ['body', 'last']

/** What all error classes of this package share: the request, and a JSON form that tells it. */
export abstract class BaseError extends Error {
  abstract readonly _tag: string
  /** HTTP method. */
  declare readonly method: string
  /** Path of the request, as it was sent, without the query. */
  declare readonly path: string
  /** Scheme, host and port of the service. Absent where a stream, and not a request, failed. */
  declare readonly origin?: string | undefined
  /** The service's id of this request, where it gave one. */
  declare readonly correlationId?: string | undefined
  /** What to do about it, as in `message`, where that is known. */
  declare readonly advice?: string | undefined
  /** What the stream or call that this error ended had observed before, if anything. */
  declare readonly observedResponses?: ObservedResponses | undefined
  /** Milliseconds for which that stream or call had been at it. */
  declare readonly elapsed?: number | undefined
  /** The phase in which that stream saw its job last. */
  declare readonly lastPhase?: string | undefined

  /**
   * @param tag becomes `_tag` and `name`
   * @param init becomes the error's fields; the message says what there is to do, and what was observed before
   * @param what may hold a service's text: it is cut, and control characters are taken out
   */
  constructor(tag: string, init: RequestDescription & Pick<ResponseError, 'retryAfter'>, what: string) {
    const { method, path, origin, advice, retryAfter, observedResponses = {}, elapsed, lastPhase } = init
    const seen = Object.entries(observedResponses).map(([response, times]) => `${times} × ${printable(response)}`)
    const most = Number(retryAfter) > 60_000 ? '; a wait is at most maxRetryAfter' : ''
    const notes = [
      advice,
      retryAfter && `the service asks to wait ${seconds(retryAfter)}${most}`,
      seen.length > 0 && `after ${seen.join(', ')}${elapsed === undefined ? '' : `, in ${seconds(elapsed)}`}`,
      lastPhase && `last phase ${lastPhase}`,
    ]
    const where = origin === undefined ? '' : ` at ${origin}`
    const noted = notes.filter(Boolean).map((note) => ` (${note})`)
    super(`${method} ${onOneLine(path)}${where}: ${printable(what)}${noted.join('')}`)
    Object.assign(this, init, { _tag: tag, name: tag })
    for (const [name, value] of Object.entries(init)) {
      if (value === undefined || hidden.includes(name)) Object.defineProperty(this, name, { enumerable: false })
    }
  }

  /** All enumerable fields and the message, without the stack. */
  toJSON(): object {
    return Object.assign({}, this, { message: this.message })
  }
}

/** The request that an error is about, without query, headers and credentials, and what is known beside it. */
export type RequestDescription = Omit<BaseError, keyof Error | '_tag' | 'toJSON'>

/** The fields that an error is made from. */
type Init<E extends BaseError> = Omit<E, keyof Error | '_tag' | 'toJSON'>

/** A service answered, and the response is a failure. */
abstract class ResponseError extends BaseError {
  /** HTTP status of the response. */
  declare readonly status: number
  /** The service's own error code: a string at Genesys (`not.found`) and in OAuth 2, a number at Connect (4). */
  declare readonly code?: string | number | undefined
  /** The service's own text, as it was sent; in `message` without control characters, and cut. */
  declare readonly detail?: string | undefined
  /** How long the service asks to wait, in milliseconds, from Retry-After. */
  declare readonly retryAfter?: number | undefined

  constructor(tag: string, init: Init<ResponseError>, usual: string | undefined, before = '') {
    const { status, code, detail, advice = usual } = init
    const shown = typeof code === 'number' ? ` (code ${code})` : code && ` ${code}`
    super(tag, { ...init, ...(advice && { advice }) }, `${before}${status}${shown ?? ''}${detail ? `: ${detail}` : ''}`)
  }
}

/** What to do about a status, whatever the service. */
function adviceFor({ status, missing }: HttpErrorInit): string | undefined {
  if (missing === 'endpoint') return 'no such endpoint: is the address right, the server new enough?'
  if (status === 401) return "is the client's apiKey or auth right?"
  return status === 403 ? "may the user of the client's apiKey or auth do this?" : undefined
}

/**
 * The service answered, and the response is a failure.
 *
 * @example
 * ```ts
 * import { HttpError } from 'rxjobs'
 *
 * const error = new HttpError({ method: 'GET', path: '/jobs/7', status: 404, code: 'not.found' })
 * error.status // => 404
 * String(error) // => 'HttpError: GET /jobs/7: 404 not.found'
 * ```
 */
export class HttpError extends ResponseError {
  declare readonly _tag: 'HttpError'
  /** For a 404: whether the service lacks the endpoint (an old version, a wrong address) or the object. */
  declare readonly missing?: 'endpoint' | 'object' | undefined
  /**
   * The error body, parsed where it is JSON, else as text, without the client's secrets. At most 64 KiB of it are read. Not
   * enumerable, and not in the error's JSON.
   */
  declare readonly body?: unknown

  constructor(init: HttpErrorInit) {
    super('HttpError', init, adviceFor(init))
  }
}

/** The fields of an {@link HttpError}. */
export type HttpErrorInit = Init<HttpError>

/** There was no response, or not all of it: the connection failed, the body ended early, or the call was aborted. */
export class NetworkError extends BaseError {
  declare readonly _tag: 'NetworkError'
  declare readonly cause: Cause

  /** @param init with whatever was thrown as the cause: its texts are kept, the object is not */
  constructor(init: NetworkErrorInit) {
    const cause = causeOf(init.cause)
    const { message, code } = cause
    const { advice = meaningOf(cause)?.advice } = init
    const fields = { ...init, ...(advice && { advice }), cause }
    super('NetworkError', fields, code === undefined || message.includes(code) ? message : `${message} (${code})`)
  }
}

/** The fields of a {@link NetworkError}. */
export type NetworkErrorInit = RequestDescription & { readonly cause: unknown }

/** There was no response within `timeout`, or nothing came for `idleTimeout` in the middle of a body. */
export class RequestTimeoutError extends BaseError {
  declare readonly _tag: 'RequestTimeoutError'
  /** How long the client waited, in milliseconds. */
  declare readonly after: number
  /** What it waited for: the response, or the next piece of its body. */
  declare readonly waitingFor: 'response' | 'body'

  constructor(init: RequestTimeoutErrorInit) {
    const { after, waitingFor } = init
    const what = waitingFor === 'body' ? 'nothing more of the body for' : 'no response within'
    super('RequestTimeoutError', init, `${what} ${after} ms`)
  }
}

/** The fields of a {@link RequestTimeoutError}. */
export type RequestTimeoutErrorInit = Init<RequestTimeoutError>

/** One place where a body did not fit. */
export interface Issue {
  /** Where: `entries[3].timestamp`; empty for the whole body. */
  readonly path: string
  /** What should have been there. */
  readonly expected: string
  /** What was there: the value as JSON, cut at 80 characters, or only its shape. */
  readonly actual: string
}

/** The body is not what it should be: not JSON, a wrong type somewhere, larger than allowed. */
export class DecodeError extends BaseError {
  declare readonly _tag: 'DecodeError'
  declare readonly issues: ReadonlyArray<Issue>

  constructor(init: DecodeErrorInit) {
    const [first, ...more] = init.issues
    const misfit = first && `${first.path || 'the body'} should be ${first.expected}, was ${first.actual}`
    const what = misfit ?? 'the body does not fit'
    super('DecodeError', init, more.length > 0 ? `${what} (and ${more.length} more)` : what)
  }
}

/** The fields of a {@link DecodeError}. */
export type DecodeErrorInit = Init<DecodeError>

/** The token endpoint refused to give a token. An API that refuses a token answers with an HttpError of status 401. */
export class AuthError extends ResponseError {
  declare readonly _tag: 'AuthError'

  constructor(init: AuthErrorInit) {
    const isRefused = init.status >= 400 && init.status <= 403
    const advice = isRefused ? 'are clientId and clientSecret right, and of this region?' : undefined
    super('AuthError', init, advice, 'no token: ')
  }
}

/** The fields of an {@link AuthError}. */
export type AuthErrorInit = Init<AuthError>

/** What a request can fail with; `_tag` tells them apart. */
export type RequestError = HttpError | NetworkError | RequestTimeoutError | DecodeError | AuthError

/** An error's name in `observedResponses`. */
export const nameOf = (error: BaseError): string =>
  'status' in error ? `${error._tag} ${String(error.status)}` : error._tag

/** True for every error of this package: from any realm, from any copy of it, and after JSON, which keeps the fields alone. */
export const isBranded = (value: unknown): value is BaseError =>
  ['_tag', 'message', 'method', 'path'].every((name) => typeof field(value, name) === 'string') &&
  field(value, '_tag') === field(value, 'name')

/** The tag of an error of this package, else undefined. */
export const tagOf = (value: unknown): string | undefined => (isBranded(value) ? value._tag : undefined)

/** True for a {@link RequestError}, from any realm, and after JSON. */
export const isRequestError = (value: unknown): value is RequestError =>
  /^(Http|Network|RequestTimeout|Decode|Auth)Error$/.test(tagOf(value) ?? '')

/** The same error with what was observed before it. A copy: one failure may end many streams, each with its own. */
export function withObservedResponses<E extends BaseError>(
  error: E,
  observedResponses: ObservedResponses,
  more: Pick<BaseError, 'elapsed' | 'lastPhase'> = {},
): E {
  const init: object = Object.assign({}, error, { observedResponses, ...more })
  for (const name of hidden) if (name in error) Reflect.set(init, name, field(error, name))
  const copy: unknown = Reflect.construct(error.constructor, [init])
  const isLike = (value: unknown): value is E => tagOf(value) === error._tag
  return isLike(copy) ? copy : error
}
