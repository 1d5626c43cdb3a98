import * as t from 'io-ts'
import { guardFirst, type Open, open, struct } from '../../core/index.ts'
import { listOrNull } from './list-or-null.ts'

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

const fields = struct<object, LogEntry>(
  'LogEntry',
  {},
  { source: open<'stdout' | 'stderr'>(), timestamp: t.string, data: t.string },
)

/**
 * Decodes a line. Every field is optional by the specification: one that is not there is empty. What has neither text
 * nor source is no line.
 */
export const LogEntry: t.Type<LogEntry> = guardFirst(
  isLogEntry,
  new t.Type<LogEntry>(
    'LogEntry',
    isLogEntry,
    (u, context) => {
      const decoded = fields.validate(u, context)
      if (decoded._tag === 'Left') return decoded
      const { source, timestamp = '', data } = decoded.right
      if (source === undefined && data === undefined) return t.failure(u, context)
      return t.success({ ...decoded.right, source: source ?? '', timestamp, data: data ?? '' })
    },
    t.identity,
  ),
)

/** Decodes a window of a log. */
export const LogEntries: t.Type<LogEntries> = struct<LogEntries>('LogEntries', { entries: listOrNull(LogEntry) })
