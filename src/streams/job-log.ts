import type { Observable } from 'rxjs'
import type { LogEntry } from './log-entry.ts'

/** Part of a log that the service counts, and where the next part begins. */
export interface CountedEntries {
  readonly entries: ReadonlyArray<LogEntry>
  readonly next: number
}

/** The ways to a job's log. `window` is enough; each of the others makes a tail better. */
export interface JobLog<Ref> {
  /**
   * At most `lines` entries of the log: its last ones or its first ones, whichever the service keeps. Fewer than asked
   * for means that this is the whole log. Emits once.
   */
  readonly window: (ref: Ref, lines: number) => Observable<ReadonlyArray<LogEntry>>
  /** The most lines that `window` gives. Default 5000. */
  readonly widest?: number
  /** The log from entry `next` on, where the service counts: exact, so nothing else is used. Emits once. */
  readonly since?: (ref: Ref, next: number) => Observable<CountedEntries>
  /**
   * The log while it is written: an empty batch when the connection is open and at each keep-alive, else new entries,
   * perhaps after some or all of the earlier ones. Completing means that the connection closed, not that the job ended.
   */
  readonly live?: (ref: Ref) => Observable<ReadonlyArray<LogEntry>>
  /** The whole log, a line at a time, without its times: what gaps are repaired from. */
  readonly full?: (ref: Ref) => Observable<string>
  /**
   * The longest line that all of these ways give whole, in UTF-16 units: a longer one may be cut, but not to this length
   * or less. Default: none is cut.
   */
  readonly longest?: number
}
