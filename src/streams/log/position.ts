import type { LogEntry } from '../log-entry.ts'
import type { Cursor } from './cursor.ts'
import { combine, hashOf } from './digest.ts'
import type { LogLine } from './log-line.ts'
import { remembrance } from './matches.ts'
import { compareTimestamps, isOrdered } from './timestamp.ts'

/** How many of the last lines are kept to check that a window continues them. */
export const remembered = 256

/** Where a reader stands, with the last lines it emitted: a {@link Cursor} that can be moved. */
export class Position<Ref> {
  readonly #ref: Ref
  readonly #recent: Array<LogEntry> = []
  #known = 0
  #count: number
  #timestamp: string
  #newest: string
  #at: number
  #digest: number
  #h1 = 0
  #h2 = 0
  #h3 = 0
  /** Whether `at` counts all lines at the last time: not where lines before them are missing or came without a time. */
  #atKnown: boolean
  #ordered: boolean
  #counted: boolean
  #skipped = false
  #first: LogEntry | undefined

  constructor(ref: Ref, from: Cursor) {
    this.#ref = ref
    this.#count = from.count
    this.#timestamp = from.timestamp
    this.#newest = from.timestamp
    this.#at = from.at
    this.#digest = from.digest
    this.#counted = from.gaps !== true
    this.#atKnown = from.at > 0 || from.count === 0
    this.#ordered = this.#atKnown
  }

  get count(): number {
    return this.#count
  }

  get timestamp(): string {
    return this.#timestamp
  }

  get at(): number {
    return this.#at
  }

  get digest(): number {
    return this.#digest
  }

  /** True while every line had a time and none went back: only then do times tell what is newer. */
  get ordered(): boolean {
    return this.#ordered && this.#timestamp !== ''
  }

  /** True where `at` counts all lines at the last time: then times tell where a line stands. */
  get exact(): boolean {
    return this.ordered && this.#atKnown
  }

  /** True while no line is known to be missing before here, so that `count` is a place in the log. */
  get counted(): boolean {
    return this.#counted
  }

  /** The first line of the log, where this reader has seen it. */
  get first(): LogEntry | undefined {
    return this.#first
  }

  get known(): number {
    return Math.min(this.#known, remembered)
  }

  get cursor(): Cursor {
    const cursor = {
      count: this.#count,
      timestamp: this.#timestamp,
      at: this.exact ? this.#at : 0,
      digest: this.#digest,
    }
    return this.#counted ? cursor : { ...cursor, gaps: true }
  }

  /** The line that was emitted `back` lines ago, from 1 up to `known`. */
  recent(back: number): LogEntry | undefined {
    return this.#recent[(this.#known - back) % remembered]
  }

  /** Notes that lines are missing here. */
  skip(): void {
    this.#counted = false
    this.#known = 0
    this.#h1 = 0
    this.#h2 = 0
    this.#h3 = 0
    this.#atKnown = false
    this.#skipped = true
  }

  /** Learns the lines before a resumed position from a window that was found to continue it. */
  remember(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries.slice(-remembered)) this.#keep(entry, hashOf(entry.data))
    if (entries.length === this.#count && this.#counted) this.#first = entries[0]
    const run = [...entries].reverse().findIndex((entry) => entry.timestamp !== this.#timestamp)
    if (this.#atKnown || run < 1 || !isOrdered(entries)) return
    this.#ordered = true
    this.#atKnown = true
    this.#at = run
  }

  /** Lines from a download have no time by nature: order is that of the lines that have one. */
  #compare(timestamp: string): void {
    if (this.#newest !== '' && !(compareTimestamps(timestamp, this.#newest) >= 0)) this.#ordered = false
    this.#newest = timestamp
  }

  #keep(entry: LogEntry, hash: number): void {
    this.#h3 = this.#h2
    this.#h2 = this.#h1
    this.#h1 = hash
    this.#recent[this.#known++ % remembered] = remembrance(entry)
  }

  /** Takes the next entry of the log and makes it a line. */
  push(entry: LogEntry): LogLine<Ref> {
    const { source, timestamp, data } = entry
    if (timestamp === this.#timestamp) {
      this.#at++
    } else {
      if (timestamp !== '') this.#compare(timestamp)
      this.#atKnown = !this.#skipped && (this.#timestamp !== '' || this.#count === 0)
      this.#timestamp = timestamp
      this.#at = 1
    }
    if (timestamp === '' && source !== '') this.#ordered = false
    this.#skipped = false
    const h0 = hashOf(entry.data)
    this.#digest = combine(this.#h3, this.#h2, this.#h1, h0)
    this.#keep(entry, h0)
    const index = this.#count++
    if (index === 0 && this.#counted) this.#first = remembrance(entry)
    return { _tag: 'Line', ref: this.#ref, index, source, timestamp, data, cursor: this.cursor }
  }
}
