import type { LogEntry } from '../log-entry.ts'
import type { GapReason } from './log-line.ts'

/**
 * What a window comes to. `Fresh`: these entries are next. `Missing`: lines are missing, or may be, before the window's
 * entries from `from` on, which are new for certain.
 *
 * `then` says whether that was the log's end. `end`: it was. `ask`: look on, at `lines` lines. `beyond`: the service shows
 * only the log's first lines, and those are used up. `unsure`: equal lines may hide some that are new.
 */
export type Verdict =
  | { readonly _tag: 'Fresh'; readonly entries: ReadonlyArray<LogEntry>; readonly then: Then }
  | Missing

/** A window before which lines are missing, or may be. */
export interface Missing {
  readonly _tag: 'Missing'
  readonly window: ReadonlyArray<LogEntry>
  readonly from: number
  readonly reason: GapReason
}

/** How a look goes on. */
export type Then = { readonly _tag: 'end' | 'beyond' | 'unsure' } | { readonly _tag: 'ask'; readonly lines: number }
