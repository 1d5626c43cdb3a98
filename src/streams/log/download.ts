import type { LogEntry } from '../types.ts'
import { checksumLines, checksumOf, downloadText, enoughUntimed, matches, RunFinder } from './lines.ts'
import type { Position } from './position.ts'

/**
 * How a download ended.
 *
 * `joined`: it leads up to the window, whose entries are new from `from` on. `repeated`: the window was found more than once; it leads
 * up to the first place. `open`: it shows no place of the window and was taken to its end. `short`: it ends before the position.
 * `foreign`: it is not the log that was emitted, or nothing shows that it is. `again`: it is the log and must be read once more.
 */
export type DownloadEnd =
  | { readonly kind: 'joined'; readonly from: number }
  | { readonly kind: 'repeated' | 'open' | 'short' | 'foreign' | 'again' }

// How many characters are held of a download of which is not yet known whether it is the log.
const mostHeld = 2 ** 25

/** A line of a download says neither when nor where it was written. */
const bare = (data: string): LogEntry => ({ source: '', timestamp: '', data })

/** What a download is read for. */
export interface DownloadGoal {
  /** The window that it should lead up to; empty to read to the end. */
  readonly window: ReadonlyArray<LogEntry>
  /** From here on the window's entries are new for certain. */
  readonly from: number
  /** Whether the log is no longer written: else the last line may be half a line and is left out. */
  readonly isComplete: boolean
  /** Whether an earlier read showed that it is the log. */
  readonly isTrusted: boolean
}

/**
 * Reads the whole log from its text, for the lines from a position on, up to a window.
 *
 * The text counts as the log where it goes on after lines that were taken, or contains the window's lines; until then its lines are
 * held. It is read to its end also after the window was found, to see whether it is there more than once.
 */
export class DownloadReader {
  readonly #position: Position
  readonly #goal: DownloadGoal
  readonly #offset: number
  readonly #known: ReadonlyArray<LogEntry>
  readonly #finder: RunFinder
  /** Whether the window's place, once found, is certain: not in a text that may be old, by a few lines. */
  readonly #isProof: boolean
  #before: ReadonlyArray<LogEntry> = []
  #seen = 0
  /** How many lines are known to come before the window. */
  #passed = 0
  #last: string | undefined
  #isTrusted: boolean
  #held: Array<LogEntry> = []
  #heldUnits = 0
  /** True once a line that was taken is another one here. */
  isForeign = false

  constructor(position: Position, goal: DownloadGoal) {
    this.#position = position
    this.#goal = goal
    this.#offset = position.offset
    this.#known = position.recents(Math.min(position.known, position.offset))
    this.#finder = new RunFinder(goal.window.map(({ data }) => downloadText(data)))
    this.#isProof = goal.window.length > 0 && (goal.isComplete || goal.window.length >= enoughUntimed)
    this.#isTrusted = goal.isTrusted
  }

  /** Takes lines; gives those that are next. */
  push(lines: ReadonlyArray<string>): ReadonlyArray<LogEntry> {
    for (const line of lines) {
      if (this.#last !== undefined && !this.isForeign) this.#take(this.#last)
      this.#last = line
    }
    return this.#release()
  }

  /** Gives the lines that are next after the last ones, and how the download ended. */
  end(): { readonly entries: ReadonlyArray<LogEntry>; readonly end: DownloadEnd } {
    const { isComplete } = this.#goal
    if (isComplete && this.#last !== undefined && !this.isForeign) this.#take(this.#last)
    const held = this.#finder.held
    // Half a line cannot end a window, and a window that it completes is no half line.
    if (!isComplete && this.#last !== undefined) this.#finder.push(downloadText(this.#last))
    const end = this.#judge(held)
    if (end.kind === 'open' && this.#isProof) this.#give(held)
    return { entries: end.kind === 'foreign' || end.kind === 'short' ? [] : this.#release(), end }
  }

  #judge(held: ReadonlyArray<string>): DownloadEnd {
    const { found } = this.#finder
    if (this.isForeign) return { kind: 'foreign' }
    const isJoined = this.#isProof && (found === 1 || (found === 0 && held.length >= enoughUntimed))
    const from = Math.max(0, this.#offset - this.#passed)
    // The window's lines are new: where they stand before the position, the log began anew.
    if (isJoined && from > this.#goal.from) return { kind: 'foreign' }
    if (this.#seen < this.#offset) return { kind: 'short' }
    const overflowed = !this.#isTrusted && this.#heldUnits > mostHeld
    this.#isTrusted ||= isJoined || found > 0
    if (!this.#isTrusted) return { kind: 'foreign' }
    if (overflowed) return { kind: 'again' }
    if (isJoined) return { kind: 'joined', from }
    return { kind: this.#isProof && found > 1 ? 'repeated' : 'open' }
  }

  #take(line: string): void {
    if (++this.#seen <= this.#offset && !this.#continues(line)) {
      this.isForeign = true
      return
    }
    if (this.#seen === this.#offset) this.#isTrusted = true
    const passed = this.#finder.push(downloadText(line))
    this.#give(this.#isProof ? passed : [line])
  }

  /** False where a line that was taken is another one here. */
  #continues(line: string): boolean {
    const known = this.#known[this.#known.length - 1 - this.#offset + this.#seen]
    if (known !== undefined) return matches(bare(line), known)
    if (this.#known.length > 0) return true
    this.#before = [...this.#before.slice(1 - checksumLines), bare(line)]
    if (this.#seen < this.#offset) return true
    if (checksumOf(this.#before, this.#before.length) !== this.#position.checksum) return false
    // So that the checksums of the lines to come cover these.
    this.#position.learn(this.#before)
    return true
  }

  #give(lines: ReadonlyArray<string>): void {
    for (const line of lines) {
      if (this.#passed++ < this.#offset) continue
      if (!this.#isTrusted) this.#heldUnits += line.length + 1
      if (this.#isTrusted || this.#heldUnits <= mostHeld) this.#held.push(bare(line))
      else this.#held = []
    }
  }

  #release(): ReadonlyArray<LogEntry> {
    if (!this.#isTrusted) return []
    const held = this.#held
    this.#held = []
    return held
  }
}
