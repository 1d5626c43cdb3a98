import type { LogEntry } from '../types.ts'

// Of a longer line only so much is remembered and compared, to bound memory: as much as Connect's viewer shows.
const longLine = 4_096

// Services cut lines at 4096 bytes or characters, and not everywhere: of lines of different lengths that are both longer than this, the
// shorter one may be the longer one's beginning.
const shortestCut = 1_024

// What may be half a character, at a cut.
const halfCharacter = 3

const mix = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193)

/**
 * FNV-1a over a text's length and four of its characters: more would cost more than decoding it. One is near the beginning, where a time
 * before the text has its first hyphen or slash.
 */
function hash(data: string): number {
  const end = data.length - 1
  const sum = mix(mix(mix(0x811c9dc5, data.length), data.charCodeAt(end)), data.charCodeAt(end >> 1))
  return mix(mix(sum, data.charCodeAt(Math.min(4, end >> 2))), data.charCodeAt(end - 1 - (end >> 2)))
}

/** What is kept of a line to compare others with; it shares no memory with it. */
export const remembered = (entry: LogEntry): LogEntry =>
  entry.data.length > longLine
    ? { ...entry, data: String(JSON.parse(JSON.stringify(entry.data.slice(0, longLine)))) }
    : entry

// Colours and the like, also where a cut left the first half of one.
const ansi = /\x1b\[[0-?]*[ -/]*(?:[@-~]|$)/g

/** A line's text as the places that show it have it in common: without colours, blanks at its end and halves of characters. */
function plainText(data: string): string {
  const text = data.includes('\x1b') ? data.replace(ansi, '') : data
  return (text.includes('\ufffd') ? text.replace(/\ufffd+/g, '\ufffd') : text).trimEnd()
}

/** True for a short text without colours that ends in a printable character, as nearly all do: found out faster than by plainText. */
function isPlain(data: string): boolean {
  const last = data.charCodeAt(data.length - 1)
  return last > 0x20 && last < 0x7f && data.length < shortestCut - halfCharacter && data.indexOf('\x1b') < 0
}

/** True for two renderings of one text. */
function isSameText(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [plainText(a.slice(0, longLine)), plainText(b.slice(0, longLine))]
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  const isCut = short.length >= shortestCut && short.length < long.length
  return one === other || (isCut && long.startsWith(short.slice(0, -halfCharacter)))
}

/** True for lines that may be the same. A line of a download has no source: only its text is compared, and its time if known. */
export function matches(a: LogEntry, b: LogEntry): boolean {
  const isText = a.source === '' || b.source === ''
  const isSameTime = a.timestamp === b.timestamp || (isText && (a.timestamp === '' || b.timestamp === ''))
  return isSameTime && (isText || a.source === b.source) && isSameText(a.data, b.data)
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
 * The checksum with one line more: 31 bits. Each line shifts those before by eight bits, so that it covers four. A line counts as far as
 * it is the same wherever it is shown.
 */
export function nextChecksum(checksum: number, data: string): number {
  const text = isPlain(data) ? data : plainText(data.slice(0, longLine)).slice(0, shortestCut - halfCharacter)
  return (Math.imul(checksum, 0x0193_9d00) + hash(text)) & 0x7fff_ffff
}

/** The checksum of the last `lines` lines before `end`. */
export const checksumOf = (entries: ReadonlyArray<LogEntry>, end: number, lines: number = checksumLines): number =>
  entries.slice(Math.max(0, end - lines), end).reduce((sum, { data }) => nextChecksum(sum, data), 0)
