import * as t from 'io-ts'
import { guardFirst, list, type Open, open, struct } from '../../core/index.ts'

/** One line of a job's log, as the service sends it. There is no sequence number. */
export interface LogEntry {
  readonly source: Open<'stdout' | 'stderr'>
  /** RFC 3339 with up to nine fraction digits, more than a Date can hold; empty where the service sent none. */
  readonly timestamp: string
  /** The text, without its line end. */
  readonly data: string
}

/** A part of a job's log. */
export interface LogEntries {
  readonly entries: ReadonlyArray<LogEntry>
}

/** The fast path of the most frequent value of all. */
const isLogEntry = (u: unknown): u is LogEntry =>
  typeof u === 'object' &&
  u !== null &&
  'data' in u &&
  typeof u.data === 'string' &&
  'timestamp' in u &&
  typeof u.timestamp === 'string' &&
  'source' in u &&
  typeof u.source === 'string'

const dated = struct<LogEntry>('LogEntry', { source: open<'stdout' | 'stderr'>(), timestamp: t.string, data: t.string })
const undated = struct<Omit<LogEntry, 'timestamp'>>('LogEntry', {
  source: open<'stdout' | 'stderr'>(),
  data: t.string,
})

/** Decodes a line. One without a time gets the empty one. */
export const LogEntry: t.Type<LogEntry> = guardFirst(
  isLogEntry,
  new t.Type<LogEntry>(
    'LogEntry',
    isLogEntry,
    (u, context) => {
      const timeless = undated.validate(u, context)
      const hasNone =
        typeof u === 'object' &&
        u !== null &&
        (!('timestamp' in u) || u.timestamp === undefined || u.timestamp === null)
      return hasNone && timeless._tag === 'Right'
        ? t.success({ ...timeless.right, timestamp: '' })
        : dated.validate(u, context)
    },
    t.identity,
  ),
)

/** Decodes a window of a log. */
export const LogEntries: t.Type<LogEntries> = struct<LogEntries>('LogEntries', { entries: list(LogEntry) })
