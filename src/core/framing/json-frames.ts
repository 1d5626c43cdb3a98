import type { Framing } from './framing.ts'
import { type JsonScanner, jsonScanner } from './json-scanner.ts'

/** The value of a text that is JSON as a whole, in a list; an empty list for one that is not. */
function whole(text: string): ReadonlyArray<unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return [value]
  } catch {
    return []
  }
}

/** True for text that more text will not make one JSON value: an array still open, or one value after another. */
const needsScanner = (text: string): boolean => /^\s*\[|[}\]]\s*[{[]/.test(text)

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one.
 *
 * Lines are tried first, because JSON.parse of a line is many times faster than looking for the end of a value. What no
 * line delimits goes to a scanner. A blank line is a keep-alive.
 */
export function jsonFrames(): Framing {
  let rest = ''
  let byLine = false
  let scanner: JsonScanner | undefined

  function scan(text: string): ReadonlyArray<unknown> {
    scanner ??= jsonScanner()
    return scanner.push(text).map((value): unknown => JSON.parse(value))
  }

  /** Takes whole lines off `rest`; false at one that is no value by itself. */
  function takeLines(values: Array<unknown>): boolean {
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      const line = rest.slice(from, end)
      const found = whole(line)
      if (found.length === 0 && line.trim() !== '') {
        rest = rest.slice(from)
        if (byLine) throw new SyntaxError('a line that is not JSON among lines that are')
        return false
      }
      byLine ||= found.length > 0
      values.push(...found)
      from = end + 1
    }
    rest = rest.slice(from)
    return true
  }

  return {
    pending: () => rest.length + (scanner?.pending() ?? 0),
    push(text) {
      if (scanner !== undefined) return scan(text)
      rest += text
      const values: Array<unknown> = []
      if (!takeLines(values) || (!byLine && needsScanner(rest))) {
        const undelimited = rest
        rest = ''
        values.push(...scan(undelimited))
      } else if (/[}\]]\s*$/.test(rest.slice(-8))) {
        // A value without a line end may be complete all the same: the only one, or the last before a pause.
        const last = whole(rest)
        if (last.length > 0) rest = ''
        values.push(...last)
      }
      return values
    },
  }
}
