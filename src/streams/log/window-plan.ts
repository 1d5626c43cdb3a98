import type { LogEntry } from '../log-entry.ts'
import { align, continues, matches } from './align.ts'
import type { GapReason } from './log-line.ts'
import type { Position } from './position.ts'

/** The largest window that is asked for: what the vendor documents as its log's default and shows in its own viewer. */
export const widest = 5_000

const narrowest = 32
const widening = 4

/**
 * What a window comes to. `Fresh`: these entries are next. `Ask`: look again, at this many lines. `Beyond`: the service
 * shows only the log's first lines, and those were all emitted. `Missing`: lines are missing before `entries`.
 */
export type Verdict =
  | { readonly _tag: 'Fresh'; readonly entries: ReadonlyArray<LogEntry> }
  | { readonly _tag: 'Ask'; readonly lines: number }
  | { readonly _tag: 'Beyond' }
  | {
      readonly _tag: 'Missing'
      readonly reason: GapReason
      readonly entries: ReadonlyArray<LogEntry>
      readonly window: ReadonlyArray<LogEntry>
    }

/** Decides how much of the log to ask for, and what the answer means. It learns what the service's windows are. */
export class WindowPlan<Ref> {
  readonly #position: Position<Ref>
  /** How many lines the last look added. */
  #growth = 0
  /** The length at which the service cuts what it was asked for, once that was seen. */
  #cut = Number.POSITIVE_INFINITY
  #keepsFirst = false
  /** The window before this one of the same look, which was too narrow. */
  #narrower: ReadonlyArray<LogEntry> = []

  constructor(position: Position<Ref>) {
    this.#position = position
  }

  /** How many lines to ask for: little more than what is likely new; undefined when no window can show it. */
  ask(): number | undefined {
    this.#narrower = []
    const { count, at } = this.#position
    if (count === 0) return widest
    const likely = Math.ceil(this.#growth * 1.2) + 16
    if (!this.#keepsFirst) return Math.min(widest, Math.max(narrowest, at + likely))
    return count >= Math.min(widest, this.#cut) ? undefined : Math.min(widest, count + likely)
  }

  /** Judges the answer to a question for `lines`. */
  judge(window: ReadonlyArray<LogEntry>, lines: number): Verdict {
    const position = this.#position
    const narrower = this.#narrower
    this.#narrower = window
    const whole = window.length !== lines && window.length < this.#cut
    if (narrower.length > 0 && window.length > narrower.length) this.#keepsFirst = startsAlike(window, narrower)

    if (position.count === 0 && !whole) return this.#first(window, narrower)
    const place = align(window, position, whole)
    if (place._tag === 'At') {
      if (whole && position.counted && place.from !== position.count && place.from < window.length)
        this.#cut = window.length
      return this.#fresh(window, place.from)
    }
    if (this.#keepsFirst) {
      if (window.length <= position.count) return lines < widest && !whole ? this.#wider(lines) : { _tag: 'Beyond' }
      if (position.counted && continues(window, position.count, position)) return this.#fresh(window, position.count)
    }
    if (lines < widest && window.length === lines) return this.#wider(lines)
    if (lines === widest && narrower.length === 0 && window.length > narrowest) return { _tag: 'Ask', lines: narrowest }
    if (place._tag === 'Behind') return { _tag: 'Fresh', entries: [] }
    return this.#missing(
      window,
      place._tag === 'Unclear' ? place.from : 0,
      place._tag === 'Unclear' ? 'ambiguous' : 'window',
    )
  }

  /** The first look at a log that is longer than its window: a narrow window tells which end of the log it shows. */
  #first(window: ReadonlyArray<LogEntry>, wide: ReadonlyArray<LogEntry>): Verdict {
    if (wide.length === 0) return { _tag: 'Ask', lines: narrowest }
    this.#keepsFirst = startsAlike(wide, window)
    return this.#keepsFirst ? this.#fresh(wide, 0) : this.#missing(wide, 0, 'window')
  }

  #fresh(window: ReadonlyArray<LogEntry>, from: number): Verdict {
    if (this.#position.known === 0) this.#position.remember(window.slice(0, from))
    const entries = window.slice(from)
    this.#growth = entries.length
    return { _tag: 'Fresh', entries }
  }

  #missing(window: ReadonlyArray<LogEntry>, from: number, reason: GapReason): Verdict {
    this.#growth = widest
    return { _tag: 'Missing', reason, entries: window.slice(from), window }
  }

  #wider(lines: number): Verdict {
    return { _tag: 'Ask', lines: Math.min(widest, lines * widening) }
  }
}

/** A longer window that begins like a shorter one, and not with lines before it: the service keeps the first lines. */
function startsAlike(window: ReadonlyArray<LogEntry>, narrower: ReadonlyArray<LogEntry>): boolean {
  return narrower.every((entry, index) => {
    const here = window[index]
    return here !== undefined && matches(here, entry)
  })
}
