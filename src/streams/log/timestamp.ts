const utc = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/
const zoned = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/

const sign = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** Fractions of a second differ in length: servers leave out zeros at the end. */
const fractions = (a = '', b = ''): number => {
  const width = Math.max(a.length, b.length)
  return sign(a.padEnd(width, '0'), b.padEnd(width, '0'))
}

/** Whether a text has the punctuation of a timestamp in UTC: much cheaper than a match, which is what most lines need. */
const looksUtc = (text: string): boolean =>
  text.charCodeAt(4) === 45 &&
  text.charCodeAt(7) === 45 &&
  text.charCodeAt(10) === 84 &&
  text.charCodeAt(13) === 58 &&
  text.charCodeAt(16) === 58 &&
  text.charCodeAt(text.length - 1) === 90

/**
 * Compares two RFC 3339 timestamps to the last digit, which a Date cannot: negative, 0 or positive, and NaN where one
 * of them is none, by its punctuation. The same text is the same time, whatever it is, unless it is empty.
 */
export function compareTimestamps(a: string, b: string): number {
  if (a === b) return a === '' ? Number.NaN : 0
  if (a.length === b.length && looksUtc(a) && looksUtc(b)) return a < b ? -1 : 1
  const [left, right] = [utc.exec(a), utc.exec(b)]
  if (left && right) return sign(left[1] ?? '', right[1] ?? '') || fractions(left[2], right[2])
  const [one, other] = [zoned.exec(a), zoned.exec(b)]
  if (!one || !other) return Number.NaN
  const seconds = (match: RegExpExecArray): number => Date.parse(`${match[1]}${match[3]}`)
  const apart = seconds(one) - seconds(other)
  return apart === 0 ? fractions(one[2], other[2]) : apart
}

/** True where every line has a time and none goes back. */
export function isOrdered(lines: ReadonlyArray<{ readonly timestamp: string }>): boolean {
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
  const at = Date.parse(timestamp.replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(at) ? undefined : new Date(at)
}
