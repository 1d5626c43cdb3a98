import * as t from 'io-ts'
import { explain, struct } from '../../core/index.ts'

/**
 * Where in a log a reader stands, on a service that gives no sequence numbers: plain, small, and itself again after
 * JSON. It holds no text of the log and no secret.
 *
 * Taken from any line or gap and given as `from`, it lets another stream, in this or another process, go on there.
 */
export interface Cursor {
  /** How many lines were emitted. */
  readonly count: number
  /** The last line's timestamp; empty where it has none. */
  readonly timestamp: string
  /** How many lines with that timestamp were emitted in a row; 0 where times do not tell the place. */
  readonly at: number
  /** A digest of the last lines, at most {@link digested}: 31 bits. */
  readonly digest: number
  /** Present where lines are missing before this place, so that `count` is no place in the log. */
  readonly gaps?: true
}

const count = new t.Type<number>(
  'a whole number from 0 up',
  (u): u is number => Number.isSafeInteger(u) && typeof u === 'number' && u >= 0,
  (u, context) => (typeof u === 'number' && Number.isSafeInteger(u) && u >= 0 ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/** Decodes a cursor that was stored as JSON. */
export const Cursor: t.Type<Cursor> = struct<Omit<Cursor, 'gaps'>, Pick<Cursor, 'gaps'>>(
  'Cursor',
  { count, timestamp: t.string, at: count, digest: count },
  { gaps: t.literal(true) },
)

/** The cursor before the first line. */
export const start: Cursor = { count: 0, timestamp: '', at: 0, digest: 0 }

/**
 * @param name what the cursor was given as, for the error
 * @throws TypeError for what is no cursor; it says where
 */
export function checkCursor(name: string, from: unknown): void {
  if (from === undefined) return
  const decoded = Cursor.decode(from)
  if (decoded._tag === 'Right') return
  const issues = explain(decoded.left).map(
    ({ path, expected, actual }) => `${path || 'it'} should be ${expected}, was ${actual}`,
  )
  throw new TypeError(`${name} is not a cursor of this package: ${issues.join('; ')}`)
}
