import {
  type BodyDecoder,
  longestIssue,
  misfit,
  notJson,
  parseJson,
  parseTogether,
  utf8Stream,
} from './body-decoder.ts'
import { EventStream } from './event-stream.ts'
import { describe } from './options.ts'
import { type Head, header } from './transport.ts'

/** Finds JSON values in a text that comes in pieces, in one particular arrangement. */
interface Framing {
  /** The values that are complete with this piece, parsed. */
  push(text: string): ReadonlyArray<unknown>
  /** What waits for the end of its value. */
  readonly held: string
}

/** What means nothing inside a string: skipping it at once is several times faster than looking at each character. */
const plain = /[^"\\\u0000-\u001f]+/y

/** The place of the last character of a run that means nothing and begins at a place. */
function endOfPlain(text: string, at: number): number {
  plain.lastIndex = at
  plain.test(text)
  return plain.lastIndex - 1
}

/** The values of whole lines, parsed together; undefined where a line is no value. Blank lines are keep-alives. */
function valuesOfLines(text: string): ReadonlyArray<unknown> | undefined {
  const lines = text.trim()
  if (lines === '') return []
  return parseTogether(lines, '\n') ?? parseTogether(lines.replace(/\n\s+/g, '\n'), '\n')
}

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one. Lines are tried first.
 * From the first lines on that are no values, all is scanned: it follows nesting and strings, and reads each character once.
 *
 * An array at the top is opened, so that its elements come out while it is still being written. A value that breaks off and is
 * followed by another one is noticed: otherwise it would swallow all that follows.
 */
class JsonSequence implements Framing {
  held = ''
  #byLine = true
  #depth = 0
  #inString = false
  #isEscaped = false
  // The last character that is no blank: before a value inside another one it is a comma, a colon or a bracket.
  #last = ''

  push(text: string): ReadonlyArray<unknown> {
    const end = this.#byLine ? text.lastIndexOf('\n') : -1
    if (end < 0) return this.#scan(text)
    const values = valuesOfLines(this.held + text.slice(0, end))
    if (values === undefined) {
      this.#byLine = false
      return this.#scan(text)
    }
    this.held = this.#last = ''
    this.#depth = 0
    this.#inString = this.#isEscaped = false
    return end === text.length - 1 ? values : [...values, ...this.#scan(text.slice(end + 1))]
  }

  /** The values that are complete with this piece; a bare word or number is, once something follows it. */
  #scan(text: string): ReadonlyArray<unknown> {
    const values: Array<unknown> = []
    let start = this.held === '' ? -1 : 0
    const finish = (end: number): void => {
      if (start >= 0) values.push(parseJson(this.held + text.slice(start, end)))
      this.held = ''
      start = -1
    }
    for (let at = 0; at < text.length; at++) {
      const char = text.charAt(at)
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (char === '\\') this.#isEscaped = true
        else if (char < ' ') throw notJson(this.held + text.slice(Math.max(0, start), at))
        else if (char !== '"') at = endOfPlain(text, at)
        else {
          this.#inString = false
          if (this.#depth === 0) finish(at + 1)
        }
      } else if (char > ' ') {
        if (this.#depth === 0 && '{[,]'.includes(char)) finish(at)
        if (this.#depth === 0 && '[,]'.includes(char)) continue
        if (start < 0) start = at
        if ('{['.includes(char)) {
          if (this.#depth++ > 0 && !',:['.includes(this.#last)) throw notJson(this.held + text.slice(start, at))
        } else if ('}]'.includes(char) && this.#depth > 0 && --this.#depth === 0) finish(at + 1)
        this.#inString = char === '"'
        this.#last = char
      } else if (this.#depth === 0) finish(at)
    }
    // Not looked into until the value ends: looking would cost all that is held, at every piece.
    if (start >= 0) this.held += text.slice(start)
    return values
  }
}

const contentType = (head: Head): string => header(head.headers, 'content-type')?.toLowerCase() ?? ''

/** Picks the arrangement by the first characters, then by the content type; undefined while nothing tells. */
function framingOf(head: Head, text: string): Framing | undefined {
  if (text === '') return undefined
  if (/^([{[]|null\s)/.test(text)) return new JsonSequence()
  if (text.startsWith('<')) throw misfit('a stream of JSON values', 'HTML')
  if (contentType(head).startsWith('text/event-stream')) return new EventStream()
  if (/^(:|data|event|id|retry)/.test(text)) return new EventStream()
  // A name that is still too short to tell: "da", "ev".
  if (text.length < 5 && /^[a-z]*$/.test(text)) return undefined
  throw misfit('a stream of JSON values', describe(text, longestIssue))
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
  start: (head, { maxLineLength }) => {
    const decode = utf8Stream()
    let start = ''
    let framing: Framing | undefined

    function valuesOf(text: string): ReadonlyArray<unknown> {
      if (framing) return framing.push(text)
      start = (start + text).trimStart()
      framing = framingOf(head, start)
      return framing?.push(start) ?? []
    }
    return {
      first: contentType(head).startsWith('text/html') ? [] : [[]],
      push: (bytes) => {
        const values = valuesOf(decode(bytes))
        if (framing && framing.held.length > maxLineLength) {
          throw misfit(`lines of at most ${maxLineLength} characters (maxLineLength)`, 'a longer one')
        }
        return [read(values)]
      },
      end: () => [],
    }
  },
})
