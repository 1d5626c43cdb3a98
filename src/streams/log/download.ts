import type { LogEntry } from '../types.ts'
import { splitDated, timestampForm } from './dated-text.ts'
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

/** A line of a download does not say where it was written, and mostly not when. */
const bare = (data: string): LogEntry => ({ source: '', timestamp: '', data })

// How many characters are held of a download of which is not yet known whether it is the log.
const maxHeldLength = 2 ** 25

// How many times are compared to see how the log writes them.
const most = 64

/** Whether a line of a text is an entry: as it is, or without a time before it. */
function isSame(data: string, entry: LogEntry): boolean {
  if (matches(bare(data), entry)) return true
  const line = splitDated(data)
  return line !== undefined && matches(bare(line.data), entry)
}

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
  /** The times of lines that stand in the download with the time before them, and in the log: those found are added. */
  readonly times: Array<readonly [string, string]>
}

/**
 * Reads the whole log from its text, for the lines from a position on, up to a window.
 *
 * The text counts as the log where it goes on after lines that were emitted, or contains the window's first lines; until then its lines
 * are held. It is read to its end also after the window was found, to see whether it goes on as the window does, and only there.
 */
export class DownloadMatcher {
  readonly #start: Pick<Position, 'offset' | 'recent' | 'checksum' | 'timestamp'>
  readonly #search: DownloadSearch
  /** What is looked for: the window's first lines; none where so few lines prove no place in a text that may be old. */
  readonly #head: ReadonlyArray<LogEntry>
  #isTrusted: boolean
  /** Of the lines, and of the lines without the times before them. */
  #checksum = 0
  #datedChecksum = 0
  #seen = 0
  /** The last lines, as many as are looked for. */
  #recent: Array<string> = []
  /** Where in the text the window begins. */
  #place: number | undefined
  #isAmbiguous = false
  /** Whether it does not go on as the window does. */
  #isOtherwise = false
  #isMismatch = false
  /** How many of the first lines the connection gave, too. */
  #replayed = 0
  #last: string | undefined
  #held: Array<string> = []
  #heldUnits = 0

  constructor({ offset, recent, checksum, timestamp }: Position, search: DownloadSearch) {
    this.#start = { offset, recent, checksum, timestamp }
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
    // Whether the text goes on as the window does is known only at its end.
    return this.#place === undefined ? this.#release(this.#head.length) : []
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
    const isWrong = this.#isOtherwise || this.from > this.#search.from
    if (this.#isMismatch || (isMatched && !this.#isAmbiguous && isWrong)) return 'mismatch'
    if (this.#seen < this.#start.offset) return 'truncated'
    if (!this.#isTrusted) return 'mismatch'
    if (this.#isAmbiguous) return 'rescan'
    return isMatched ? 'matched' : 'unmatched'
  }

  #accept(data: string): void {
    const at = this.#seen++
    const replayed = this.#search.replay[at]
    if (at === this.#replayed && replayed && isSame(data, replayed)) this.#replayed++
    if (this.isReplayed) return
    if (at < this.#start.offset && !this.#continues(data)) this.#isMismatch = true
    if (this.#seen === this.#start.offset) this.#isTrusted = true
    if (at >= this.#start.offset && this.#place === undefined) this.#hold(data)
    if (this.#head.length > 0) this.#find(data, at)
  }

  /** False where a line differs from the one that was emitted in its place. A resumed position knows only a checksum. */
  #continues(data: string): boolean {
    const { offset, recent, checksum, timestamp } = this.#start
    const known = recent[recent.length + this.#seen - 1 - offset]
    if (known !== undefined) return this.#learn(data, known)
    this.#checksum = nextChecksum(this.#checksum, data)
    this.#datedChecksum = nextChecksum(this.#datedChecksum, splitDated(data)?.data ?? data)
    if (recent.length > 0 || this.#seen < offset || this.#checksum === checksum) return true
    return this.#datedChecksum === checksum && this.#learn(data, { ...bare(splitDated(data)?.data ?? data), timestamp })
  }

  /** Notes how the time of a line is written in the text; false where it is another line. */
  #learn(data: string, known: LogEntry): boolean {
    if (matches(bare(data), known)) return true
    const { data: text, timestamp } = splitDated(data) ?? bare('')
    if (timestamp === '' || !matches(bare(text), known)) return false
    const { times } = this.#search
    if (times.push([timestamp, known.timestamp]) > most) times.shift()
    return true
  }

  /** Looks for the window's first lines, and compares what comes after them with the window. */
  #find(line: string, at: number): void {
    if (this.#place !== undefined) {
      const expected = this.#search.window[at - this.#place]
      // A log that is no longer written ends where its last window does.
      if (expected === undefined ? this.#search.isLogClosed : !isSame(line, expected)) this.#isOtherwise = true
    }
    const head = this.#head
    this.#recent.push(line)
    if (this.#recent.length > head.length) this.#recent.shift()
    if (this.#recent.length < head.length || !head.every((entry, n) => isSame(this.#recent[n] ?? line, entry))) return
    for (const [n, entry] of head.entries()) this.#learn(this.#recent[n] ?? line, entry)
    this.#isTrusted = true
    if (this.#place !== undefined) {
      this.#isAmbiguous = true
      return
    }
    this.#place = this.#seen - head.length
    this.#held.length = Math.max(0, this.#held.length - head.length)
  }

  #hold(line: string): void {
    this.#held.push(line)
    if (this.#isTrusted || (this.#heldUnits += line.length + 1) <= maxHeldLength) return
    this.#held = []
    this.#isAmbiguous = true
  }

  #release(but: number): ReadonlyArray<LogEntry> {
    if (!this.#isTrusted) return []
    const { times } = this.#search
    const lines = this.#held.splice(0, Math.max(0, this.#held.length - but))
    if (times.length === 0) return lines.map(bare)
    const form = timestampForm(times)
    return lines.map((data) => {
      const line = splitDated(data)
      return line ? { source: '', timestamp: form(line.timestamp), data: line.data } : bare(data)
    })
  }
}
