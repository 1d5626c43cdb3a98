import { isObservable, type SchedulerLike } from 'rxjs'
import type { Auth } from './auth.ts'
import type { HttpError } from './errors.ts'
import type { Fetch } from './fetch-transport.ts'
import type { RetryOptions } from './retry.ts'
import type { Headers, Transport } from './transport.ts'
import { hasMethod, isRecord, typeName } from './values.ts'

/** What every client accepts about its connections. */
export interface ConnectionOptions {
  /** The fetch to use. Default: the platform's, else cross-fetch. */
  readonly fetch?: Fetch
  /** Replaces fetch. */
  readonly transport?: Transport
  /** The clock of every wait and timeout. Default rxjs's asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** A number from 0 up to 1, for the jitter of waits. Default Math.random. */
  readonly random?: () => number
  /** Milliseconds until a whole response must be there; of a streamed one, its head. Default 30 000. */
  readonly timeout?: number
  /** Milliseconds of silence allowed in the middle of a body. Default 10 000; open connections (a tail) have no limit. */
  readonly idleTimeout?: number
  /** How calls other than POST and PATCH are retried; false for never. Default: {@link RetryOptions}'s defaults. */
  readonly retry?: boolean | RetryOptions
  /** Allows plain http to a host other than this machine. Default false. */
  readonly allowHttp?: boolean
  /** The largest body that is read as a whole, in bytes. Default 64 MiB. */
  readonly maxBodyBytes?: number
  /** The longest line or event of a stream, in UTF-16 units. Default 1 048 576. */
  readonly maxLineLength?: number
  /** Headers that are sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The part of an AbortSignal that is used. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Options of one call. */
export interface CallOptions {
  /** Retry this call when it fails in passing. A POST or PATCH is retried only with this: it may arrive twice. */
  readonly retry?: boolean | RetryOptions
  /** Milliseconds, instead of the client's. */
  readonly timeout?: number
  /** Milliseconds, instead of the client's; here it holds for open connections too. */
  readonly idleTimeout?: number
  /** Aborting it ends the call with a NetworkError whose cause is the abort's reason. */
  readonly signal?: AbortSignalLike
}

/** What a service's error body says. `correlationId` is for responses without the `correlationHeader`. */
export type ErrorDetail = Pick<HttpError, 'code' | 'detail' | 'advice' | 'correlationId'>

/** What the core must know of a service. */
export interface ClientOptions extends ConnectionOptions {
  /** Where the endpoints' paths begin. */
  readonly baseUrl: string
  /** Where tokens come from, for an `auth` that fetches them. Default: the base URL. */
  readonly loginUrl?: string
  readonly auth: Auth
  /**
   * Reads the service's error envelope; undefined for a body that is none, which on a 404 means that the endpoint does not exist,
   * and not merely the object.
   */
  readonly errorDetail?: (body: unknown, headers: Headers) => ErrorDetail | undefined
  /** The header with the service's id of a request. */
  readonly correlationHeader?: string
}

// ---- checking options

/** What a value must be: undefined when it is, else the words for what it should be. */
export type Check = (value: unknown) => string | undefined

/** A check for each option there is; null where any value will do. */
export type OptionTable = Readonly<Record<string, Check | null>>

export const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
export const aScheduler: Check = (value) => (hasMethod(value, 'schedule') ? undefined : 'a scheduler of rxjs')
export const anObservable: Check = (value) => (isObservable(value) ? undefined : 'an Observable')
export const aBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')

// Half of a surrogate pair cannot be encoded.
export const aString: Check = (value) =>
  typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value) ? undefined : 'a string that is not empty'

export const aPositiveNumber: Check = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'a positive number'
export const aNumberFromZero: Check = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'a number from 0 up'
export const aCount: Check = (value) =>
  value === Infinity || (Number.isSafeInteger(value) && Number(value) > 0) ? undefined : 'a whole number from 1 up'

/**
 * One of a closed set of values.
 *
 * @example
 * ```ts
 * import { enumParam, inQuery } from 'rxjobs/core'
 *
 * const order = inQuery(enumParam('asc', 'desc'))
 * ```
 */
