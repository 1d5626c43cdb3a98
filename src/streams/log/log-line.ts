import type { Option } from 'fp-ts/lib/Option.js'
import type { LogEntry } from '../log-entry.ts'
import type { Cursor } from './cursor.ts'

/** A line of a job's log. */
export interface LogLine<Ref> extends LogEntry {
  readonly _tag: 'Line'
  readonly ref: Ref
  /** Which line of the log, from 0; after a resume it goes on. After a gap it counts what was emitted. */
  readonly index: number
  /** Where a stream must start to go on after this line. */
  readonly cursor: Cursor
}

/**
 * Why lines are missing.
 *
 * `window`: the log went on further than its window shows. `ambiguous`: too many equal lines to tell where to go on.
 * `download`: the whole log was read and does not continue what was emitted. `too-long`: one line, longer than
 * `maxLineBytes`.
 */
export type GapReason = 'window' | 'ambiguous' | 'download' | 'too-long'

/** A place where lines of the log are missing, or may be. */
export interface LogGap<Ref> {
  readonly _tag: 'Gap'
  readonly ref: Ref
  readonly reason: GapReason
  /** The last line that was emitted before it by this stream. */
  readonly before: Option<LogLine<Ref>>
  /** The first line after it; none where the log has no more. */
  readonly after: Option<LogEntry>
  /** Where a stream must start to go on after the gap. */
  readonly cursor: Cursor
}

/** What a tail emits. */
export type LogElement<Ref> = LogLine<Ref> | LogGap<Ref>
