/** Where something is in a text: from the first character to behind the last. */
export interface Place {
  readonly from: number
  readonly to: number
}

/** Where a word is in a text, overlapping too, and how much of it any place in the text ends with. */
export interface Occurrences {
  readonly places: ReadonlyArray<Place>
  /** The length of the longest beginning of the word, less than all of it, that ends at a place. */
  readonly begunBy: (to: number) => number
}

/** For each beginning of a word, how long the longest shorter one is that it also ends with. */
function borders(word: string): Int32Array {
  const lengths = new Int32Array(word.length)
  let length = 0
  for (let at = 1; at < word.length; at++) {
    while (length > 0 && word.charCodeAt(at) !== word.charCodeAt(length)) length = lengths[length - 1] ?? 0
    if (word.charCodeAt(at) === word.charCodeAt(length)) length++
    lengths[at] = length
  }
  return lengths
}

/**
 * Looks for a word by the algorithm of Knuth, Morris and Pratt: in time proportional to the text, however text and word
 * were made up. The word is not empty.
 */
export function occurrences(text: string, word: string): Occurrences {
  // Of a word that is longer than the text no more can be there.
  const border = borders(word.slice(0, text.length + 1))
  const begun = new Int32Array(text.length + 1)
  const places: Array<Place> = []
  let length = 0
  for (let at = 0; at < text.length; at++) {
    while (length > 0 && text.charCodeAt(at) !== word.charCodeAt(length)) length = border[length - 1] ?? 0
    if (text.charCodeAt(at) === word.charCodeAt(length)) length++
    if (length === word.length) {
      places.push({ from: at + 1 - length, to: at + 1 })
      length = border[length - 1] ?? 0
    }
    begun[at + 1] = length
  }
  return { places, begunBy: (to) => begun[to] ?? 0 }
}
