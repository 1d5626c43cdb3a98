import {
  type BodyDecoder,
  longestIssue,
  misfit,
  notJson,
  pageIn,
  parseJson,
  parseTogether,
  utf8Stream,
} from './body-decoder.ts'
import { EventStream } from './event-stream.ts'
import { header } from './transport.ts'
import { describe } from './values.ts'

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one. Lines are tried first.
 * From the first lines on that are no values, all is scanned: it follows nesting and strings, and reads each character once.
 *
 * An array at the top is opened, so that its elements come out while it is still being written. A value that breaks off and is
 * followed by another one is noticed: otherwise it would swallow all that follows.
 */
class JsonSequence {
  /** What waits for the end of its value. It is not looked into before: that would cost all of it, at every piece. */
  held = ''
  #byLine = true
  #depth = 0
  #inString = false
  #isEscaped = false
  // The last character that is no blank: before a value inside another one it is a comma, a colon or a bracket.
  #last = ''

  /** The values that are complete with this piece, parsed. */
  push(text: string): ReadonlyArray<unknown> {
    const end = this.#byLine ? text.lastIndexOf('\n') : -1
    if (end < 0) return this.#scan(text)
    const lines = (this.held + text.slice(0, end)).trim()
    // Blank lines are keep-alives.
    const values = parseTogether(lines, '\n') ?? parseTogether(lines.replace(/\n\s+/g, '\n'), '\n')
    this.#byLine = values !== undefined
    if (values === undefined) return this.#scan(text)
    this.held = ''
    this.#depth = 0
    this.#inString = this.#isEscaped = false
    return [...values, ...this.#scan(text.slice(end + 1))]
  }

  /** The values that are complete with this piece. An object is complete with its last brace, any other value when something follows it. */
  #scan(text: string): ReadonlyArray<unknown> {
    const values: Array<unknown> = []
    let start = this.held === '' ? -1 : 0
    const heldTo = (end: number): string => this.held + text.slice(Math.max(0, start), end)
    const finish = (end: number): void => {
      if (start >= 0) values.push(parseJson(heldTo(end)))
      this.held = ''
      start = -1
    }
    for (let at = 0; at < text.length; at++) {
      const char = text.charAt(at)
      const isInside = this.#depth > 0
      if (this.#inString) {
        if (char < ' ') throw notJson(heldTo(at))
        if (this.#isEscaped || char === '\\') this.#isEscaped = !this.#isEscaped
        else this.#inString = char !== '"'
      } else if (isInside ? char > ' ' : !'[,] \t\r\n'.includes(char)) {
        if (!isInside && '{"'.includes(char)) finish(at)
        if (start < 0) start = at
        const isOpener = '{['.includes(char)
        if (isOpener && isInside && !',:['.includes(this.#last)) throw notJson(heldTo(at))
        if (isOpener) this.#depth++
        else if ('}]'.includes(char) && --this.#depth <= 0) finish(at + 1)
        this.#inString = char === '"'
        this.#last = char
      } else if (!isInside) finish(at)
    }
    if (start >= 0) this.held += text.slice(start)
    return values
  }
}

/** Picks the arrangement by the first characters, then by the content type; undefined while nothing tells. */
function framingOf(contentType: string, text: string): JsonSequence | EventStream | undefined {
  if (/^([{[]|null\s)/.test(text)) return new JsonSequence()
  // Too short to tell: "", "da", "ev".
  if (/^[a-z]{0,4}$/.test(text)) return undefined
  const page = pageIn(text)
  const isEvents = contentType.startsWith('text/event-stream') || /^(:|data|event|id|retry)/.test(text)
  if (isEvents && !page) return new EventStream()
  throw misfit('a stream of JSON values', page ?? describe(text, longestIssue))
}

/**
 * Reads a connection that sends JSON values in an arrangement that is not documented: server-sent events, one value a line, one
 * after the other, an array, a single value; cut anywhere.
 *
 * One batch for each piece of the body, after an empty one when the connection opens, unless its content type is HTML; keep-alives
 * make a batch empty. A value that the connection's end cut off is not given. When more than `maxLineLength` characters wait for
 * the end of a value, decoding fails, so that memory stays bounded.
 *
 * @param read turns the parsed values of one piece into elements; throws DecodeFailure where one does not fit
 *
 * @example
 * ```ts
 * import { type Endpoint, inPath, jsonStream } from 'rxjobs/core'
 *
 * const events: Endpoint<{ readonly id: string }, ReadonlyArray<unknown>> = {
 *   name: 'events',
 *   method: 'GET',
 *   path: '/runs/{id}/events',
 *   parameters: { id: inPath },
 *   responses: { 200: jsonStream((values) => values) },
 * }
 * ```
 */
export const jsonStream = <A>(
  read: (values: ReadonlyArray<unknown>) => ReadonlyArray<A>,
): BodyDecoder<ReadonlyArray<A>> => ({
  streaming: true,
  openEnded: true,
  start: ({ headers }, { maxLineLength }) => {
    const contentType = header(headers, 'content-type')?.toLowerCase() ?? ''
    const decode = utf8Stream()
    let framing: ReturnType<typeof framingOf>
    // A piece of the body; until the arrangement is known, all pieces so far.
    let piece = ''
    return {
      first: contentType.startsWith('text/html') ? [] : [[]],
      push: (bytes) => {
        piece = framing ? decode(bytes) : (piece + decode(bytes)).trimStart()
        framing ??= framingOf(contentType, piece)
        const values = framing?.push(piece) ?? []
        if (framing && framing.held.length > maxLineLength) {
          throw misfit(`lines of at most ${maxLineLength} characters (maxLineLength)`, 'a longer one')
        }
        return [read(values)]
      },
      end: () => [],
    }
  },
})
