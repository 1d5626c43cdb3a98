import type { LogEntry } from '../log-entry.ts'
import { matches } from './align.ts'
import type { Position } from './position.ts'
import { compareTimestamps } from './timestamp.ts'

/**
 * What a live connection's entries are, after a position that a window has just been read up to: how many of them were
 * emitted already; or `newer`: none, and they continue the position if the log was read to its end; or `wait` for more of them; or `look` at the log once more, because they cannot be told apart at this
 * place; or `never`.
 */
export type Lock = number | 'newer' | 'wait' | 'look' | 'never'

/** By time: the connection was open before the window was read, so what is newer than the position continues it. */
function byTime<Ref>(entries: ReadonlyArray<LogEntry>, position: Position<Ref>): Lock {
  const { timestamp, at } = position
  const order = (entry: LogEntry): number => compareTimestamps(entry.timestamp, timestamp)
  const [head] = entries
  if (head === undefined) return 'wait'
  if (order(head) > 0) return 'newer'
  if (Number.isNaN(order(head))) return 'never'
  const first = entries.findIndex((entry) => !(order(entry) < 0))
  if (first < 0) return 'wait'
  const next = entries.findIndex((entry) => !(order(entry) <= 0))
  const run = (next < 0 ? entries.length : next) - first
  if (first > 0) return run >= at ? first + at : next < 0 ? 'wait' : 'never'
  return isNew(head, position) ? 'newer' : next < 0 ? 'wait' : 'look'
}

/** True for an entry that is none of the lines emitted at the position's time. */
function isNew<Ref>(entry: LogEntry, position: Position<Ref>): boolean {
  if (position.at > position.known) return false
  for (let back = 1; back <= position.at; back++) {
    const emitted = position.recent(back)
    if (emitted !== undefined && matches(entry, emitted)) return false
  }
  return true
}

/** By count: a connection that begins with the log's first line sends all of it. Lines without a time are no proof of that. */
function byCount<Ref>(entries: ReadonlyArray<LogEntry>, position: Position<Ref>): Lock {
  const { count, first, counted } = position
  const [head] = entries
  if (head === undefined) return 'wait'
  if (first === undefined || first.timestamp === '' || !counted || !matches(head, first)) return 'never'
  if (entries.length < count) return 'wait'
  for (let back = 1; back <= Math.min(count, position.known); back++) {
    const [here, there] = [entries[count - back], position.recent(back)]
    if (here === undefined || there === undefined || !matches(here, there)) return 'never'
  }
  return count
}

/** Finds where a live connection goes on after a position. */
export function lockOn<Ref>(entries: ReadonlyArray<LogEntry>, position: Position<Ref>): Lock {
  if (position.count === 0) return 0
  const [head] = entries
  if (position.exact) return byTime(entries, position)
  if (position.ordered && head !== undefined && compareTimestamps(head.timestamp, position.timestamp) > 0)
    return 'newer'
  return byCount(entries, position)
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
