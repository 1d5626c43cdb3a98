const quote = 34
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

const plain = /[^"\\]+/y

/**
 * Follows a JSON object or array that comes in pieces, from its first character on, and tells where it ends: the place
 * behind it in the piece that ends it, else -1. Each character is looked at once, however the text is cut.
 */
export function nesting(): (piece: string) => number {
  let depth = 0
  let inString = false
  let escaped = false
  return (piece) => {
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at)
      if (escaped) {
        escaped = false
      } else if (code === quote) {
        inString = !inString
      } else if (inString) {
        if (code === backslash) {
          escaped = true
        } else {
          plain.lastIndex = at
          plain.test(piece)
          at = plain.lastIndex - 1
        }
      } else if (code === openBrace || code === openBracket) {
        depth++
      } else if ((code === closeBrace || code === closeBracket) && --depth === 0) {
        return at + 1
      }
    }
    return -1
  }
}
