import type { Cursor, GapReason, LogElement, LogEntry, LogGap, LogLine } from '../types.ts'
import { combineHashes, hashLine, matches, remembered } from './lines.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/** How many of the last lines are kept to compare windows with. */
export const recentLines = 256

/** Where a tail stands, with the last lines that it took: a {@link Cursor} that moves. */
export class Position {
  readonly #job: string
  readonly #recent: Array<LogEntry> = []
  #known = 0
  /** The last time that was not empty. */
  #newest: string
  #h1 = 0
  #h2 = 0
  #h3 = 0
  /** False where lines at the last time may be missing, so that their count tells nothing. */
  #isCountKnown: boolean
  #isOrdered: boolean
  #isAfterGap = false
  #isRepeating = false
  /** How many lines were taken, or, where it is complete, where the next line stands in the log. */
  offset: number
  timestamp: string
  linesAtTimestamp: number
  checksum: number
  /** True while no line is missing before here, so that `offset` is a place in the log. */
  isComplete: boolean
  /** False after a gap or a line without a time, which may hide that the clock was set back. */
  isTimed: boolean
  /** The first line of the log, where it was seen. */
  first: LogEntry | undefined

  constructor(job: string, from?: Cursor) {
    this.#job = job
    this.offset = from?.offset ?? 0
    this.timestamp = this.#newest = from?.timestamp ?? ''
    this.linesAtTimestamp = from?.linesAtTimestamp ?? 0
    this.checksum = from?.checksum ?? 0
    this.isComplete = this.isTimed = from?.incomplete !== true
    this.#isCountKnown = this.#isOrdered = this.linesAtTimestamp > 0 || (this.offset === 0 && this.isComplete)
  }

  /** True while every line had a time and none went back: only then do times tell what is newer. */
  get isOrdered(): boolean {
    return this.#isOrdered && this.timestamp !== ''
  }

  /** True where all lines at the last time were counted: then times tell where a line stands. */
  get isExact(): boolean {
    return this.isOrdered && this.#isCountKnown
  }

  /** True where nothing of the log is known yet: all that comes is new. */
  get isBlank(): boolean {
    return this.offset === 0 && this.#known === 0 && this.timestamp === '' && this.checksum === 0
  }

  /** How many of the last lines are known. */
  get known(): number {
    return Math.min(this.#known, recentLines)
  }

  get cursor(): Cursor {
    const { offset, timestamp, checksum } = this
    const linesAtTimestamp = this.isExact ? this.linesAtTimestamp : 0
    const job = this.#job
    return this.isComplete
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
    this.isComplete = false
    this.#forget()
    this.#isCountKnown = false
    this.#isAfterGap = true
  }

  /** Learns the lines before a resumed position from a window that was found to continue it. */
  learn(entries: ReadonlyArray<LogEntry>): void {
    const checksum = this.checksum
    this.#keepAll(entries)
    this.checksum = checksum
    if (entries.length === this.offset && this.isComplete) this.first = entries[0]
    if (!this.#isCountKnown) this.#countLast(entries)
  }

  /** Stands after these lines of a window, whatever lines came before and in which order. */
  reorder(entries: ReadonlyArray<LogEntry>): void {
    this.#forget()
    this.#keepAll(entries)
    this.timestamp = this.#newest = entries[entries.length - 1]?.timestamp ?? ''
    this.#isOrdered = this.#isCountKnown = false
    this.#countLast(entries)
  }

  /**
   * Takes the next line of the log.
   *
   * @param isLive whether it came by a live connection, which may repeat lines
   * @returns false for a line that is taken already
   */
  push(entry: LogEntry, isLive: boolean): boolean {
    const { source, timestamp } = entry
    if (timestamp === this.timestamp) {
      if (this.#isRepeating && isLive && this.#isRecent(entry)) return false
      this.linesAtTimestamp++
    } else {
      const order = timestamp === '' || this.#newest === '' ? 1 : compareTimestamps(timestamp, this.#newest)
      // Older than the last line and the same as one of the last: delivered again.
      this.#isRepeating = order < 0 && isLive && this.#isOrdered && this.#isRecent(entry)
      if (this.#isRepeating) return false
      if (!(order >= 0)) this.#isOrdered = false
      if (timestamp !== '') this.#newest = timestamp
      this.#isCountKnown = !this.#isAfterGap && (this.timestamp !== '' || this.offset === 0)
      this.timestamp = timestamp
      this.linesAtTimestamp = 1
    }
    // A line of a download has no time by nature.
    if (timestamp === '') {
      this.isTimed = false
      if (source !== '') this.#isOrdered = false
    }
    this.#isAfterGap = this.#isRepeating = false
    this.#keep(entry)
    if (this.offset++ === 0 && this.isComplete) this.first = remembered(entry)
    return true
  }

  #isRecent(entry: LogEntry): boolean {
    for (let back = 1; back <= this.known; back++) {
      const line = this.recent(back)
      if (line?.timestamp === entry.timestamp && matches(line, entry)) return true
    }
    return false
  }

  #forget(): void {
    this.#known = this.#h1 = this.#h2 = this.#h3 = 0
  }

  #keepAll(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries.slice(-recentLines)) this.#keep(entry)
  }

  #keep(entry: LogEntry): void {
    const h0 = hashLine(entry.data)
    this.checksum = combineHashes(this.#h3, this.#h2, this.#h1, h0)
    this.#h3 = this.#h2
    this.#h2 = this.#h1
    this.#h1 = h0
    this.#recent[this.#known++ % recentLines] = remembered(entry)
  }

  /** Counts the lines at the last time, where these show all of them. */
  #countLast(entries: ReadonlyArray<LogEntry>): void {
    const run = [...entries].reverse().findIndex(({ timestamp }) => timestamp !== this.timestamp)
    if (!isOrdered(entries)) return
    this.#isOrdered = true
    this.#isCountKnown = run > 0
    this.linesAtTimestamp = run > 0 ? run : entries.length
  }
}

/** Makes what a tail emits, so that the tail itself needs no job reference. */
export interface ElementFactory<Ref> {
  readonly line: (index: number, entry: LogEntry, cursor: Cursor) => LogLine<Ref>
  readonly gap: (reason: GapReason, cursor: Cursor, before?: LogLine<Ref>, after?: LogEntry) => LogGap<Ref>
}

/** Makes the elements of one job. */
export const elementsOf = <Ref>(ref: Ref): ElementFactory<Ref> => ({
  line: (index, { source, timestamp, data }, cursor) => ({ _tag: 'Line', ref, index, source, timestamp, data, cursor }),
  gap: (reason, cursor, before, after) => ({
    _tag: 'Gap',
    ref,
    reason,
    ...(before && { before }),
    ...(after && { after }),
    cursor,
  }),
})

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
