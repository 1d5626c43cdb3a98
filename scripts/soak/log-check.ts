import type { LogElement } from 'rxjobs'
import { longestLine, type Profile, textOf } from './profiles.ts'

/** Where services cut lines. */
const cutAt = 4_096

/** Compares what a stream emits with what the job wrote. */
export class LogCheck {
  readonly #profile: Profile
  /** The number of the line that comes next. */
  #next = 0
  /** How many lines without a number came since a gap; undefined where the place in the log is known. */
  #sinceGap: number | undefined
  /** Lines that were passed over and have not come. */
  readonly #missed = new Set<number>()
  repeated = 0
  /** Lines that came again right after themselves, as some connections send them. */
  doubled = 0
  /** Lines that came after a later one, as some connections send them. */
  late = 0
  /** Lines that the job did not write. */
  foreign = 0
  /** Lines in gaps that were told. */
  missing = 0
  /** Gaps in which no line is missing. */
  emptyGaps = 0

  constructor(profile: Profile) {
    this.#profile = profile
  }

  get lost(): number {
    return this.#missed.size
  }

  get next(): number {
    return this.#next
  }

  /** Takes one element. */
  take(element: LogElement<unknown>): void {
    if (element._tag === 'Gap') return this.#takeGap(element.reason)
    const number = /^#(\d+)/.exec(element.data)?.[1]
    if (this.#sinceGap !== undefined) return this.#takeAfterGap(element.data, number)
    if (this.#is(this.#next, element.data)) {
      this.#next++
      return
    }
    const line = Number(number ?? Number.NaN)
    if (this.#next > 0 && this.#is(this.#next - 1, element.data)) this.doubled++
    else if (number === undefined && element.data === textOf(this.#profile, 1)) this.repeated++
    else if (number === undefined || !this.#is(line, element.data)) this.foreign++
    else if (this.#missed.delete(line)) this.late++
    else if (line < this.#next) this.repeated++
    else this.#passTo(line)
  }

  /** The log has that many lines, and nothing more is emitted. */
  end(written: number): void {
    if (this.#sinceGap !== undefined) this.#goOnAt(written - this.#sinceGap, written)
    else if (written > this.#next) this.#passTo(written)
  }

  #passTo(line: number): void {
    for (let missed = this.#next; missed < line; missed++) this.#missed.add(missed)
    this.#next = line + 1
  }

  #takeGap(reason: string): void {
    const isTold = reason === 'too-long' && this.#sinceGap === undefined
    if (isTold && textOf(this.#profile, this.#next).length > longestLine) {
      this.#next++
      this.missing++
      return
    }
    // Lines between two gaps are somewhere after the first.
    this.#next += this.#sinceGap ?? 0
    this.#sinceGap = 0
  }

  #takeAfterGap(data: string, number: string | undefined): void {
    const before = this.#sinceGap ?? 0
    if (number === undefined) {
      if (data !== textOf(this.#profile, 1)) this.foreign++
      this.#sinceGap = before + 1
      return
    }
    const line = Number(number)
    if (!this.#is(line, data)) this.foreign++
    this.#goOnAt(line - before, line + 1)
  }

  /** After a gap the log goes on at that line, and the next line is `next`. */
  #goOnAt(place: number, next: number): void {
    this.#sinceGap = undefined
    if (place < this.#next) this.repeated += this.#next - place
    else if (place === this.#next) this.emptyGaps++
    else this.missing += place - this.#next
    this.#next = next
  }

  #is(line: number, data: string): boolean {
    const text = textOf(this.#profile, line)
    if (text === data) return true
    // Renderings of a log differ in blanks at the end, and in where they cut.
    return text.trimEnd() === data.trimEnd() || (data.length === cutAt && text.startsWith(data))
  }
}
