/** Marks our errors in every realm and every copy of this package, where `instanceof` would not hold. */
const brand: unique symbol = Symbol.for('rxjobs/ApiError')

/** How many of which responses, in the order in which each first came: `{ queued: 3, running: 57, 'HttpError 503': 2 }`. */
export type ObservedResponses = Readonly<Record<string, number>>

/** What is kept of a foreign error: its texts, never the object, which may hold a request with its headers. */
export interface Cause {
  readonly name: string
  readonly message: string
  /** Node's error code, such as `ECONNRESET`. */
  readonly code?: string
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** True for an object that is no array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && !Array.isArray(value)

/** True for what has a method of that name. */
export const hasMethod = (value: unknown, name: string): boolean => typeof field(value, name) === 'function'

/** A string that is not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const field = (value: unknown, name: string): unknown => (isObject(value) ? Reflect.get(value, name) : undefined)

/**
 * Sums up an error that something else threw, with the causes below it: the platform's fetch says only `fetch failed` at the
 * top, and the reason is one or two levels down.
 */
export function causeOf(thrown: unknown, depth = 0): Cause {
  const below = field(thrown, 'cause') ?? field(field(thrown, 'errors'), '0')
  const inner = below !== undefined && depth < 4 ? causeOf(below, depth + 1) : undefined
  const own = textOf(field(thrown, 'message')) ?? textOf(thrown) ?? 'no reason given'
  const code = textOf(field(thrown, 'code')) ?? inner?.code
  return {
    name: textOf(field(thrown, 'name')) ?? 'Error',
    message: inner && !own.includes(inner.message) ? `${own}: ${inner.message}` : own,
    ...(code === undefined ? {} : { code }),
  }
}

/** What a function gives; undefined where it throws. */
export function tryTo<A>(make: () => A): A | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** A text cut at a number of UTF-16 units, but not in the middle of a character. */
export const clip = (text: string, most = 80): string =>
  text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text

// Control characters, and those that change the direction of writing.
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_C}\u2028\u2029]+/gu, ' ')

/** A service's text as it may stand in a message. */
const printable = (text: string): string => clip(onOneLine(text), 300)

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
  /** What the stream that this error ended had observed before, if anything. */
  declare readonly observedResponses?: ObservedResponses | undefined

  /**
   * @param tag becomes `_tag` and `name`
   * @param init becomes the error's fields; the message says `advice` and `retryAfter`, too
   * @param what may hold a service's text: it is cut, and control characters are taken out
   */
  constructor(tag: string, init: RequestDescription & Hints, what: string) {
    const { method, path, origin, observedResponses = {}, advice, retryAfter } = init
    const where = origin === undefined ? '' : ` at ${origin}`
    const wait = retryAfter === undefined ? '' : ` (the service asks to wait ${Math.round(retryAfter / 1000)} s)`
    const seen = Object.entries(observedResponses).map(([response, times]) => `${times} × ${printable(response)}`)
    const notes = `${advice ? ` (${advice})` : ''}${wait}${seen.length > 0 ? ` (after ${seen.join(', ')})` : ''}`
    super(`${method} ${onOneLine(path)}${where}: ${printable(what)}${notes}`)
    Object.assign(this, init, { _tag: tag, name: tag })
    for (const name of hidden) if (name in init) Object.defineProperty(this, name, { enumerable: false })
    Object.defineProperty(this, brand, { value: true })
  }

  /** All enumerable fields and the message, without the stack. */
  toJSON(): object {
    return Object.assign({}, this, { message: this.message })
  }
}

/** The request that an error is about: no query, no header, no credentials. */
export type RequestDescription = Pick<BaseError, 'method' | 'path' | 'origin' | 'correlationId' | 'observedResponses'>

type Hints = Pick<ResponseError, 'advice' | 'retryAfter'>

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
  /** What to do about it, as in `message`, where that is known. */
  declare readonly advice?: string | undefined
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
    const fields = { ...init, cause }
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

/** True for every error of this package, from any realm and any copy of it. */
export const isBranded = (value: unknown): value is BaseError => isObject(value) && brand in value

/** The tag of an error of this package, else undefined. */
export const tagOf = (value: unknown): string | undefined => (isBranded(value) ? value._tag : undefined)

/** True for a {@link RequestError}, from any realm. */
export const isRequestError = (value: unknown): value is RequestError =>
  /^(Http|Network|RequestTimeout|Decode|Auth)Error$/.test(tagOf(value) ?? '')

/** The same error with what was observed before it. A copy: one failure may end many streams, each with its own. */
export function withObservedResponses<E extends BaseError>(error: E, observedResponses: ObservedResponses): E {
  const init: object = Object.assign({}, error, { observedResponses })
  for (const name of hidden) if (name in error) Reflect.set(init, name, field(error, name))
  const copy: unknown = Reflect.construct(error.constructor, [init])
  const isLike = (value: unknown): value is E => tagOf(value) === error._tag
  return isLike(copy) ? copy : error
}
