import { type Mismatch, notJson } from '../reader.ts'

const quote = 34
const comma = 44
const colon = 58
const backslash = 92
const openBracket = 91
const closeBracket = 93
const openBrace = 123
const closeBrace = 125
const blank = 32

/** What means nothing inside a string; skipping it at once is several times faster than looking at each character. */
const plain = /[^"\\\u0000-\u001f]+/y

/** Finds JSON values in text that comes in pieces: one after the other, or as the elements of one array. */
export interface JsonScanner {
  /**
   * The text of each value that is complete with this piece; of a bare word or number, once something follows it.
   *
   * @throws Mismatch for what can be no JSON however it goes on, where that is plain to see
   */
  push(piece: string): ReadonlyArray<string>
  /** How many characters of a value are there that is not complete. */
  pending(): number
}

const leadsIn = (code: number): boolean => code === comma || code === colon || code === openBracket

/** The last character that is no blank before a place, or `otherwise` where there is none. */
function solidBefore(text: string, place: number, otherwise: number): number {
  let at = place - 1
  while (text.charCodeAt(at) <= blank) at--
  return at < 0 ? otherwise : text.charCodeAt(at)
}

/**
 * A scanner that follows nesting and strings and parses nothing. Each character is looked at once, however the text is
 * cut. An array at the top is opened, so that its elements come out while it is still being written.
 *
 * A value that breaks off and is followed by another one is noticed there: otherwise it would swallow all that follows.
 */
export function jsonScanner(): JsonScanner {
  let held = ''
  let depth = 0
  let inString = false
  let escaped = false
  // What must be before a value that is part of another one is a comma, a colon or a bracket.
  let solid = 0

  return {
    pending: () => held.length,
    push(text) {
      const values: Array<string> = []
      let start = held === '' ? -1 : 0
      const finish = (end: number): void => {
        if (start >= 0) values.push(held + text.slice(start, end))
        held = ''
        start = -1
      }
      const broken = (end: number): Mismatch => notJson(held + text.slice(Math.max(0, start), end))
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (escaped) {
          escaped = false
        } else if (inString) {
          if (code < blank) throw broken(at)
          if (code === backslash) {
            escaped = true
          } else if (code === quote) {
            inString = false
            if (depth === 0) finish(at + 1)
          } else {
            plain.lastIndex = at
            plain.test(text)
            at = plain.lastIndex - 1
          }
        } else if (code === quote) {
          inString = true
          if (start < 0) start = at
        } else if (code === openBrace || code === openBracket) {
          if (depth > 0 && !leadsIn(solidBefore(text, at, solid))) throw broken(at)
          if (depth === 0) finish(at)
          if (depth === 0 && code === openBracket) continue
          if (depth === 0) start = at
          depth++
        } else if (depth > 0) {
          if ((code === closeBrace || code === closeBracket) && --depth === 0) finish(at + 1)
        } else if (code <= blank || code === comma || code === closeBracket) {
          finish(at)
        } else if (start < 0) {
          start = at
        }
      }
      // Not looked into until the value ends: looking would cost all that is held, at every piece.
      if (start >= 0) held += text.slice(start)
      solid = solidBefore(text, text.length, solid)
      return values
    },
  }
}
