import { meaningOf } from './cause.ts'
import { type BaseError, isRequestError, type RequestError } from './errors.ts'
import { type Headers, header } from './transport.ts'
import { describe } from './values.ts'

/** How failures that pass by themselves are retried; the same for calls and streams. */
export interface RetryOptions {
  /** Failures in a row after which the last one is final. Default 20. */
  readonly maxAttempts?: number
  /** The longest Retry-After that is waited for, in milliseconds; a longer one ends in the error. Default 900 000. */
  readonly maxRetryAfter?: number
  /** Whether to try again after an error, instead of {@link isTransient}. */
  readonly when?: (error: RequestError) => boolean
}

/** The longest wait that a timer can hold, in milliseconds, about 24.8 days: a longer one would fire at once. */
export const longestTimer: number = 2 ** 31 - 1

/** A wait that a timer can hold. */
export const clampTimer = (ms: number): number => Math.min(Math.max(0, ms), longestTimer)

/** Reads an HTTP date; Date.parse alone takes "-5" for one. */
const dateOf = (text: string | undefined): number => (text !== undefined && / GMT$/.test(text) ? Date.parse(text) : NaN)

/**
 * Reads Retry-After: seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from `now`; undefined for what is neither. A
 * date that is past gives 0. A date is compared with the Date header of the same response, so that a wrong clock here does no harm.
 *
 * @param now milliseconds since the epoch, from the scheduler
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = header(headers, 'retry-after')?.trim() ?? ''
  const until = (): number => dateOf(value) - (dateOf(header(headers, 'date')) || now)
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : until()
  return Number.isNaN(wait) ? undefined : clampTimer(wait)
}

/** How often a failure is tried at most, by what caused it. */
const attemptsOf = (error: RequestError): number =>
  (error._tag === 'NetworkError' && meaningOf(error.cause)?.tries) || Infinity

/**
 * True for a failure that may pass by itself: no connection, a timeout, a body cut off, 408, 429 and every 5xx but 501 and
 * 511. False for what does not: a bad TLS certificate, a missing permission of the runtime, an invalid URL.
 *
 * @example
 * ```ts
 * import { HttpError, isTransient } from 'rxjobs/core'
 *
 * isTransient(new HttpError({ method: 'GET', path: '/jobs', status: 503 })) // => true
 * isTransient(new HttpError({ method: 'GET', path: '/jobs', status: 404 })) // => false
 * ```
 */
export function isTransient(error: BaseError): boolean {
  if (!isRequestError(error)) return false
  if (!('status' in error)) return error._tag !== 'DecodeError' && attemptsOf(error) > 1
  const { status } = error
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 511)
}

/**
 * The wait after a number of failures in a row, in milliseconds: full jitter up to the smaller of 30 s and 500 ms · 2^failures,
 * never below 250 ms.
 */
export const backoff = (failures: number, random: () => number = Math.random): number =>
  Math.max(250, random() * Math.min(30_000, 500 * 2 ** failures))

/**
 * How long to wait before the next attempt, in milliseconds; undefined where the error is final.
 *
 * @param failures how many attempts failed in a row, this one among them, from 1
 */
export type RetryPolicy = (error: BaseError, failures: number) => number | undefined

/** Decides whether and when to try again after a failure: one policy for calls and streams. */
export const retryPolicy =
  (
    { maxAttempts = 20, maxRetryAfter = 900_000, when = isTransient }: RetryOptions = {},
    random: () => number = Math.random,
  ): RetryPolicy =>
  (error, failures) => {
    // What is hopeless by its cause alone is tried where `when` wants that.
    if (!isRequestError(error) || failures >= Math.min(maxAttempts, Math.max(3, attemptsOf(error)))) return undefined
    const again: unknown = when(error)
    if (typeof again !== 'boolean')
      throw new TypeError(`retry.when gave ${describe(again)}; it must give true or false`)
    if (!again) return undefined
    const asked = ('retryAfter' in error && error.retryAfter) || 0
    return asked > maxRetryAfter
      ? undefined
      : clampTimer(Math.max(backoff(failures, random), asked * (1 + random() / 10)))
  }
