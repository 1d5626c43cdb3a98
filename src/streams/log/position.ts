import type { Cursor, GapReason, LogElement, LogEntry, LogLine } from '../types.ts'
import { combineHashes, hashLine, matches, remembered } from './lines.ts'
import type { ElementFactory } from './setup.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/** How many of the last lines are kept to compare windows with. */
export const recentLines = 256

/** Where a tail stands, with the last lines that it took: a {@link Cursor} that moves. */
export class Position {
  readonly #job: string
  readonly #recent: Array<LogEntry> = []
  #known = 0
  #offset: number
  #timestamp: string
  /** The last time that was not empty. */
  #newest: string
  #linesAtTimestamp: number
  #checksum: number
  #h1 = 0
  #h2 = 0
  #h3 = 0
  /** False where lines at the last time may be missing, so that their count tells nothing. */
  #isCountKnown: boolean
  #isOrdered: boolean
  #isComplete: boolean
  #isAfterGap = false
  /** False after a gap or a line without a time, which may hide that the clock was set back. */
  isTimed: boolean
  #isRepeating = false
  #first: LogEntry | undefined

  constructor(job: string, from?: Cursor) {
    this.#job = job
    this.#offset = from?.offset ?? 0
    this.#timestamp = from?.timestamp ?? ''
    this.#newest = this.#timestamp
    this.#linesAtTimestamp = from?.linesAtTimestamp ?? 0
    this.#checksum = from?.checksum ?? 0
    this.#isComplete = from?.incomplete !== true
    this.#isCountKnown = this.#linesAtTimestamp > 0 || (this.#offset === 0 && this.#isComplete)
    this.#isOrdered = this.#isCountKnown
    this.isTimed = this.#isComplete
  }

  /** How many lines were taken, or, where it is complete, where the next line stands in the log. */
  get offset(): number {
    return this.#offset
  }

  get timestamp(): string {
    return this.#timestamp
  }

  get linesAtTimestamp(): number {
    return this.#linesAtTimestamp
  }

  get checksum(): number {
    return this.#checksum
  }

  /** True while every line had a time and none went back: only then do times tell what is newer. */
  get isOrdered(): boolean {
    return this.#isOrdered && this.#timestamp !== ''
  }

  /** True where all lines at the last time were counted: then times tell where a line stands. */
  get isExact(): boolean {
    return this.isOrdered && this.#isCountKnown
  }

  /** True while no line is missing before here, so that `offset` is a place in the log. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** True where nothing of the log is known yet: all that comes is new. */
  get isBlank(): boolean {
    return this.#offset === 0 && this.#known === 0 && this.#timestamp === '' && this.#checksum === 0
  }

  /** The first line of the log, where it was seen. */
  get first(): LogEntry | undefined {
    return this.#first
  }

  /** How many of the last lines are known. */
  get known(): number {
    return Math.min(this.#known, recentLines)
  }

  get cursor(): Cursor {
    const job = this.#job
    const offset = this.#offset
    const timestamp = this.#timestamp
    const linesAtTimestamp = this.isExact ? this.#linesAtTimestamp : 0
    const checksum = this.#checksum
    return this.#isComplete
      ? { job, offset, timestamp, linesAtTimestamp, checksum }
      : { job, offset, timestamp, linesAtTimestamp, checksum, incomplete: true }
  }

  /** The line that was taken `back` lines ago, from 1 up to `known`. */
  recent(back: number): LogEntry | undefined {
    return this.#recent[(this.#known - back) % recentLines]
  }

  /** The known lines from `back` lines ago on, the oldest first. */
  recents(back: number): ReadonlyArray<LogEntry> {
    const lines: Array<LogEntry> = []
    for (; back > 0; back--) {
      const line = this.recent(back)
      if (line !== undefined) lines.push(line)
    }
    return lines
  }

  /** Notes that lines are missing here. */
  skip(): void {
    this.#isComplete = false
    this.#forget()
    this.#isCountKnown = false
    this.#isAfterGap = true
  }

  /** Learns the lines before a resumed position from a window that was found to continue it. */
  learn(entries: ReadonlyArray<LogEntry>): void {
    const checksum = this.#checksum
    this.#keepAll(entries)
    this.#checksum = checksum
    if (entries.length === this.#offset && this.#isComplete) this.#first = entries[0]
    if (!this.#isCountKnown) this.#countLast(entries)
  }

  /** Takes the order of a window's lines, in place of that in which they came. */
  reorder(entries: ReadonlyArray<LogEntry>): void {
    this.#forget()
    this.#keepAll(entries)
    this.#timestamp = this.#newest = entries[entries.length - 1]?.timestamp ?? ''
    this.#isOrdered = false
    this.#countLast(entries)
  }

  /** Begins after these lines, at an unknown place of the log. */
  startAfter(entries: ReadonlyArray<LogEntry>): void {
    this.#isComplete = false
    this.#isCountKnown = false
    this.reorder(entries)
  }

  /**
   * Takes the next line of the log.
   *
   * @param isLive whether it came by a live connection, which may repeat lines
   * @returns false for a line that is taken already
   */
  push(entry: LogEntry, isLive: boolean): boolean {
    const { source, timestamp } = entry
    if (isLive && this.#isOrdered && this.#repeats(entry)) return false
    if (timestamp === this.#timestamp) {
      this.#linesAtTimestamp++
    } else {
      if (timestamp !== '') this.#compare(timestamp)
      this.#isCountKnown = !this.#isAfterGap && (this.#timestamp !== '' || this.#offset === 0)
      this.#timestamp = timestamp
      this.#linesAtTimestamp = 1
    }
    // A line of a download has no time by nature.
    if (timestamp === '') this.isTimed = false
    if (timestamp === '' && source !== '') this.#isOrdered = false
    this.#isAfterGap = false
    this.#keep(entry)
    if (this.#offset === 0 && this.#isComplete) this.#first = remembered(entry)
    this.#offset++
    return true
  }

  /** True for a line that is older than the last one and the same as one of the last: delivered again. */
  #repeats(entry: LogEntry): boolean {
    const order = entry.timestamp === this.#timestamp ? 0 : compareTimestamps(entry.timestamp, this.#newest)
    this.#isRepeating = (order < 0 || (order === 0 && this.#isRepeating)) && this.#isRecent(entry)
    return this.#isRepeating
  }

  #isRecent(entry: LogEntry): boolean {
    for (let back = 1; back <= this.known; back++) {
      const line = this.recent(back)
      if (line?.timestamp === entry.timestamp && matches(line, entry)) return true
    }
    return false
  }

  #compare(timestamp: string): void {
    if (this.#newest !== '' && !(compareTimestamps(timestamp, this.#newest) >= 0)) this.#isOrdered = false
    this.#newest = timestamp
  }

  #forget(): void {
    this.#known = this.#h1 = this.#h2 = this.#h3 = 0
  }

  #keepAll(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries.slice(-recentLines)) this.#keep(entry)
  }

  #keep(entry: LogEntry): void {
    const h0 = hashLine(entry.data)
    this.#checksum = combineHashes(this.#h3, this.#h2, this.#h1, h0)
    this.#h3 = this.#h2
    this.#h2 = this.#h1
    this.#h1 = h0
    this.#recent[this.#known++ % recentLines] = remembered(entry)
  }

