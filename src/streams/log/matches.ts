import type { LogEntry } from '../log-entry.ts'
import { hashOf } from './digest.ts'

// A longer line is compared, and remembered, by its beginning: remembering all of it is dear.
const compared = 4_096

/** A long text's stand-in. It shares no memory with the text. */
const standIn = (data: string): string => (data.length > compared ? `\0${hashOf(data.slice(0, compared))}` : data)

/** An entry to be remembered: of a long line only as much as {@link matches} needs. */
export const remembrance = (entry: LogEntry): LogEntry =>
  entry.data.length > compared ? { ...entry, data: standIn(entry.data) } : entry

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
