import { type Headers, header } from './transport.ts'

/** The longest wait that a timer can hold: larger ones would fire at once. About 24.8 days, in milliseconds. */
export const longestWait: number = 2 ** 31 - 1

/** A wait that a timer can hold: none where it is negative. */
export const bounded = (ms: number): number => Math.min(Math.max(0, ms), longestWait)

/** Reads an HTTP date in any of its three forms, or an RFC 3339 one; Date.parse alone takes "-5" and "soon 5" for dates. */
function dateOf(text: string): number {
  if (/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text)) return Date.parse(text)
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return NaN
  // The form of asctime names no zone and means GMT.
  return Date.parse(/(?:[A-Z]{1,3}|[+-]\d{4})$/.test(text) ? text : `${text} GMT`)
}

/**
 * Reads Retry-After: seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from `now`.
 *
 * A date that is past gives 0; what is neither gives undefined. A date is compared with the Date header of the same
 * answer where there is one, so that a wrong clock on this side does no harm.
 *
 * @param now milliseconds since the epoch, from the scheduler
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = header(headers, 'retry-after')?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return bounded(Number(value) * 1000)
  const until = dateOf(value)
  if (Number.isNaN(until)) return undefined
  const sent = dateOf(header(headers, 'date') ?? '')
  return bounded(until - (Number.isNaN(sent) ? now : sent))
}
