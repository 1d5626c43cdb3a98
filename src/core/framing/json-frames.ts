import { notJson } from '../reader.ts'
import type { Framing } from './framing.ts'
import { type JsonScanner, jsonScanner } from './json-scanner.ts'

/** Stands for a text that is not JSON; no JSON value is a symbol. */
const none = Symbol('no JSON')

/** The value of a text that is JSON as a whole. */
function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return none
  }
}

function parse(text: string): unknown {
  const value = whole(text)
  if (value === none) throw notJson(text)
  return value
}

/** True for a line without its end that holds a value and more: the expression is cheap, the scanner tells strings apart. */
const holdsMore = (line: string): boolean => /[}\]]\s*[^\s,}\]]/.test(line) && jsonScanner().push(line).length > 0

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one.
 *
 * Lines are tried first, because JSON.parse of a line is many times faster than looking for the end of a value. What no
 * line delimits goes to a scanner, and so does all that follows. A blank line is a keep-alive.
 */
export function jsonFrames(): Framing {
  let rest = ''
  let byLine = false
  let scanner: JsonScanner | undefined

  function scan(text: string): ReadonlyArray<unknown> {
    scanner ??= jsonScanner()
    return scanner.push(text).map(parse)
  }

  /** Takes whole lines off `rest`; false at one that is no value by itself. */
  function takeLines(values: Array<unknown>): boolean {
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      const line = rest.slice(from, end)
      const found = whole(line)
      if (found !== none) {
        byLine = true
        values.push(found)
      } else if (line.trim() !== '') {
        rest = rest.slice(from)
        return false
      }
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
      const delimited = takeLines(values)
      const waiting = rest.trim()
      if (delimited && (waiting.endsWith('}') || waiting.endsWith(']'))) {
        // A value without a line end may be complete all the same: the only one, or the last before a pause.
        const last = whole(waiting)
        if (last !== none) {
          rest = ''
          return [...values, last]
        }
      }
      const mayBeLine = waiting === '' || waiting.startsWith('{') || (byLine && waiting.startsWith('['))
      if (delimited && mayBeLine && !holdsMore(waiting)) return values
      const undelimited = rest
      rest = ''
      return [...values, ...scan(undelimited)]
    },
  }
}
