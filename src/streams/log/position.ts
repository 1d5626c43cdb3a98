import type { Cursor, GapReason, LogEntry } from '../types.ts'
import type { LogElements } from './elements.ts'
import { checksumOf, matches, nextChecksum, remembered } from './lines.ts'
import { compareTimestamps, hasOrderedTimes } from './timestamp.ts'

/** How many of the last lines are kept to compare windows with. */
export const recentLines = 256

// No two lines are written in the same hundred nanoseconds.
const exactLength = '2026-11-22T09:30:00.1234567Z'.length

/**
 * Where lines of a log go on after a position. Found: from `from` on they are new, and nothing is missing before. Else only from `from`
 * on they are new for certain (0: all of them are), and lines are missing before it, or may be.
 */
export interface Overlap {
  readonly isFound: boolean
  readonly from: number
  /** The last emitted lines in the log's order, where they were emitted in another one. */
  readonly reordered?: ReadonlyArray<LogEntry>
  /** Whether some of these were not emitted. */
  readonly isMissing?: boolean
}

/** Gets the lines and gaps that a position moves over. */
type LogSink = Pick<LogElements<unknown>, 'line' | 'gap' | 'flush'>

/** Where a tail stands, with the last lines that it emitted: a {@link Cursor} that moves. */
export class Position {
  readonly #job: string
  readonly #maxLineLength: number
  readonly #sink: LogSink
  #recent: Array<LogEntry> = []
  /** The last time that was not empty. */
  #newest: string
  #isOrdered: boolean
  #isRepeating = false
  /** True while no two lines had one time. */
  #isExact: boolean
  #isAtBeginning = false
  #gapAt: number | undefined
  /** How many lines were emitted, or, while it is contiguous, the index of the next line in the log. */
  offset: number
  timestamp: string
  /** How many lines at the last time were emitted; 0 where times went back or are missing, or where lines at it may be missing. */
  linesAtTimestamp: number
  checksum: number
  /** True while no line is missing before here, so that `offset` is a place in the log. */
  isContiguous: boolean
  /** How many lines and gaps were emitted. */
  emitted = 0
  /** New lines that a connection gave before it broke, and that did not come since. */
  expected: ReadonlyArray<LogEntry> = []
  /** How many lines a connection gave since the log was read, and the last line before them. */
  unread = 0
  #lastRead: LogEntry | undefined

  constructor(job: string, maxLineLength: number, sink: LogSink, from?: Cursor) {
    this.#job = job
    this.#maxLineLength = maxLineLength
    this.#sink = sink
    this.offset = from?.offset ?? 0
    this.timestamp = this.#newest = from?.timestamp ?? ''
    this.linesAtTimestamp = from?.linesAtTimestamp ?? 0
    this.checksum = from?.checksum ?? 0
    this.isContiguous = from?.incomplete !== true
    this.#isExact = this.linesAtTimestamp <= 1
    this.#isOrdered = this.linesAtTimestamp > 0 || (this.offset === 0 && this.isContiguous)
  }

  /** True while every line had a time and none went back: only then do times tell what is newer. */
  get isOrdered(): boolean {
    return this.#isOrdered && this.timestamp !== ''
  }

  /** True where nothing of the log is known yet: all that comes is new. */
  get isBlank(): boolean {
    return this.offset === 0 && this.#recent.length === 0 && this.timestamp === '' && this.checksum === 0
  }

  /** True for an entry whose time is later than all that are known, where times tell. */
  isBefore(entry: LogEntry | undefined): boolean {
    return this.#isOrdered && entry !== undefined && compareTimestamps(entry.timestamp, this.#newest) > 0
  }

  /** True where the last that was emitted is a gap. */
  get isAtGap(): boolean {
    return this.#gapAt === this.offset
  }

  /** The last lines that were emitted, as far as they are known, the oldest first. */
  get recent(): ReadonlyArray<LogEntry> {
    return this.#recent.length > recentLines ? (this.#recent = this.#recent.slice(-recentLines)) : this.#recent
  }

  get cursor(): Cursor {
    const { offset, timestamp, linesAtTimestamp, checksum } = this
    const job = this.#job
    return this.isContiguous
      ? { job, offset, timestamp, linesAtTimestamp, checksum }
      : { job, offset, timestamp, linesAtTimestamp, checksum, incomplete: true }
  }

