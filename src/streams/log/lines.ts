import type { LogEntry } from '../types.ts'

// A longer line is remembered and compared by a hash of it, to bound memory.
const longLine = 4_096

const mix = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193)

/** FNV-1a over a text's length and each of its characters, or one in `step`, from the end. */
function hash(data: string, step = 1): number {
  let sum = mix(0x811c9dc5, data.length)
  for (let at = data.length - 1; at >= 0; at -= step) sum = mix(sum, data.charCodeAt(at))
  return sum
}

/** A long text's stand-in, which shares no memory with it. */
const standIn = (data: string): string => (data.length > longLine ? `\0${data.length}:${hash(data)}` : data)

/** What is kept of a line to compare others with. */
export const remembered = (entry: LogEntry): LogEntry =>
  entry.data.length > longLine ? { ...entry, data: standIn(entry.data) } : entry

/** A line's text as it compares with a download's, whose line ends may be CRLF. */
const downloadText = (data: string): string => standIn(data.endsWith('\r') ? data.slice(0, -1) : data)

/** True for the same line, as far as can be told. A line of a download has no source: only its text is compared. */
export function matches(a: LogEntry, b: LogEntry): boolean {
  if (a.source === '' || b.source === '') return a.data === b.data || downloadText(a.data) === downloadText(b.data)
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

/**
 * The checksum with one line more: 31 bits. Each line shifts those before by eight bits, so that it covers four. Of a line its length
 * and four to seven characters count: all of them would cost more than decoding it.
 */
export const nextChecksum = (checksum: number, data: string): number =>
  (Math.imul(checksum, 0x0193_9d00) + hash(data, Math.max(1, data.length >> 2))) & 0x7fff_ffff

/** The checksum of the last `lines` lines before `end`. */
export const checksumOf = (entries: ReadonlyArray<LogEntry>, end: number, lines: number = checksumLines): number =>
  entries.slice(Math.max(0, end - lines), end).reduce((sum, { data }) => nextChecksum(sum, data), 0)
