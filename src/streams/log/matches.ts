import type { LogEntry } from '../log-entry.ts'

// A longer line is remembered and compared by a hash of it: remembering all of it is dear.
const long = 4_096

/** A long text's stand-in, which shares no memory with it: its length and a hash of all of it (FNV-1a). */
function standIn(data: string): string {
  if (data.length <= long) return data
  let hash = 0x811c9dc5
  for (let at = 0; at < data.length; at++) hash = Math.imul(hash ^ data.charCodeAt(at), 0x01000193)
  return `\0${data.length}:${hash}`
}

/** An entry to be remembered: of a long line only as much as {@link matches} needs. */
export const remembrance = (entry: LogEntry): LogEntry =>
  entry.data.length > long ? { ...entry, data: standIn(entry.data) } : entry

/** The same line, as far as can be told. One from a download (without a source) has only its text to go by. */
export function matches(a: LogEntry, b: LogEntry): boolean {
  return (
    (a.data === b.data || standIn(a.data) === standIn(b.data)) &&
    ((a.timestamp === b.timestamp && a.source === b.source) || a.source === '' || b.source === '')
  )
}

// How many lines must agree to be no accident. Lines without times repeat more often than lines with them.
const enoughTimed = 4

/** How many lines without a time must agree to be no accident. */
export const enoughUntimed = 32

/** Whether these lines in a row are enough to know their place by. */
export const isEnough = (lines: ReadonlyArray<LogEntry>): boolean =>
  lines.length >= (lines.every(({ timestamp }) => timestamp !== '') ? enoughTimed : enoughUntimed)

/** Whether the entries of `part` stand in `window` from `from` on. */
export function contains(window: ReadonlyArray<LogEntry>, part: ReadonlyArray<LogEntry>, from: number): boolean {
  return part.every((entry, index) => {
    const here = window[from + index]
    return here !== undefined && matches(here, entry)
  })
}
