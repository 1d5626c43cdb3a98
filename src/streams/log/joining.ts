import type { LogEntry } from '../log-entry.ts'
import { dropOlder, lockOn } from './lock-on.ts'
import type { LogReader } from './log-reader.ts'
import type { Position } from './position.ts'

/**
 * What is to be done next. `join`: the connection goes on with `entries`, after a gap where `gap` says so. `look`: at the
 * log, which then overlaps them, perhaps. `wait`: for more entries. `silent`: the log does not show them in good time.
 * `useless`: they cannot be told from what was emitted.
 */
export type JoinStep =
  | { readonly _tag: 'join'; readonly entries: ReadonlyArray<LogEntry>; readonly gap: boolean }
  | { readonly _tag: 'look' | 'wait' | 'silent' | 'useless' }

// Beyond this many entries that wait, those that are old for certain are dropped, each time that many more have come.
const many = 2_000

// Beyond this many, or this many characters of them, the connection is not worth the memory.
const most = 50_000
const mostUnits = 2 ** 24

// A log may show its lines later than the connection does, and lines at one instant cannot be told apart; a little later
// there are others. After so many looks the two do not meet.
const mostLooks = 12

/** Joins what a connection gives to what was emitted: holds it until the two overlap. */
export class Joining<Ref> {
  readonly #position: Position<Ref>
  readonly #reader: LogReader<Ref>
  #entries: Array<LogEntry> = []
  #units = 0
  #dropAt = many
  #looks = 0
  #gaveNew = false

  constructor(position: Position<Ref>, reader: LogReader<Ref>) {
    this.#position = position
    this.#reader = reader
  }

  /** True once the connection gave a line that was new for certain. */
  get gaveNew(): boolean {
    return this.#gaveNew
  }

  /** Takes entries that the connection gave. */
  hold(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#units += entry.data.length
    }
    if (this.#entries.length <= this.#dropAt) return
    this.#entries = dropOlder(this.#entries, this.#position)
    this.#dropAt = this.#entries.length + many
    this.#units = this.#entries.reduce((units, { data }) => units + data.length, 0)
  }

  /** True when more is held than is worth it. */
  get tooMany(): boolean {
    return this.#entries.length > most || this.#units > mostUnits
  }

  /** Gives what is held and holds nothing. */
  release(from = 0): ReadonlyArray<LogEntry> {
    const entries = this.#entries.slice(from)
    this.#entries = []
    this.#units = 0
    this.#dropAt = many
    return entries
  }

  /** What to do when a connection gave entries, or when the log was read. */
  step(why: 'arrived' | 'read' | 'read more'): JoinStep {
    const position = this.#position
    const held = this.#entries.length
    const { emitted, sure } = lockOn(this.#entries, position)
    if (sure) return this.#join(emitted, false)
    // Before the first line all that comes is new.
    const tellsNew = position.ordered || position.count === 0
    const isNew = tellsNew && emitted < held
    this.#gaveNew ||= isNew
    if (why !== 'arrived') this.#looks = held === 0 || (tellsNew && why === 'read more') ? 0 : this.#looks + 1
    // Nothing that is known to be new: lines that were emitted, sent again.
    const quiet = held === 0 || (tellsNew && !isNew)
    const mayLook = this.#looks < mostLooks && !this.#reader.costly
    if (mayLook && (why === 'arrived' || !quiet)) return { _tag: 'look' }
    if (quiet) return { _tag: 'wait' }
    if (tellsNew && !this.#reader.costly) return { _tag: 'silent' }
    return this.#reader.repairs || !tellsNew ? { _tag: 'useless' } : this.#join(emitted, true)
  }

  #join(from: number, gap: boolean): JoinStep {
    return { _tag: 'join', entries: this.release(from), gap }
  }
}
