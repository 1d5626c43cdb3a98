import type { LogEntry } from '../log-entry.ts'
import { agrees, align } from './align.ts'
import { Growth } from './growth.ts'
import { keptEnd } from './kept-end.ts'
import type { GapReason } from './log-line.ts'
import type { Position } from './position.ts'
import { isOrdered } from './timestamp.ts'
import type { Then, Verdict } from './verdict.ts'

/** The largest window that is asked for where a source does not say: Connect's documented default. */
export const defaultWidest = 5_000

const widening = 4

// Lines that are asked for beyond what is likely new, so that the overlap is there.
const spare = 16

// Milliseconds that a window may lag behind what a connection gave.
const longestLag = 5_000

const end: Then = { _tag: 'end' }

/** Decides how much of the log to ask for, and what the answer means. It learns what the service's windows are. */
export class WindowPlan<Ref> {
  readonly #position: Position<Ref>
  readonly #widest: number
  readonly #narrowest: number
  readonly #growth = new Growth()
  /** The length at which the service cuts what it was asked for, once that was seen. */
  #cut = Number.POSITIVE_INFINITY
  /** Which end of the log windows show; undefined until one was seen that tells. */
  #keeps: 'first' | 'last' | undefined
  /** The window before this one, of the same look. */
  #before: ReadonlyArray<LogEntry> = []
  #now = 0
  /** When a window first showed no place to go on after the last that did. */
  #lostAt: number | undefined
  /** Whether lines may be on their way to the window. */
  #lags = false
  /** Whether this look has asked for a narrow window after the widest, to tell which end the service keeps. */
  #probed = false

  constructor(position: Position<Ref>, widest: number) {
    this.#position = position
    this.#widest = Math.max(2, widest)
    this.#narrowest = Math.min(32, Math.ceil(widest / 2))
  }

  /** True where the last look added so much that the next one may not reach back to it. */
  get hurried(): boolean {
    return this.#growth.last * 2 >= this.#widest
  }

  /**
   * How many lines to ask for: little more than what is likely new, by how fast the log grew between the last two looks;
   * undefined when no window can show it.
   *
   * @param now milliseconds
   * @param complete whether the log is no longer written
   */
  ask(now: number, complete: boolean): number | undefined {
    this.#before = []
    this.#probed = false
    this.#growth.asked(now)
    this.#now = now
    this.#lags = !complete
    const { count, at } = this.#position
    if (count === 0) return this.#widest
    if (this.usedUp) return undefined
    const likely = this.#growth.likely + spare
    const lines = Math.min(this.#widest, Math.max(this.#narrowest, (this.#keeps === 'first' ? count : at) + likely))
    // As many as were emitted would look the same from a service that keeps the first lines and one that keeps the last.
    if (lines !== count) return lines
    return count < this.#widest ? count + 1 : count - 1
  }

  /** True where the service shows only the log's first lines, and those were all emitted. */
  get usedUp(): boolean {
    return this.#keeps === 'first' && this.#position.count >= Math.min(this.#widest, this.#cut)
  }

  /** Judges the answer to a question for `lines`. */
  judge(window: ReadonlyArray<LogEntry>, lines: number): Verdict {
    const position = this.#position
    const whole = window.length !== lines && window.length < this.#cut
    const before = this.#before
    this.#before = window
    if (!whole) this.#keeps = keptEnd(window, before, position.first) ?? this.#keeps
    if (position.count === 0) return whole ? this.#fresh(window, 0, end) : this.#first(window, before)

    const place = align(window, position, whole)
    if (place._tag === 'At' && position.known === 0) position.remember(window.slice(0, place.from))
    const next = whole ? end : this.#next(lines)
    if (this.#keeps === 'first' && !whole && position.counted) {
      const from = Math.min(position.count, window.length)
      if (window.length <= position.count || agrees(window, from, position) === true)
        return this.#fresh(window, from, next)
    }
    if (place._tag === 'At') {
      if (whole && position.counted && place.from !== position.count && place.from < window.length)
        this.#cut = window.length
      return this.#fresh(window, place.from, next)
    }
    if (!whole && lines < this.#widest) return this.#nothing(this.#wider(lines))
    // Without knowing which end of the log the window shows, nothing in it is new for certain.
    if (next._tag !== 'end') return this.#nothing(next)
    const from = place._tag === 'Apart' ? 0 : place.from
    if (from === window.length || this.#mayBeOld(window)) return this.#nothing({ _tag: 'unsure' })
    return this.#missing(window, from, place._tag === 'Apart' ? 'window' : 'ambiguous')
  }

  /** True while a window that shows no place may be of before what was emitted. Times tell, where they are in order. */
  #mayBeOld(window: ReadonlyArray<LogEntry>): boolean {
    this.#lostAt ??= this.#now
    const timesTell = this.#position.ordered && isOrdered(window)
    return !timesTell && this.#lags && this.#now - this.#lostAt < longestLag
  }

  /** How to go on after a window that is not the whole log. */
  #next(lines: number): Then {
    if (this.#keeps === 'last') return end
    if (lines < this.#widest) return this.#wider(lines)
    if (this.#keeps === 'first') return { _tag: 'beyond' }
    if (this.#probed) return { _tag: 'unsure' }
    this.#probed = true
    return { _tag: 'ask', lines: this.#narrowest }
  }

  /** The first look at a log that is longer than its window: a narrow one tells which end of the log it shows. */
  #first(window: ReadonlyArray<LogEntry>, wide: ReadonlyArray<LogEntry>): Verdict {
    if (wide.length === 0) return this.#nothing({ _tag: 'ask', lines: this.#narrowest })
    return this.#keeps === 'first' ? this.#fresh(wide, 0, { _tag: 'beyond' }) : this.#missing(wide, 0, 'window')
  }

  #fresh(window: ReadonlyArray<LogEntry>, from: number, then: Then): Verdict {
    const entries = window.slice(from)
    this.#lostAt = undefined
    this.#growth.added(entries.length)
    return { _tag: 'Fresh', entries, then }
  }

  #nothing(then: Then): Verdict {
    if (then._tag !== 'ask') this.#growth.added(0)
    return { _tag: 'Fresh', entries: [], then }
  }

  #missing(window: ReadonlyArray<LogEntry>, from: number, reason: GapReason): Verdict {
    this.#lostAt = undefined
    this.#growth.added(this.#widest)
    return { _tag: 'Missing', window, from, reason }
  }

  #wider(lines: number): Then {
    return { _tag: 'ask', lines: Math.min(this.#widest, lines * widening) }
  }
}
