import type { LogEntry } from '../types.ts'

// A longer line is remembered and compared by a hash of it, to bound memory.
const longLine = 4_096

/** A long text's stand-in, which shares no memory with it: its length and a hash of all of it (FNV-1a). */
function standIn(data: string): string {
  if (data.length <= longLine) return data
  let hash = 0x811c9dc5
  for (let at = 0; at < data.length; at++) hash = Math.imul(hash ^ data.charCodeAt(at), 0x01000193)
  return `\0${data.length}:${hash}`
}

/** What is kept of a line to compare others with. */
export const remembered = (entry: LogEntry): LogEntry =>
  entry.data.length > longLine ? { ...entry, data: standIn(entry.data) } : entry

/** A line's text as it compares with a download's, whose line ends may be CRLF. */
export const downloadText = (data: string): string => (data.endsWith('\r') ? data.slice(0, -1) : data)

/** True for the same line, as far as can be told. A line of a download has no source: only its text is compared. */
export function matches(a: LogEntry, b: LogEntry): boolean {
  if (a.source === '' || b.source === '') return downloadText(standIn(a.data)) === downloadText(standIn(b.data))
  return (
    a.timestamp === b.timestamp && a.source === b.source && (a.data === b.data || standIn(a.data) === standIn(b.data))
  )
}

/** How many lines without a time must agree in a row to prove a place. */
export const enoughUntimed = 32

// Lines with times repeat less often.
const enoughTimed = 4

/** True where these lines in a row are enough to prove a place. */
export const isEnough = (lines: ReadonlyArray<LogEntry>): boolean =>
  lines.length >= (lines.every(({ timestamp }) => timestamp !== '') ? enoughTimed : enoughUntimed)

/** True where the lines of `part` stand in `lines` from `from` on. */
export const contains = (lines: ReadonlyArray<LogEntry>, part: ReadonlyArray<LogEntry>, from: number): boolean =>
  part.every((entry, at) => {
    const other = lines[from + at]
    return other !== undefined && matches(other, entry)
  })

/** How many of the last lines a checksum covers. */
export const checksumLines = 4

// Hashing all of a line would cost more than decoding it.
const sample = 4

/**
 * A hash of a line's text: its length, its last characters and some between (FNV-1a). The two chains are independent of each other,
 * which lets the processor run them side by side.
 */
export function hashLine(data: string): number {
  const { length } = data
  const each = Math.min(sample, length)
  let spread = Math.imul(0x811c9dc5 ^ length, 0x01000193)
  let tail = 0x811c9dc5
  for (let at = 0; at < each; at++) {
    spread = Math.imul(spread ^ data.charCodeAt((length * at) >> 2), 0x01000193)
    tail = Math.imul(tail ^ data.charCodeAt(length - 1 - at), 0x01000193)
  }
  return (Math.imul(spread, 31) + tail) | 0
}

/** The checksum of four lines' hashes, the oldest first; 0 for a line that is not there. 31 bits. */
export const combineHashes = (h3: number, h2: number, h1: number, h0: number): number =>
  (Math.imul(Math.imul(Math.imul(h3, 31) + h2, 31) + h1, 31) + h0) & 0x7fffffff

/** The checksum of the last `lines` lines before `end`. */
export function checksumOf(
  entries: ReadonlyArray<{ readonly data: string }>,
  end: number,
  lines: number = checksumLines,
): number {
  const hash = (back: number): number => {
    const entry = back > lines ? undefined : entries[end - back]
    return entry === undefined ? 0 : hashLine(entry.data)
  }
  return combineHashes(hash(4), hash(3), hash(2), hash(1))
}

/** Finds a run of lines in lines that come one by one (Knuth, Morris, Pratt). An empty run is never found. */
export class RunFinder {
  readonly #run: ReadonlyArray<string>
  /** For each length of the run's beginning: the longest shorter beginning that it ends with. */
  readonly #borders: Array<number> = [0, 0]
  #matched = 0
  /** How often the run was found so far, overlaps included. */
  found = 0

  constructor(run: ReadonlyArray<string>) {
    this.#run = run
    let length = 0
    for (let at = 1; at < run.length; at++) {
      while (length > 0 && run[at] !== run[length]) length = this.#borders[length] ?? 0
      if (run[at] === run[length]) length++
      this.#borders.push(length)
    }
  }

  /** The lines so far that may yet be the beginning of the run's first place. */
  get held(): ReadonlyArray<string> {
    return this.found > 0 ? [] : this.#run.slice(0, this.#matched)
  }

  /** Takes a line; gives the lines that are now known to come before the run's first place, while that is not found. */
  push(line: string): ReadonlyArray<string> {
    const run = this.#run
    if (this.#matched === run.length) this.#matched = this.#borders[this.#matched] ?? 0
    const before = this.#matched
    while (this.#matched > 0 && run[this.#matched] !== line) this.#matched = this.#borders[this.#matched] ?? 0
    const fits = run.length > 0 && run[this.#matched] === line
    if (fits) this.#matched++
    const passed =
      this.found > 0 ? [] : fits ? run.slice(0, before + 1 - this.#matched) : [...run.slice(0, before), line]
    if (run.length > 0 && this.#matched === run.length) this.found++
    return passed
  }
}
