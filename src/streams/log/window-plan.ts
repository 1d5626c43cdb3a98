import type { LogEntry } from '../log-entry.ts'
import { agreement, align, matches } from './align.ts'
import type { GapReason } from './log-line.ts'
import type { Position } from './position.ts'

/** The largest window that is asked for where a source does not say: Connect's documented default. */
export const defaultWidest = 5_000

const widening = 4

/**
 * What a window comes to. `Fresh`: these entries are next. `Missing`: lines are missing before these entries, or may be.
 *
 * `then` says whether that was the log's end. `end`: it was. `ask`: look on, at `lines` lines. `beyond`: the service shows
 * only the log's first lines, and those are used up. `unsure`: equal lines may hide some that are new.
 */
export type Verdict =
  | { readonly _tag: 'Fresh'; readonly entries: ReadonlyArray<LogEntry>; readonly then: Then }
  | { readonly _tag: 'Missing'; readonly entries: ReadonlyArray<LogEntry>; readonly reason: GapReason }

/** How a look goes on. */
export type Then = { readonly _tag: 'end' | 'beyond' | 'unsure' } | { readonly _tag: 'ask'; readonly lines: number }

const end: Then = { _tag: 'end' }

/** Decides how much of the log to ask for, and what the answer means. It learns what the service's windows are. */
export class WindowPlan<Ref> {
  readonly #position: Position<Ref>
  readonly #widest: number
  readonly #narrowest: number
  /** How many lines the last look added. */
  #growth = 0
  /** The length at which the service cuts what it was asked for, once that was seen. */
  #cut = Number.POSITIVE_INFINITY
  /** Whether windows show the log's first lines; undefined until one was seen that tells. */
  #keepsFirst: boolean | undefined
  /** The window before this one, of the same look. */
  #before: ReadonlyArray<LogEntry> = []

  constructor(position: Position<Ref>, widest: number) {
    this.#position = position
    this.#widest = widest
    this.#narrowest = Math.min(32, Math.ceil(widest / 2))
  }

  /** True where the last look added so much that the next one may not reach back to it. */
  get hurried(): boolean {
    return this.#growth * 2 >= this.#widest
  }

  /** How many lines to ask for: little more than what is likely new; undefined when no window can show it. */
  ask(): number | undefined {
    this.#before = []
    const { count, at } = this.#position
    if (count === 0) return this.#widest
    if (this.#keepsFirst === true && count >= Math.min(this.#widest, this.#cut)) return undefined
    const likely = Math.ceil(this.#growth * 1.2) + 16
    const lines = Math.min(this.#widest, Math.max(this.#narrowest, (this.#keepsFirst === true ? count : at) + likely))
    // As many as were emitted would look the same from a service that keeps the first lines and one that keeps the last.
    if (lines !== count) return lines
    return count < this.#widest ? count + 1 : count - 1
  }

  /** Judges the answer to a question for `lines`. */
  judge(window: ReadonlyArray<LogEntry>, lines: number): Verdict {
    const position = this.#position
    const whole = window.length !== lines && window.length < this.#cut
    const before = this.#before
    this.#before = window
    if (!whole) this.#learn(window, before)
    if (position.count === 0) return whole ? this.#fresh(window, 0, end) : this.#first(window, before)

    const place = align(window, position, whole)
    if (place._tag === 'At' && position.known === 0) position.remember(window.slice(0, place.from))
    const next = whole ? end : this.#next(lines, before)
    if (this.#keepsFirst === true && !whole) {
      const from = Math.min(position.count, window.length)
      const known = place._tag === 'At' || window.length <= position.count
      if (known || (position.counted && agreement(window, from, position) === 'agrees'))
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
    if (place._tag === 'Behind') return this.#nothing(position.ordered ? end : { _tag: 'unsure' })
    if (place._tag === 'Apart') return this.#missing(window, 0, 'window')
    if (place.from < window.length) return this.#missing(window, place.from, 'ambiguous')
    return this.#nothing({ _tag: 'unsure' })
  }

  /** How to go on after a window that is not the whole log. */
  #next(lines: number, before: ReadonlyArray<LogEntry>): Then {
    if (this.#keepsFirst === false) return end
    if (lines < this.#widest) return this.#wider(lines)
    if (this.#keepsFirst === true) return { _tag: 'beyond' }
    return before.length === 0 ? { _tag: 'ask', lines: this.#narrowest } : { _tag: 'unsure' }
  }

  /** The first look at a log that is longer than its window: a narrow one tells which end of the log it shows. */
  #first(window: ReadonlyArray<LogEntry>, wide: ReadonlyArray<LogEntry>): Verdict {
    if (wide.length === 0) return this.#nothing({ _tag: 'ask', lines: this.#narrowest })
    return this.#keepsFirst === true ? this.#fresh(wide, 0, { _tag: 'beyond' }) : this.#missing(wide, 0, 'window')
  }

  /**
   * A narrow window that stands at the beginning of a wide one, and not at its end, is of a service that keeps the first
   * lines, unless its lines have no time: then they may be equal by chance. One that does not begin with the log's first line is of a service that keeps the last.
   */
  #learn(window: ReadonlyArray<LogEntry>, before: ReadonlyArray<LogEntry>): void {
    const [head] = window
    const { first } = this.#position
    if (head !== undefined && first !== undefined && !matches(head, first)) this.#keepsFirst = false
    if (before.length === 0 || before.length === window.length) return
    const [narrow, wide] = before.length < window.length ? [before, window] : [window, before]
    const atStart = contains(wide, narrow, 0)
    if (!atStart) this.#keepsFirst = false
    else if (narrow.some(isTimed) && !contains(wide, narrow, wide.length - narrow.length)) this.#keepsFirst = true
  }

  #fresh(window: ReadonlyArray<LogEntry>, from: number, then: Then): Verdict {
    const entries = window.slice(from)
    this.#growth = entries.length
    return { _tag: 'Fresh', entries, then }
  }

  #nothing(then: Then): Verdict {
    if (then._tag !== 'ask') this.#growth = 0
    return { _tag: 'Fresh', entries: [], then }
  }

  #missing(window: ReadonlyArray<LogEntry>, from: number, reason: GapReason): Verdict {
    this.#growth = this.#widest
    return { _tag: 'Missing', entries: window.slice(from), reason }
  }

  #wider(lines: number): Then {
    return { _tag: 'ask', lines: Math.min(this.#widest, lines * widening) }
  }
}

const isTimed = ({ timestamp }: LogEntry): boolean => timestamp !== ''

/** Whether the entries of `part` stand in `window` from `from` on. */
function contains(window: ReadonlyArray<LogEntry>, part: ReadonlyArray<LogEntry>, from: number): boolean {
  return part.every((entry, index) => {
    const here = window[from + index]
    return here !== undefined && matches(here, entry)
  })
}
