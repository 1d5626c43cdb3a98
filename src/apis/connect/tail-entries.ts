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

const areEntries = (values: ReadonlyArray<unknown>): values is ReadonlyArray<LogEntry> => values.every(LogEntry.is)

/**
 * The lines that the values of a tail hold: the vendor's documents say a LogEntry each; an array of them and the shape of
 * the log endpoint are as likely.
 *
 * @throws Mismatch for anything else
 */
export const tailEntries = (values: ReadonlyArray<unknown>): ReadonlyArray<LogEntry> =>
  areEntries(values)
    ? values
    : values.flatMap((value) => (Array.isArray(value) ? value.flatMap(linesOf) : linesOf(value)))
