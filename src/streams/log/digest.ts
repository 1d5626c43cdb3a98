/** How many lines a cursor's digest covers, where there are as many without a gap between them. */
export const digested = 4

// Enough of a line to tell it from its neighbours; hashing all of a long line would cost more than decoding it.
const sample = 24

function mix(hash: number, text: string, from: number, to: number): number {
  let mixed = hash
  for (let at = from; at < to; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed
}

/** A 32-bit hash (FNV-1a) of a line's text: its length, its first and last characters. */
export function hashOf(data: string): number {
  const { length } = data
  const hash = Math.imul(0x811c9dc5 ^ length, 0x01000193)
  if (length <= 2 * sample) return mix(hash, data, 0, length)
  return mix(mix(hash, data, 0, sample), data, length - sample, length)
}

/** The digest of four lines' hashes, the oldest first; 0 stands for a line that is not there. */
export const combine = (h3: number, h2: number, h1: number, h0: number): number =>
  (Math.imul(Math.imul(Math.imul(h3, 31) + h2, 31) + h1, 31) + h0) >>> 0

/** The digest of the `lines` texts (at most four) before `end`. */
export function digestOf(
  texts: ReadonlyArray<{ readonly data: string }>,
  end: number,
  lines: number = digested,
): number {
  const hash = (back: number): number => {
    const text = back > lines ? undefined : texts[end - back]
    return text === undefined ? 0 : hashOf(text.data)
  }
  return combine(hash(4), hash(3), hash(2), hash(1))
}
