import { explain, Mismatch } from '../../core/index.ts'
import { LogEntries, LogEntry } from './log-entries.ts'

/** Null, and objects and arrays with nothing in them, are how a service may say that it is still there. */
const isKeepAlive = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0)

function linesOf(value: unknown): ReadonlyArray<LogEntry> {
  if (LogEntry.is(value)) return [value]
  if (isKeepAlive(value)) return []
  const shape = typeof value === 'object' && value !== null && 'entries' in value
  const decoded = shape ? LogEntries.decode(value) : LogEntry.decode(value)
  if (decoded._tag === 'Left') throw new Mismatch(explain(decoded.left))
  return 'entries' in decoded.right ? decoded.right.entries : [decoded.right]
}

/**
 * The lines that one value of a tail holds: the vendor's documents say a LogEntry; an array of them and the shape of
 * the log endpoint are as likely.
 *
 * @throws Mismatch for anything else
 */
export const tailEntries = (value: unknown): ReadonlyArray<LogEntry> =>
  Array.isArray(value) ? value.flatMap(linesOf) : linesOf(value)
