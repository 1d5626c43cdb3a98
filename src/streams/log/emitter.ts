import { fromUndefined } from '../../core/option.ts'
import type { LogEntry } from '../log-entry.ts'
import type { GapReason, LogElement, LogGap, LogLine } from './log-line.ts'
import type { Position } from './position.ts'

/** Turns entries into lines and gaps, moving the position. */
export interface Emitter<Ref> {
  readonly lines: (entries: ReadonlyArray<LogEntry>) => ReadonlyArray<LogElement<Ref>>
  /**
   * A gap here; nothing where one was told already and no line came since. The position stays in place until it is known
   * what comes after the gap: that may yet be found.
   *
   * @param after the first entry after the gap, which is not emitted by this
   */
  readonly gap: (reason: GapReason, after: LogEntry | undefined) => ReadonlyArray<LogElement<Ref>>
}

/** @param maxLineBytes the longest line, in UTF-16 units */
export function emitter<Ref>(ref: Ref, position: Position<Ref>, maxLineBytes: number): Emitter<Ref> {
  let toldAt: number | undefined
  let last: LogLine<Ref> | undefined

  function missing(reason: GapReason, after: LogEntry | undefined): LogGap<Ref> {
    const { cursor } = position
    return { _tag: 'Gap', ref, reason, before: fromUndefined(last), after: fromUndefined(after), cursor }
  }

  /** A line that is too long is missing and counted. */
  function take(entry: LogEntry): LogElement<Ref> {
    const line = position.push(entry)
    if (entry.data.length > maxLineBytes) return missing('too-long', undefined)
    last = line
    return line
  }

  return {
    gap: (reason, after) => {
      if (after !== undefined) position.skip()
      if (toldAt === position.count) return []
      toldAt = position.count
      return [missing(reason, after)]
    },
    lines: (entries) => entries.map(take),
  }
}
