/** How many lines a cursor's digest covers, where there are as many without a gap between them. */
export const digested = 4

// Enough of a line to tell it from its neighbours; hashing all of a long line would cost more than decoding it.
const sample = 16

const prime = 0x01000193

/**
 * A 32-bit hash of a line's text: its length, its first and last characters. Two of FNV-1a, one forwards and one
 * backwards, because they run side by side where one would wait for itself at each character.
 */
export function hashOf(data: string): number {
  const { length } = data
  const each = Math.min(sample, (length + 1) >> 1)
  let head = Math.imul(0x811c9dc5 ^ length, prime)
  let tail = 0x811c9dc5
  for (let at = 0, back = length - 1; at < each; at++, back--) {
    head = Math.imul(head ^ data.charCodeAt(at), prime)
    tail = Math.imul(tail ^ data.charCodeAt(back), prime)
  }
  return (Math.imul(head, 31) + tail) | 0
}

/**
 * The digest of four lines' hashes, the oldest first; 0 stands for a line that is not there. 31 bits, because engines
 * keep a whole number of that size in place and put a larger one on the heap.
 */
export const combine = (h3: number, h2: number, h1: number, h0: number): number =>
  (Math.imul(Math.imul(Math.imul(h3, 31) + h2, 31) + h1, 31) + h0) & 0x7fffffff

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
