import type { GapReason, LogEntry } from '../types.ts'
import { agrees, detectWindowAnchor, enoughAtOneTime, findOverlap } from './overlap.ts'
import type { Position } from './position.ts'
import { isOrdered, toDate } from './timestamp.ts'

/** The most lines that are asked for where a source does not say: Connect's documented default. */
export const defaultMaxLines = 5_000

// How much wider the next window is where nothing else is known.
const widening = 8

// How many lines a window should share with what was taken, where times do not tell the place.
const spare = 16

// Milliseconds that a window may be older than what a connection gave.
const longestLag = 5_000

/** How a read goes on after a window: not, with the download, or with a window of so many lines. `undecided`: no window tells. */
type Next = 'end' | 'download' | 'undecided' | number

/** What a window comes to: lines that are next, or, without `next`, a gap before the entries from `from` on, which are new for certain. */
type WindowResult =
  | { readonly entries: ReadonlyArray<LogEntry>; readonly next: Next }
  | (WindowGap & { readonly next?: never })

/** A window before which lines are missing, or may be. */
export interface WindowGap {
  readonly window: ReadonlyArray<LogEntry>
  readonly from: number
  readonly reason: GapReason
}

/** A number of new lines, and the milliseconds in which they came: by the scheduler, and by the lines' own times, 0 where they do not tell. */
interface Sample {
  readonly added: number
  readonly interval: number
  readonly elapsed: number
}

// How many reads are remembered.
const samples = 16

// What is added to a guess by the pace of a log.
const margin = 1.03

// How much of a read's cost a narrow window must save that is read first to see how far the log went on.
const worthwhile = 0.05

/** Guesses how many lines are new, from what the last reads added. */
class Growth {
  readonly #samples: Array<Sample> = []
  #lastAt: number | undefined

  /** How many lines the last read added. */
  last = 0

