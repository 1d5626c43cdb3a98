import * as t from 'io-ts'
import { explain, isObject, struct } from '../../core/index.ts'
import type { Cursor as CursorType, LogStart } from '../types.ts'

/** A place in a log; see the codec of the same name. */
export type Cursor = CursorType

const count = new t.Type<number>(
  'a whole number from 0 up',
  (u): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 0,
  (u, context) => (typeof u === 'number' && Number.isSafeInteger(u) && u >= 0 ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/**
 * Decodes a cursor that was stored as JSON.
 *
 * @example
 * ```ts
 * import { Cursor } from 'rxjobs'
 *
 * Cursor.decode(JSON.parse('{"job":"a","offset":0,"timestamp":"","linesAtTimestamp":0,"checksum":0}'))._tag // => 'Right'
 * Cursor.decode({ offset: 1 })._tag // => 'Left'
 * ```
 */
export const Cursor: t.Type<Cursor> = struct<Omit<Cursor, 'incomplete'>, Pick<Cursor, 'incomplete'>>(
  'Cursor',
  { job: t.string, offset: count, timestamp: t.string, linesAtTimestamp: count, checksum: count },
  { incomplete: t.literal(true) },
)

/**
 * Checks where a tail is to begin.
 *
 * @param caller the function that was called, for the message
 * @param jobKey the job whose log is to be tailed
 * @throws TypeError for what is no {@link LogStart}, and for a cursor of another job
 */
export function checkLogStart(caller: string, from: LogStart | undefined, jobKey: string): void {
  if (from === undefined || from === 'start' || from === 'now') return
  const refuse = (problem: string): never => {
    throw new TypeError(`${caller}: from${problem}`)
  }
  if (isObject(from) && 'last' in from) {
    if (!count.is(from.last)) refuse('.last must be a whole number from 0 up')
  } else if (isObject(from) && 'since' in from) {
    if (!(from.since instanceof Date) || Number.isNaN(from.since.getTime())) refuse('.since must be a valid Date')
  } else {
    const cursor = Cursor.decode(from)
    if (cursor._tag === 'Left') {
      const issues = explain(cursor.left).map(({ path, expected }) => `${path || 'it'} must be ${expected}`)
      const why = typeof from === 'string' ? 'is it the JSON of one? then JSON.parse it' : issues.join('; ')
      refuse(` must be 'start', 'now', { last }, { since } or a Cursor: ${why}`)
    } else if (cursor.right.job !== jobKey) {
      refuse(` is a cursor of job ${JSON.stringify(cursor.right.job)}, not of job ${JSON.stringify(jobKey)}`)
    }
  }
}
