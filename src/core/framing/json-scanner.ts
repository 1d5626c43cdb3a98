const quote = 34
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

/** Finds JSON values in text that comes in pieces: one after the other, or as the elements of one array. */
export interface JsonScanner {
  /** The text of each object or array that is complete with this piece. Text between them is skipped. */
  push(piece: string): ReadonlyArray<string>
  /** How many characters of a value are there that is not complete. */
  pending(): number
}

/**
 * A scanner that follows nesting and strings and parses nothing. Each character is looked at once, however the text is
 * cut. An array at the top is opened, so that its elements come out while it is still being written.
 */
export function jsonScanner(): JsonScanner {
  let held = ''
  let depth = 0
  let inString = false
  let escaped = false

  return {
    pending: () => held.length,
    push(piece) {
      const values: Array<string> = []
      const text = held + piece
      let start = depth > 0 ? 0 : -1
      for (let at = held.length; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (inString) {
          if (escaped) escaped = false
          else if (code === backslash) escaped = true
          else if (code === quote) inString = false
        } else if (code === quote) {
          inString = depth > 0
        } else if (code === openBrace || code === openBracket) {
          if (depth === 0 && code === openBracket) continue
          if (depth === 0) start = at
          depth++
        } else if ((code === closeBrace || code === closeBracket) && depth > 0 && --depth === 0) {
          values.push(text.slice(start, at + 1))
          start = -1
        }
      }
      held = start < 0 ? '' : text.slice(start)
      return values
    },
  }
}
