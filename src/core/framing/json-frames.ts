import type { Framing } from './framing.ts'
import { type JsonScanner, jsonScanner } from './json-scanner.ts'
import { none, parse, whole, wholeEach } from './json-text.ts'
import { nesting } from './nesting.ts'

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one.
 *
 * Lines are tried first, because JSON.parse of a line is many times faster than looking for the end of a value. What no
 * line delimits goes to a scanner, and so does all that follows. A blank line is a keep-alive. A line that comes in many
 * pieces is looked at piece by piece and put together once.
 */
export function jsonFrames(): Framing {
  let rest = ''
  let endOf: ((piece: string) => number) | undefined
  let byLine = false
  let scanner: JsonScanner | undefined

  function scan(text: string): ReadonlyArray<unknown> {
    scanner ??= jsonScanner()
    return scanner.push(text).map(parse)
  }

  function scanRest(): ReadonlyArray<unknown> {
    const undelimited = rest
    rest = ''
    return scan(undelimited)
  }

  /** The values of lines one by one, up to the first that is no value by itself: that and what follows goes to the scanner. */
  function each(lines: ReadonlyArray<string>, begun: string): ReadonlyArray<unknown> {
    const values: Array<unknown> = []
    for (const [at, line] of lines.entries()) {
      const value = whole(line)
      if (value === none && line.trim() !== '') return [...values, ...scan([...lines.slice(at), begun].join('\n'))]
      if (value === none) continue
      byLine = true
      values.push(value)
    }
    return [...values, ...wait(begun)]
  }

  /** Takes a piece of a line that has not ended. A value may be complete without: the only one, or the last before a pause. */
  function wait(text: string): ReadonlyArray<unknown> {
    const piece = endOf === undefined ? text.trimStart() : text
    if (piece === '') return []
    rest += piece
    if (endOf === undefined) {
      if (!piece.startsWith('{') && !(byLine && piece.startsWith('['))) return scanRest()
      endOf = nesting()
    }
    const end = endOf(piece)
    if (end < 0) return []
    const value = piece.slice(end).trim() === '' ? whole(rest) : none
    if (value === none) return scanRest()
    rest = ''
    endOf = undefined
    return [value]
  }

  return {
    pending: () => rest.length + (scanner?.pending() ?? 0),
    push(text) {
      if (scanner !== undefined) return scan(text)
      const end = text.lastIndexOf('\n')
      if (end < 0) return wait(text)
      const lines = (rest + text.slice(0, end)).split('\n')
      const begun = text.slice(end + 1)
      rest = ''
      endOf = undefined
      const all = wholeEach(lines)
      if (all === undefined) return each(lines, begun)
      byLine = true
      return begun === '' ? all : [...all, ...wait(begun)]
    },
  }
}