  /**
   * Emits the next lines.
   *
   * @param isLive whether they came by a live connection, which may repeat lines
   */
  lines(entries: ReadonlyArray<LogEntry>, isLive = false): void {
    if (!isLive) this.#isRepeating = false
    if (this.expected.length > 0)
      this.expected = this.expected.filter((line) => !entries.some((entry) => matches(entry, line)))
    for (const entry of entries) {
      const index = this.offset
      if (!this.#advance(entry, isLive)) continue
      this.emitted++
      this.unread++
      if (entry.data.length > this.#maxLineLength) this.#sink.gap('too-long', this.cursor)
      else this.#sink.line(index, entry, this.cursor)
    }
    this.#sink.flush()
    if (isLive) return
    this.unread = 0
    this.#lastRead = this.#recent[this.#recent.length - 1]
  }

  /**
   * Compares what was emitted with a window that goes on after it. Emits a gap where a connection left out lines, or lines were stored late.
   * Where the log is shorter than what was emitted, it was cut, or lines came twice: offsets are no places in it then.
   */
  compare(window: ReadonlyArray<LogEntry>, { from, reordered, isMissing }: Overlap, showsEntireLog: boolean): void {
    const before = this.#lastRead
    const at = from - 1 - this.unread
    const isShown = at < 0 || (before && window.slice(at, from).some((line) => matches(line, before)))
    const isLeftOut = isMissing ?? (this.unread > 0 && !isShown)
    if (isLeftOut) this.gap('window')
    if (isLeftOut || (showsEntireLog && from !== this.offset)) this.isContiguous = false
    if (reordered) this.learn(reordered)
  }

  /**
   * Emits a gap here, unless there is one already.
   *
   * @param after the first line after it, which is not emitted by this
   * @param isBeginning whether a log begins with that line, so that none at its time is missing
   */
  gap(reason: GapReason, after?: LogEntry, isBeginning = false): void {
    this.#isAtBeginning = isBeginning
    if (after !== undefined) {
      this.expected = []
      this.isContiguous = false
      this.linesAtTimestamp = 0
      this.#recent = []
    }
    if (this.isAtGap) return
    this.#gapAt = this.offset
    this.emitted++
    this.#sink.gap(reason, this.cursor, after)
    this.#sink.flush()
  }

  /** Moves behind these lines of a window: the last ones that were emitted, in the log's order, or lines that are left out. */
  learn(entries: ReadonlyArray<LogEntry>): void {
    this.#recent = entries.slice(-recentLines).map(remembered)
    this.timestamp = this.#newest = entries[entries.length - 1]?.timestamp ?? ''
    this.checksum = checksumOf(entries, entries.length)
    if (this.linesAtTimestamp > 0 || !hasOrderedTimes(entries)) return
    this.#isOrdered = true
    const { length } = entries.filter(({ timestamp }) => timestamp === this.timestamp)
    this.linesAtTimestamp = length < entries.length ? length : 0
  }

  /** Moves past a line; false for one that was emitted already. */
  #advance(entry: LogEntry, isLive: boolean): boolean {
    const { timestamp } = entry
    const isAfterGap = !this.isContiguous && this.#recent.length === 0
    if (timestamp !== this.timestamp) {
      const order = timestamp === '' || this.#newest === '' ? 1 : compareTimestamps(timestamp, this.#newest)
      if (isLive && this.#isRepeat(entry, order)) return false
      this.#setTime(entry, order)
    } else {
      if (isLive && (this.#isCopy(entry) || (this.#isRepeating && this.#isRepeat(entry, 0)))) return false
      this.#isExact = false
      if (this.linesAtTimestamp > 0) this.linesAtTimestamp++
      else if (timestamp === '' && entry.source !== '') this.#isOrdered = false
    }
    this.checksum = nextChecksum(isAfterGap ? 0 : this.checksum, entry.data)
    if (this.#recent.push(remembered(entry)) > 2 * recentLines) this.#recent = this.#recent.slice(-recentLines)
    this.offset++
    return true
  }

  /** The same as the last line in a log of which each line has a time of its own: delivered twice. */
  #isCopy(entry: LogEntry): boolean {
    const last = this.#recent[this.#recent.length - 1]
    return this.#isExact && entry.timestamp.length >= exactLength && last !== undefined && matches(last, entry)
  }

  /** Older than the last line and the same as one of the last, or right after such a line: delivered again. */
  #isRepeat(entry: LogEntry, order: number): boolean {
    const mayRepeat = this.#isOrdered && (order < 0 || (order === 0 && this.#isRepeating))
    this.#isRepeating =
      mayRepeat && this.recent.some((line) => line.timestamp === entry.timestamp && matches(line, entry))
    return this.#isRepeating
  }

  /** Notes the time of a line, which is another one than that of the line before. */
  #setTime({ timestamp, source }: LogEntry, order: number): void {
    // A line of a download has no time by nature.
    if (!(order >= 0) || (timestamp === '' && source !== '')) this.#isOrdered = false
    const isFirst = this.#isAtBeginning || (this.isContiguous && this.isBlank)
    this.#isAtBeginning = false
    const isKnown = isFirst || this.linesAtTimestamp > 0 || (this.timestamp !== '' && this.#recent.length > 0)
    this.linesAtTimestamp = isKnown && this.#isOrdered && timestamp !== '' ? 1 : 0
    if (timestamp !== '') this.#newest = timestamp
    this.timestamp = timestamp
  }
}
