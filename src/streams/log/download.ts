import type { LogEntry } from '../types.ts'
import { enoughUntimed, matches, nextChecksum } from './lines.ts'
import type { Position } from './position.ts'

/**
 * How a download ended.
 *
 * `matched`: it leads up to the window. `rescan`: it is the log, but must be read once more, to its end, because the window was found
 * twice, or too many lines came before it was known to be the log. `unmatched`: it does not contain the window; all of it was emitted.
 * `truncated`: it ends before the position. `mismatch`: it is not the log that was emitted, or nothing proves that it is.
 */
export type DownloadEnd = 'matched' | 'rescan' | 'unmatched' | 'truncated' | 'mismatch'

/** A line of a download says neither when nor where it was written. */
export const bare = (data: string): LogEntry => ({ source: '', timestamp: '', data })

// How many characters are held of a download of which is not yet known whether it is the log.
const maxHeldLength = 2 ** 25

/** What a download is read for. */
interface DownloadSearch {
  /** What it should lead up to; empty to read to the end of what is known to be the log. */
  readonly window: ReadonlyArray<LogEntry>
  /** From here on the window's entries are new for certain. */
  readonly from: number
  /** Whether the log is no longer written: else the last line may be half a line and is left out. */
  readonly isLogClosed: boolean
  /** What a live connection gave so far. */
  readonly replay: ReadonlyArray<LogEntry>
}

/**
 * Reads the whole log from its text, for the lines from a position on, up to a window.
 *
 * The text counts as the log where it goes on after lines that were emitted, or contains the window's first lines; until then its lines
 * are held. It is read to its end also after the window was found, to see whether it goes on as the window does, and only there.
 */
export class DownloadMatcher {
  readonly #start: Pick<Position, 'offset' | 'recent' | 'checksum'>
  readonly #search: DownloadSearch
  /** What is looked for: the window's first lines; none where so few lines prove no place in a text that may be old. */
  readonly #head: ReadonlyArray<LogEntry>
  #isTrusted: boolean
  #checksum = 0
  #seen = 0
  /** The last lines, as many as are looked for. */
  #recent: Array<LogEntry> = []
  /** Where in the text the window begins. */
  #place: number | undefined
  #isAmbiguous = false
  #isMismatch = false
  /** How many of the first lines the connection gave, too. */
  #replayed = 0
  #last: string | undefined
  #held: Array<LogEntry> = []
  #heldUnits = 0

  constructor({ offset, recent, checksum }: Position, search: DownloadSearch) {
    this.#start = { offset, recent, checksum }
    this.#search = search
    const head = search.window.slice(0, enoughUntimed)
    this.#head = search.isLogClosed || head.length === enoughUntimed ? head : []
    this.#isTrusted = search.window.length === 0
  }

  /** True where nothing was emitted and the log begins with what the connection gave, which has times and sources: that is emitted. */
  get isReplayed(): boolean {
    return this.#start.offset === 0 && this.#replayed >= enoughUntimed
  }

  /** True where nothing more need be read: the connection gives the log, or a line is not the one that was emitted in its place. */
  get isDone(): boolean {
    return this.#isMismatch || this.isReplayed
  }

  /** Where the window goes on after the position, once it was joined. */
  get from(): number {
    return Math.max(0, this.#start.offset - (this.#place ?? 0))
  }

  /** Reads lines and returns those to emit. */
  push(lines: ReadonlyArray<string>): ReadonlyArray<LogEntry> {
    for (const line of lines) {
      if (this.#last !== undefined && !this.isDone) this.#accept(this.#last)
      this.#last = line
    }
    return this.#release(this.#place === undefined ? this.#head.length : 0)
  }

  /** Returns the last lines to emit, and how the download ended. */
  end(): { readonly entries: ReadonlyArray<LogEntry>; readonly end: DownloadEnd } {
    if (this.#search.isLogClosed && this.#last !== undefined && !this.#isMismatch) this.#accept(this.#last)
    const end = this.#outcome()
    return { entries: end === 'mismatch' || end === 'truncated' ? [] : this.#release(0), end }
  }

  #outcome(): DownloadEnd {
    const isMatched = this.#place !== undefined
    // The window's lines are new: where they stand before the position, the log began anew.
    if (this.#isMismatch || (isMatched && !this.#isAmbiguous && this.from > this.#search.from)) return 'mismatch'
    if (this.#seen < this.#start.offset) return 'truncated'
    if (!this.#isTrusted) return 'mismatch'
    if (this.#isAmbiguous) return 'rescan'
    return isMatched ? 'matched' : 'unmatched'
  }

  #accept(data: string): void {
    const line = bare(data)
    const at = this.#seen++
    const replayed = this.#search.replay[at]
    if (at === this.#replayed && replayed && matches(line, replayed)) this.#replayed++
    if (this.isReplayed) return
    if (at < this.#start.offset && !this.#continues(line)) this.#isMismatch = true
    if (this.#seen === this.#start.offset) this.#isTrusted = true
    if (at >= this.#start.offset && this.#place === undefined) this.#hold(line)
    if (this.#head.length > 0) this.#find(line, at)
  }

  /** False where a line differs from the one that was emitted in its place. A resumed position knows only a checksum. */
  #continues(line: LogEntry): boolean {
    const { offset, recent, checksum } = this.#start
    const known = recent[recent.length + this.#seen - 1 - offset]
    if (known !== undefined) return matches(line, known)
    this.#checksum = nextChecksum(this.#checksum, line.data)
    return recent.length > 0 || this.#seen < offset || this.#checksum === checksum
  }

  /** Looks for the window's first lines, and compares what comes after them with the window. */
  #find(line: LogEntry, at: number): void {
    const expected = this.#place === undefined ? undefined : this.#search.window[at - this.#place]
    if (expected !== undefined && !matches(line, expected)) this.#isAmbiguous = true
    const head = this.#head
    this.#recent.push(line)
    if (this.#recent.length > head.length) this.#recent.shift()
    if (this.#recent.length < head.length || !head.every((entry, n) => matches(this.#recent[n] ?? line, entry))) return
    this.#isTrusted = true
    if (this.#place !== undefined) {
      this.#isAmbiguous = true
      return
    }
    this.#place = this.#seen - head.length
    this.#held.length = Math.max(0, this.#held.length - head.length)
  }

  #hold(line: LogEntry): void {
    this.#held.push(line)
    if (this.#isTrusted || (this.#heldUnits += line.data.length + 1) <= maxHeldLength) return
    this.#held = []
    this.#isAmbiguous = true
  }

  #release(but: number): ReadonlyArray<LogEntry> {
    return this.#isTrusted ? this.#held.splice(0, Math.max(0, this.#held.length - but)) : []
  }
}
