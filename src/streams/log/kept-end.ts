import type { LogEntry } from '../log-entry.ts'
import { matches } from './align.ts'
import { isOrdered } from './timestamp.ts'

/** Whether the entries of `part` stand in `window` from `from` on. */
function contains(window: ReadonlyArray<LogEntry>, part: ReadonlyArray<LogEntry>, from: number): boolean {
  return part.every((entry, index) => {
    const here = window[from + index]
    return here !== undefined && matches(here, entry)
  })
}

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
  // Lines without a time, all of one time, or of times that go back may be equal by chance.
  const times = new Set(window.map(({ timestamp }) => timestamp))
  return times.size > 1 && isOrdered(window) && !contains(before, window, before.length - window.length)
    ? 'first'
    : undefined
}
