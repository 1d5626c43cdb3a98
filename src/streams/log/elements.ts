import type { Cursor, GapReason, LogElement, LogEntry, LogLine, LogStart } from '../types.ts'
import { enoughUntimed } from './lines.ts'
import { toDate } from './timestamp.ts'

/** Makes the elements of a stream and leaves out those before its beginning. */
export class LogElements<Ref> {
  readonly #ref: Ref
  readonly #emit: (elements: ReadonlyArray<LogElement<Ref>>) => void
  /** How many of the last elements are kept until {@link begin}. */
  #last: number | undefined
  #since: Date | undefined
  #isDropping = false
  #batch: Array<LogElement<Ref>> = []
  #before: LogLine<Ref> | undefined

  constructor(ref: Ref, from: LogStart | undefined, emit: (elements: ReadonlyArray<LogElement<Ref>>) => void) {
    this.#ref = ref
    this.#emit = emit
    if (from === 'now') this.#last = 0
    else if (typeof from === 'object' && 'last' in from) this.#last = from.last
    else if (typeof from === 'object' && 'since' in from) this.#since = from.since
  }

  line(index: number, { source, timestamp, data }: LogEntry, cursor: Cursor): void {
    const line: LogLine<Ref> = { _tag: 'Line', ref: this.#ref, index, source, timestamp, data, cursor }
    this.#before = line
    // A line without a time is as old as the one before it, but one of a download may be of any time.
    this.#push(line, timestamp, source !== '')
  }

  /** @param after the first line after the gap */
  gap(reason: GapReason, cursor: Cursor, after?: LogEntry): void {
    const before = this.#before
    const known = { ...(before && { before }), ...(after && { after }) }
    // What is missing is older than the line after it.
    const timestamp = reason === 'too-long' ? cursor.timestamp : after?.timestamp
    this.#push({ _tag: 'Gap', ref: this.#ref, reason, ...known, cursor }, timestamp, false)
  }

  /** How many of a log's last lines are likely to show where the stream begins: also enough to prove a place. */
  get atFirst(): number {
    if (this.#last !== undefined) return Math.max(enoughUntimed, this.#last + 1)
    return this.#since === undefined ? Number.POSITIVE_INFINITY : 2 * enoughUntimed
  }

  /**
   * Where in a window of a log's last lines the stream begins; 0 or less where that may be before it: by so many lines, if they were
   * written as fast as the window's.
   */
  beginning(window: ReadonlyArray<LogEntry>): number {
    if (this.#last !== undefined) return window.length - this.#last
    const since = this.#since?.getTime() ?? Number.NEGATIVE_INFINITY
    const times = window.map(({ timestamp }) => toDate(timestamp)?.getTime() ?? since)
    const at = times.findIndex((time) => time >= since)
    if (at !== 0) return at < 0 ? window.length : at
    const [first = since, last = since] = [times[0], times[times.length - 1]]
    return last > first ? (window.length * (since - first)) / (last - first) : Number.NEGATIVE_INFINITY
  }

  /** The batch is complete. */
  flush(): void {
    if (this.#last !== undefined) this.#batch = lastLines(this.#batch, this.#last)
    else if (this.#batch.length > 0) {
      const batch = this.#batch
      this.#batch = []
      this.#emit(batch)
    }
  }

  /** The log was read to its end: the last lines are known. */
  begin(): void {
    this.#last = undefined
    this.flush()
  }

  #push(element: LogElement<Ref>, timestamp = '', isLike: boolean): void {
    if (this.#since !== undefined) {
      const date = toDate(timestamp)
      this.#isDropping = date === undefined ? this.#isDropping && isLike : date < this.#since
      if (this.#isDropping) return
      this.#since = undefined
    }
    this.#batch.push(element)
  }
}

/** The last so many lines, with the gaps between them and after them. */
function lastLines<Ref>(elements: Array<LogElement<Ref>>, count: number): Array<LogElement<Ref>> {
  const lines = elements.filter((element) => element._tag === 'Line' || element.reason === 'too-long')
  const before = lines[lines.length - 1 - count]
  return before ? elements.slice(elements.indexOf(before) + 1) : elements
}
