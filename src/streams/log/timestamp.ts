const zoned = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/

const sign = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** True for a text with the punctuation of an RFC 3339 timestamp in UTC. Much cheaper than a regular expression. */
const looksUtc = (text: string): boolean =>
  text.charCodeAt(4) === 45 &&
  text.charCodeAt(7) === 45 &&
  text.charCodeAt(10) === 84 &&
  text.charCodeAt(13) === 58 &&
  text.charCodeAt(16) === 58 &&
  text.charCodeAt(text.length - 1) === 90

/** A text that sorts like the time, also where a server left out zeros at the end. */
const sortKey = (utc: string): string => utc.slice(0, -1).replace(/[.0]+$/, '')

const fraction = (digits = '0'): number => Number(`0.${digits}`)

/**
 * Compares two RFC 3339 timestamps to the last digit, which a Date cannot: negative, 0 or positive, and NaN where one of them is
 * none. The same text is the same time unless it is empty.
 */
export function compareTimestamps(a: string, b: string): number {
  if (a === b) return a === '' ? Number.NaN : 0
  if (looksUtc(a) && looksUtc(b)) {
    if (a.length === b.length) return a < b ? -1 : 1
    return sign(sortKey(a), sortKey(b))
  }
  const [left, right] = [zoned.exec(a), zoned.exec(b)]
  if (!left || !right) return Number.NaN
  const seconds = (match: RegExpExecArray): number => Date.parse(`${match[1]}${match[3]}`)
  const apart = seconds(left) - seconds(right)
  return apart === 0 ? fraction(left[2]) - fraction(right[2]) : apart
}

/** True where every line has a time and none goes back. */
export function hasOrderedTimes(lines: ReadonlyArray<{ readonly timestamp: string }>): boolean {
  return lines.every(
    ({ timestamp }, at) =>
      timestamp !== '' && (at === 0 || compareTimestamps(timestamp, lines[at - 1]?.timestamp ?? '') >= 0),
  )
}

/**
 * The Date of a timestamp as the services send it. A Date holds milliseconds: what is finer is cut off.
 *
 * @returns undefined for what is no timestamp
 *
 * @example
 * ```ts
 * import { toDate } from 'rxjobs'
 *
 * toDate('2026-11-22T09:30:00.123456789Z')?.toISOString() // => '2026-11-22T09:30:00.123Z'
 * toDate('') // => undefined
 * ```
 */
export function toDate(timestamp: string): Date | undefined {
  const date = new Date(timestamp.replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(date.getTime()) ? undefined : date
}
