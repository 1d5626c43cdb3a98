import { fromUndefined, none } from '../../core/option.ts'
import { LogGapError } from '../../core/index.ts'
import type { LogEntry } from '../log-entry.ts'
import type { GapReason, LogElement, LogGap } from './log-line.ts'
import type { Position } from './position.ts'

const words: { readonly [reason in GapReason]: string } = {
  window: 'the log went on further than its window shows',
  ambiguous: 'equal lines at equal times leave more than one way to go on',
  download: 'the downloaded log does not continue what was emitted',
  'too-long': 'a line is longer than maxLineBytes',
}

/** Turns entries into lines and gaps, moving the position. */
export interface Emitter<Ref> {
  readonly lines: (entries: ReadonlyArray<LogEntry>) => ReadonlyArray<LogElement<Ref>>
  /** @param after the first entry after the gap, which is not emitted by this */
  readonly gap: (reason: GapReason, after: LogEntry | undefined) => LogGap<Ref>
}

/** @param path what a LogGapError says was read; without `strict` there is none */
export function emitter<Ref>(
  ref: Ref,
  position: Position<Ref>,
  path: string,
  strict: boolean,
  maxLineBytes: number,
): Emitter<Ref> {
  function gap(reason: GapReason, after: LogEntry | undefined): LogGap<Ref> {
    const before = fromUndefined(position.last)
    if (reason === 'too-long' && after !== undefined) position.push(after)
    else position.skip()
    const shown = reason === 'too-long' ? none : fromUndefined(after)
    const missing: LogGap<Ref> = { _tag: 'Gap', ref, reason, before, after: shown, cursor: position.cursor }
    if (strict) throw new LogGapError({ method: 'GET', path, gap: missing, reason: words[reason] })
    return missing
  }
  return {
    gap,
    lines: (entries) => {
      const elements: Array<LogElement<Ref>> = []
      for (const entry of entries) {
        elements.push(entry.data.length > maxLineBytes ? gap('too-long', entry) : position.push(entry))
      }
      return elements
    },
  }
}
