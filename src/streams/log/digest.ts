import type { LogEntry } from '../log-entry.ts'

/** How many lines a cursor's digest covers. */
export const digested = 4

// Enough of a line to tell it from its neighbours; hashing all of a long line would cost more than decoding it.
const sample = 24

function mix(hash: number, text: string, from: number, to: number): number {
  let mixed = hash
  for (let at = from; at < to; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed
}

/** A 32-bit hash (FNV-1a) of a line: its time's last digits, its length, its first and last characters. */
export function hashOf({ timestamp, data }: LogEntry): number {
  const { length } = data
  const hash = mix(
    Math.imul(0x811c9dc5 ^ length, 0x01000193),
    timestamp,
    Math.max(0, timestamp.length - 12),
    timestamp.length,
  )
  if (length <= 2 * sample) return mix(hash, data, 0, length)
  return mix(mix(hash, data, 0, sample), data, length - sample, length)
}

/** Adds a line to the digest of the lines before it, of which the four newest remain. */
export const combine = (h3: number, h2: number, h1: number, h0: number): number =>
  (Math.imul(Math.imul(Math.imul(h3, 31) + h2, 31) + h1, 31) + h0) >>> 0

/** The digest of the lines before `end`: of the last four, or of fewer where there are no more. */
export function digestOf(entries: ReadonlyArray<LogEntry>, end: number): number {
  const hash = (back: number): number => {
    const entry = entries[end - back]
    return entry === undefined ? 0 : hashOf(entry)
  }
  return combine(hash(4), hash(3), hash(2), hash(1))
}
