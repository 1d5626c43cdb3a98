import type { LogEntry } from '../types.ts'
import { contains, enoughUntimed, matches, remembered } from './lines.ts'
import { findOverlap } from './overlap.ts'
import type { Overlap, Position } from './position.ts'
import { compareTimestamps, hasOrderedTimes } from './timestamp.ts'

// The most that is held of a connection, in characters, and how many an entry counts beside those of its text.
const maxHeldSize = 2 ** 25
const perEntry = 320

// So many entries of broken connections are awaited. One that does not come is enough for a gap.
const maxExpected = 16

/** What a live connection gave and is not emitted yet, because it is not known where in the log it stands. */
export class LiveBuffer {
  readonly #position: Position
  entries: Array<LogEntry> = []
  #size = 0

  constructor(position: Position) {
    this.#position = position
  }

  /** Holds entries; false where that is too much. A connection that sends the whole log first is not held in memory. */
  push(entries: ReadonlyArray<LogEntry>): boolean {
    const { linesAtTimestamp, timestamp } = this.#position
    const isOld = (entry: LogEntry): boolean =>
      linesAtTimestamp > 0 && compareTimestamps(entry.timestamp, timestamp) < 0
    // Of entries that are old for certain one is kept, as evidence that the connection overlaps with what was emitted.
    const kept = this.entries.length > 1 && this.entries.every(isOld) ? this.drain(-1) : []
    for (const entry of [...kept, ...entries]) {
      this.entries.push(entry)
      this.#size += entry.data.length + perEntry
    }
    return this.#size <= maxHeldSize
  }

  /** Gives the entries from `from` on and holds nothing. */
  drain(from = 0): ReadonlyArray<LogEntry> {
    const entries = this.entries.slice(from)
    this.entries = []
    this.#size = 0
    return entries
  }

  /** The connection broke: holds nothing. Its last entry, where its time proves that it is new, must come in another way. */
  abandon(): void {
    const position = this.#position
    const last = this.drain(-1)[0]
    if (last === undefined) return
    const isNew = position.isBlank || position.isBefore(last)
    if (isNew) position.expected = [...position.expected, remembered(last)].slice(0, maxExpected)
  }

  /**
   * Where the entries go on after the position. Entries that are newer prove nothing: a log may show its lines later than a
   * connection does.
   */
  overlap(): Overlap {
    if (this.entries.length === 0 || this.#position.isBlank) return { isFound: false, from: 0 }
    const overlap = findOverlap(this.entries, this.#position, false)
    // The log may show a line later that is missing.
    return { ...overlap, isFound: overlap.isFound && !overlap.isMissing }
  }

  /** Emits what goes on after the position. */
  emitNext(): void {
    const { isFound, from } = this.overlap()
    if (isFound) this.#position.lines(this.drain(from), true)
  }

  /**
   * At the log's end: emits what the log never showed, after a gap. Where times do not prove that it is new, or the log may go on, there
   * is only the gap.
   */
  emitRest(): void {
    const position = this.#position
    if (position.isAtGap) return
    this.emitNext()
    if (position.expected.length > 0) position.gap('window')
    const { from, isMissing } = this.overlap()
    const after = this.entries[from]
    if (isMissing) position.gap('window')
    if (after === undefined || this.#wasShown()) return
    const isNew = position.isBlank || (position.isOrdered && position.isContiguous && hasOrderedTimes(this.entries))
    position.gap('window', isNew ? after : undefined)
    if (isNew) position.lines(this.drain(this.entries.indexOf(after)), true)
  }

  /** True where the log shows the last of the entries: in a row, or each of them where times tell them apart. */
  #wasShown(): boolean {
    const last = this.entries.slice(-enoughUntimed)
    const { recent } = this.#position
    const isShown = (entry: LogEntry): boolean => entry.timestamp !== '' && recent.some((line) => matches(line, entry))
    return recent.some((_, at) => contains(recent, last, at)) || last.every(isShown)
  }
}