  /** Counts the lines at the last time, where these show all of them. */
  #countLast(entries: ReadonlyArray<LogEntry>): void {
    const run = [...entries].reverse().findIndex(({ timestamp }) => timestamp !== this.#timestamp)
    if (!isOrdered(entries)) return
    this.#isOrdered = true
    this.#isCountKnown = run > 0
    this.#linesAtTimestamp = run > 0 ? run : entries.length
  }
}

/** Which lines are not emitted at a stream's beginning: all but the last so many, or those before a moment. */
export interface Skip {
  readonly last?: number
  readonly since?: Date
}

/** Takes lines and gaps: moves the position and emits elements. */
export interface LogOutput {
  /** Lines that are next. */
  readonly lines: (entries: ReadonlyArray<LogEntry>, isLive?: boolean) => void
  /** A gap here, unless one was emitted and no line came since. `after`: the first line after it, which this does not take. */
  readonly gap: (reason: GapReason, after?: LogEntry) => void
  /** How many lines and gaps were taken. */
  readonly taken: number
}

/** The {@link LogOutput} that makes the elements of a stream. */
export class ElementOutput<Ref> implements LogOutput {
  readonly #position: Position
  readonly #elements: ElementFactory<Ref>
  readonly #maxLineLength: number
  readonly #emit: (elements: ReadonlyArray<LogElement<Ref>>) => void
  #last: LogLine<Ref> | undefined
  #gapAt: number | undefined
  taken = 0

  constructor(
    position: Position,
    elements: ElementFactory<Ref>,
    maxLineLength: number,
    emit: (elements: ReadonlyArray<LogElement<Ref>>) => void,
  ) {
    this.#position = position
    this.#elements = elements
    this.#maxLineLength = maxLineLength
    this.#emit = emit
  }

  lines(entries: ReadonlyArray<LogEntry>, isLive = false): void {
    const elements: Array<LogElement<Ref>> = []
    for (const entry of entries) {
      const index = this.#position.offset
      if (!this.#position.push(entry, isLive)) continue
      elements.push(
        entry.data.length > this.#maxLineLength
          ? this.#gap('too-long')
          : (this.#last = this.#elements.line(index, entry, this.#position.cursor)),
      )
    }
    if (elements.length === 0) return
    this.taken += elements.length
    this.#emit(elements)
  }

  gap(reason: GapReason, after?: LogEntry): void {
    if (after !== undefined) this.#position.skip()
    if (this.#gapAt === this.#position.offset) return
    this.#gapAt = this.#position.offset
    this.taken++
    this.#position.isTimed = false
    this.#emit([this.#gap(reason, after)])
  }

  #gap(reason: GapReason, after?: LogEntry): LogElement<Ref> {
    return this.#elements.gap(reason, this.#position.cursor, this.#last, after)
  }
}