  /** Notes that a read at `now` added lines, whose times went on by `elapsed`; both in milliseconds. */
  added(lines: number, now: number, elapsed: number): void {
    this.last = lines
    // The first read shows what was there before: only the lines' own times tell a pace.
    const interval = this.#lastAt === undefined ? 0 : Math.max(1, now - this.#lastAt)
    this.#samples.push({ added: lines, interval, elapsed })
    if (this.#samples.length > samples) this.#samples.shift()
    this.#lastAt = now
  }

  /**
   * How many new lines to ask for, at least so many, so that the reads cost the least.
   *
   * @param elapsed how far the times of the log went on since the last read, where a window showed that
   * @param roundTrip milliseconds that the last answer took
   */
  guess(now: number, atLeast: number, overlap: number, elapsed: number, roundTrip: number): number {
    const interval = now - (this.#lastAt ?? now)
    const pace = (by: 'interval' | 'elapsed', ms: number): ReadonlyArray<number> =>
      this.#samples.flatMap((sample) => (sample[by] > 0 ? [(sample.added * ms * margin) / sample[by] + 1] : []))
    const sizes = this.#samples.flatMap(({ added, interval }) => (interval > 0 ? [added] : []))
    if (elapsed > 0) {
      // After a long silence the pace tells nothing.
      const largest = Math.max(...this.#samples.map(({ added }) => added))
      const most = this.#samples.length < samples / 2 ? Number.POSITIVE_INFINITY : Math.max(atLeast, largest) * widening
      const { lines } = cheapest(pace('elapsed', elapsed + roundTrip), atLeast, overlap)
      if (lines !== undefined) return Math.min(lines, most)
    }
    const [bySize, byPace] = [cheapest(sizes, atLeast, overlap), cheapest(pace('interval', interval), atLeast, overlap)]
    const { lines, waste } = bySize.waste < byPace.waste ? bySize : byPace
    if (lines === undefined) return Math.max(spare, atLeast * widening)
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    // Where an answer takes long, the log goes on too far meanwhile.
    const canProbe = atLeast === 0 && roundTrip * 5 < interval && this.#samples.some((sample) => sample.elapsed > 0)
    return canProbe && waste > 1 + (2 * overlap) / mean + worthwhile ? 0 : lines
  }
}

/**
 * The first of the windows to ask for, one after the other until one is wide enough, if `sizes` are as likely as each other: the
 * choice that costs the fewest lines.
 */
function cheapest(
  sizes: ReadonlyArray<number>,
  atLeast: number,
  overlap: number,
): { readonly lines: number | undefined; readonly waste: number } {
  const sorted = [...sizes].sort((a, b) => a - b)
  const total = sorted.reduce((sum, size) => sum + size, 0)
  const first = sorted.findIndex((size) => size >= atLeast)
  if (first < 0) return { lines: undefined, waste: Number.POSITIVE_INFINITY }
  const costs: Array<number> = []
  let lines: number | undefined
  for (let at = sorted.length - 1; at >= first; at--) {
    costs[at] = Number.POSITIVE_INFINITY
    for (let upTo = at; upTo < sorted.length; upTo++) {
      const size = Math.ceil(sorted[upTo] ?? 0)
      const cost = (size + overlap) * (sorted.length - at) + (costs[upTo + 1] ?? 0)
      if (cost >= (costs[at] ?? 0)) continue
      costs[at] = cost
      lines = size
    }
  }
  return { lines, waste: (costs[first] ?? 0) / Math.max(1, total) }
}

/** By how many milliseconds a window's last time is later than the position's, or its own first one; 0 where times do not tell. */
function elapsedIn(window: ReadonlyArray<LogEntry>, position: Position): number {
  const first = position.isBlank ? window[0]?.timestamp : position.timestamp
  const [before, after] = [first, window[window.length - 1]?.timestamp].map((timestamp) => toDate(timestamp ?? ''))
  return before && after ? Math.max(0, after.getTime() - before.getTime()) : 0
}

/** Decides how much of a log to ask for and what the answer means. It learns what the service's windows show. */
export class WindowReader {
  readonly #position: Position
  readonly #maxLines: number
  readonly #narrowest: number
  readonly #growth = new Growth()
  /** The length at which the service cuts windows, once that was seen. */
  #cutAt = Number.POSITIVE_INFINITY
  /** Which lines of the log windows show; undefined until windows were seen that tell. */
  anchor: 'first' | 'last' | undefined
  /** The window before this one, of the same read. */
  #before: ReadonlyArray<LogEntry> = []
  #now = 0
  /** How far the log's times went on beyond the position, by the last window. */
  #elapsed = 0
  /** How long the last answer took. */
  #roundTrip = 0
  /** When a window first did not overlap, after the last that did. */
  #lostAt: number | undefined
  #isComplete = false
  /** Whether this read asked for a narrow window after the widest, to tell the anchor. */
  #isProbed = false

  constructor(position: Position, maxLines: number) {
    this.#position = position
    this.#maxLines = Math.max(2, maxLines)
    this.#narrowest = Math.min(32, Math.ceil(maxLines / 2))
  }

  /** True where the last read added so much that the next window may not reach back to it. */
  get isFast(): boolean {
    return this.#growth.last * 2 >= this.#maxLines
  }

  /** True where windows show only the log's first lines, and those were all taken. */
  get isUsedUp(): boolean {
    return this.anchor === 'first' && this.#position.offset >= Math.min(this.#maxLines, this.#cutAt)
  }

  /**
   * Begins a read: how many lines to ask for; undefined where no window shows what is new.
   *
   * @param now milliseconds
   * @param isComplete whether the log is no longer written
   */
  begin(now: number, isComplete: boolean): number | undefined {
    this.#before = []
    this.#elapsed = 0
    this.#isProbed = false
    this.#now = now
    this.#isComplete = isComplete
    if (this.#position.isBlank) return this.#maxLines
    return this.isUsedUp ? undefined : this.#ask(0)
  }

  /** How many lines to ask for after a window of so many. */
  #ask(before: number): number {
    const { offset } = this.#position
    const overlap = this.anchor === 'first' ? offset : this.#overlap()
    const lines =
      overlap +
      this.#growth.guess(this.#now, Math.max(0, before + 1 - overlap), overlap, this.#elapsed, this.#roundTrip)
    if (before > 0 || lines !== offset) return Math.min(this.#maxLines, Math.max(lines, before + 1))
    // As many as were taken would look the same from a service that shows the first lines and one that shows the last.
    return offset < this.#maxLines ? offset + 1 : this.#maxLines - 1
  }

  /** How many taken lines a window must show to prove where it goes on. */
  #overlap(): number {
    const { isExact, linesAtTimestamp, known } = this.#position
    if (!isExact) return linesAtTimestamp + spare
    return known < enoughAtOneTime ? linesAtTimestamp + 4 : Math.min(linesAtTimestamp + 2, enoughAtOneTime)
  }

  /** Judges the answer to a request for `lines`. */
  judge(window: ReadonlyArray<LogEntry>, lines: number, askedAt: number, now: number): WindowResult {
    this.#now = askedAt
    this.#roundTrip = now - askedAt
    const position = this.#position
    const isWhole = window.length !== lines && window.length < this.#cutAt
    const before = this.#before
    this.#before = window
    this.#elapsed = elapsedIn(window, position)
    if (!isWhole) this.anchor = detectWindowAnchor(window, before, position.first) ?? this.anchor
    if (position.isBlank) return isWhole ? this.#newLines(window, 0, 'end') : this.#first(window, before)

    const overlap = findOverlap(window, position, isWhole ? 'whole' : 'window')
    const { kind, from } = overlap
    // A window that begins after the log's first line.
    const isLater = !isWhole && position.isComplete && from < position.offset
    if (kind === 'Found' && isLater && agrees(window, from, position) === true) this.anchor = 'last'
    if (kind === 'Found' && position.known === 0) position.learn(window.slice(0, from))
    const next = isWhole ? 'end' : this.#next(lines)
    if (this.anchor === 'first' && !isWhole && position.isComplete) {
      const shown = Math.min(position.offset, window.length)
      if (window.length <= position.offset || agrees(window, shown, position) === true)
        return this.#newLines(window, shown, next)
    }
    if (kind === 'Found') {
      if (isWhole && position.isComplete && from !== position.offset && from < window.length)
        this.#cutAt = window.length
      return this.#newLines(window, from, next)
    }
    if (!isWhole && lines < this.#maxLines) return this.#nothing(this.#ask(lines))
    // Without knowing which lines of the log the window shows, nothing in it is new for certain.
    if (next !== 'end') return this.#nothing(next)
    if (from === window.length || this.#mayBeOld(window)) return this.#nothing('undecided')
    return this.#gap(window, from, kind === 'Disjoint' ? 'window' : 'ambiguous')
  }

  /** True while a window that does not overlap may be older than the position. Times tell, where they are in order. */
  #mayBeOld(window: ReadonlyArray<LogEntry>): boolean {
    this.#lostAt ??= this.#now
    const timesTell = this.#position.isOrdered && isOrdered(window)
    return !timesTell && !this.#isComplete && this.#now - this.#lostAt < longestLag
  }

  /** How to go on after a window that is not the whole log. */
  #next(lines: number): Next {
    if (this.anchor === 'last') return 'end'
    if (lines < this.#maxLines) return this.#ask(lines)
    if (this.anchor === 'first') return 'download'
    if (this.#isProbed) return 'undecided'
    this.#isProbed = true
    return this.#narrowest
  }

  /** The first read of a log that is longer than its window: a narrow one tells which lines of the log windows show. */
  #first(window: ReadonlyArray<LogEntry>, wide: ReadonlyArray<LogEntry>): WindowResult {
    if (wide.length === 0) return this.#nothing(this.#narrowest)
    return this.anchor === 'first' ? this.#newLines(wide, 0, 'download') : this.#gap(wide, 0, 'window')
  }

  #newLines(window: ReadonlyArray<LogEntry>, from: number, next: Next): WindowResult {
    this.#lostAt = undefined
    this.#growth.added(window.length - from, this.#now, this.#elapsed)
    return { entries: window.slice(from), next }
  }

  #nothing(next: Next): WindowResult {
    if (typeof next !== 'number') this.#growth.added(0, this.#now, 0)
    return { entries: [], next }
  }

  #gap(window: ReadonlyArray<LogEntry>, from: number, reason: GapReason): WindowResult {
    this.#lostAt = undefined
    this.#growth.added(this.#maxLines, this.#now, 0)
    return { window, from, reason }
  }
}
