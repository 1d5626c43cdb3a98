import type { LogEntry } from '../log-entry.ts'
import { contains, isEnough, matches } from './matches.ts'
import { isOrdered } from './timestamp.ts'

/** Whether lines tell by themselves that they stand at one place of a log only. */
const isDistinct = (lines: ReadonlyArray<LogEntry>): boolean =>
  isEnough(lines) || (new Set(lines.map(({ timestamp }) => timestamp)).size > 1 && isOrdered(lines))

/**
 * Which end of a log its windows show, by two of them that do not show all of it: the first lines, the last ones, or
 * undefined where they do not tell.
 *
 * @param before the window before `window`, or an empty one
 * @param first the log's first line, where it is known
 */
export function keptEnd(
  window: ReadonlyArray<LogEntry>,
  before: ReadonlyArray<LogEntry>,
  first: LogEntry | undefined,
): 'first' | 'last' | undefined {
  const [head] = window
  if (head !== undefined && first !== undefined && !matches(head, first)) return 'last'
  // The log may have grown between the two: only a narrow window after a wide one proves anything.
  if (before.length <= window.length) return undefined
  if (!contains(before, window, 0)) return 'last'
  const elsewhere = before.some((_, at) => at > 0 && contains(before, window, at))
  return isDistinct(window) && !elsewhere ? 'first' : undefined
}