export function enumParam(...values: ReadonlyArray<string>): Check {
  return (value) => (values.some((one) => one === value) ? undefined : `one of ${values.join(', ')}`)
}

/** The first thing that is wrong in options. */
function wrongIn(options: object, table: OptionTable): string | undefined {
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(table, name) ? table[name] : undefined
    if (check === undefined) return `unknown option ${name}; there are ${Object.keys(table).join(', ')}`
    const words = value === undefined ? undefined : check?.(value)
    if (words !== undefined) return `${name} must be ${words}, was ${typeName(value)}`
  }
  return undefined
}

/**
 * Checks options against a table. An option that is undefined has its default.
 *
 * @param caller the function that was called, for the message
 * @param needed the options that must be given, for the message where there are none
 * @throws TypeError for a wrong value, and for an unknown name, with the names there are
 */
export function checkOptions(caller: string, options: object, table: OptionTable, needed?: string): void {
  const expected = needed === undefined ? `, was ${typeName(options)}` : ` with ${needed}`
  const wrong = isRecord(options) ? wrongIn(options, table) : `the options must be an object${expected}`
  if (wrong !== undefined) throw new TypeError(`${caller}: ${wrong}`)
}

const retryTable: OptionTable = { maxAttempts: aCount, maxRetryAfter: aNumberFromZero, when: aFunction }
export const aRetry: Check = (value) => {
  const isRetry = typeof value === 'boolean' || (isRecord(value) && wrongIn(value, retryTable) === undefined)
  return isRetry ? undefined : 'a boolean or { maxAttempts, maxRetryAfter, when }'
}

const isHeader = ([name, text]: readonly [string, unknown]): boolean =>
  typeof text === 'string' && /^[\w-]+:[ -~]*$/.test(`${name}:${text}`)
const someHeaders: Check = (value) =>
  isRecord(value) && Object.entries(value).every(isHeader) ? undefined : 'an object of strings that a header can hold'
const aSignal: Check = (value) => (hasMethod(value, 'addEventListener') ? undefined : 'an AbortSignal')

const timing: OptionTable = { retry: aRetry, timeout: aPositiveNumber, idleTimeout: aPositiveNumber }

/** The options of one call. */
export const callTable: OptionTable = { ...timing, signal: aSignal }

/** The options about connections. */
export const connectionTable: OptionTable = {
  fetch: aFunction,
  transport: aFunction,
  scheduler: aScheduler,
  random: aFunction,
  ...timing,
  allowHttp: aBoolean,
  maxBodyBytes: aPositiveNumber,
  maxLineLength: aPositiveNumber,
  headers: someHeaders,
}

// ---- addresses

// A URL parser drops tabs and line breaks: the address would be another one than was read.
const isAddress = /^https?:\/\/[^\0- \x7f@?#/]+(\/[^\0- \x7f?#]*)?$/i

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Checks the address of a service and returns it without a slash at its end. The errors do not repeat what was given: it may be a
 * key in the wrong option.
 *
 * @param option the option's name, for the message
 * @param allowHttp whether plain http may go to another machine
 * @throws TypeError for what is no absolute http(s) URL, holds credentials, a query or a fragment, or is plain http to another
 *   machine without `allowHttp`
 */
export function baseUrl(option: string, url: string, allowHttp = false): string {
  const invalid = (what: string): TypeError => new TypeError(`${option}: ${what}`)
  if (typeof url !== 'string' || !isAddress.test(url) || !URL.canParse(url)) {
    const missing = url ? '' : 'is missing; it '
    throw invalid(`${missing}must begin with https:// and have no user name, password, query, fragment or blank`)
  }
  const { protocol, hostname, origin, pathname } = new URL(url)
  if (protocol === 'http:' && !allowHttp && !loopback.test(hostname)) {
    throw invalid('plain http to another machine sends the key readable; use https, or set allowHttp: true')
  }
  return origin + pathname.replace(/\/+$/, '')
}
