import type { Framing } from './framing.ts'
import { type JsonScanner, jsonScanner } from './json-scanner.ts'
import { none, parse, whole, wholeEach } from './json-text.ts'

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

  /** Takes lines off `rest` one by one; false at one that is no value by itself, which stays. */
  function takeEach(lines: ReadonlyArray<string>, values: Array<unknown>): boolean {
    for (const line of lines) {
      const value = whole(line)
      if (value !== none) {
        byLine = true
        values.push(value)
      } else if (line.trim() !== '') {
        return false
      }
      rest = rest.slice(line.length + 1)
    }
    return true
  }

  /** Takes the lines off `rest` that have ended. */
  function takeLines(): { readonly values: Array<unknown>; readonly delimited: boolean } {
    const end = rest.lastIndexOf('\n')
    if (end < 0) return { values: [], delimited: true }
    const lines = rest.slice(0, end).split('\n')
    const all = wholeEach(lines)
    if (all === undefined) {
      const values: Array<unknown> = []
      return { values, delimited: takeEach(lines, values) }
    }
    byLine = true
    rest = rest.slice(end + 1)
    return { values: all, delimited: true }
  }

  return {
    pending: () => rest.length + (scanner?.pending() ?? 0),
    push(text) {
      if (scanner !== undefined) return scan(text)
      rest += text
      const { values, delimited } = takeLines()
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
