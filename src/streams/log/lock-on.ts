import type { LogEntry } from '../log-entry.ts'
import { align } from './align.ts'
import type { Position } from './position.ts'
import { compareTimestamps } from './timestamp.ts'

/**
 * How many of the entries that a live connection gave were emitted already, `sure` where the others continue the position:
 * where they overlap what was emitted, which is judged as a window of the log is. Not sure, the entries from `emitted`
 * on are new for certain, but lines may be missing before them.
 *
 * Entries that are newer than the position prove nothing: a log may show its lines later than a connection does.
 */
export interface Lock {
  readonly emitted: number
  readonly sure: boolean
}

/** Finds where a live connection goes on after a position. */
export function lockOn<Ref>(entries: ReadonlyArray<LogEntry>, position: Position<Ref>): Lock {
  if (entries.length === 0 || position.count === 0) return { emitted: 0, sure: false }
  const place = align(entries, position, false)
  return place._tag === 'Apart' ? { emitted: 0, sure: false } : { emitted: place.from, sure: place._tag === 'At' }
}

/**
 * Drops the entries that are older than the position, but for one that shows that there were any: a connection that
 * sends the whole log first must not be held in memory.
 */
export function dropOlder<Ref>(entries: ReadonlyArray<LogEntry>, position: Position<Ref>): Array<LogEntry> {
  if (!position.exact) return [...entries]
  const { timestamp } = position
  const kept = entries.findIndex((entry) => !(compareTimestamps(entry.timestamp, timestamp) < 0))
  return entries.slice(kept < 0 ? Math.max(0, entries.length - 1) : Math.max(0, kept - 1))
}
