import {
  type BodyDecoder,
  type DecodeFailure,
  longestIssue,
  misfit,
  notJson,
  parseJson,
  tryParse,
  Utf8Stream,
} from './body-decoder.ts'
import { EventStream } from './event-stream.ts'
import { describe } from './options.ts'
import { type Head, header } from './transport.ts'

const quote = 34
const backslash = 92
const openBracket = 91
const openBrace = 123
const blank = 32

/** What means nothing inside a string: skipping it at once is several times faster than looking at each character. */
const plain = /[^"\\\u0000-\u001f]+/y

/**
 * Finds the ends of JSON values in text that comes in pieces. It follows nesting and strings, and reads each character once.
 *
 * An array at the top is opened, so that its elements come out while it is still being written. A value that breaks off and is
 * followed by another one is noticed: otherwise it would swallow all that follows.
 */
class JsonScanner {
  /** The beginning of a value that is not complete. */
  held = ''
  opensArrays = true
  #depth = 0
  #inString = false
  #isEscaped = false
  // The last character that is no blank: before a value inside another one it is a comma, a colon or a bracket.
  #last = ''
  #text = ''
  #start = -1
  #values: Array<string> = []

  reset(): void {
    this.held = this.#last = ''
    this.#depth = 0
    this.#inString = this.#isEscaped = false
  }

  /** The text of each value that is complete with this piece; of a bare word or number, once something follows it. */
  push(text: string): ReadonlyArray<string> {
    this.#text = text
    this.#values = []
    this.#start = this.held === '' ? -1 : 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.#inString) at = this.#takeInString(code, at)
      else if (code > blank) this.#take(code, at)
      else if (this.#depth === 0) this.#finish(at)
    }
    // Not looked into until the value ends: looking would cost all that is held, at every piece.
    if (this.#start >= 0) this.held += text.slice(this.#start)
    return this.#values
  }

  /** Returns the place of the last character that was taken. */
  #takeInString(code: number, at: number): number {
    if (this.#isEscaped) {
      this.#isEscaped = false
    } else if (code === backslash) {
      this.#isEscaped = true
    } else if (code === quote) {
      this.#inString = false
      if (this.#depth === 0) this.#finish(at + 1)
    } else {
      plain.lastIndex = at
      if (!plain.test(this.#text)) throw this.#broken(at)
      return plain.lastIndex - 1
    }
    return at
  }

  #take(code: number, at: number): void {
    const char = String.fromCharCode(code)
    const isTop = this.#depth === 0
    if (code === openBrace || code === openBracket) {
      if (!isTop && !',:['.includes(this.#last)) throw this.#broken(at)
      if (isTop) this.#finish(at)
      if (!isTop || code === openBrace || !this.opensArrays) {
        if (this.#start < 0) this.#start = at
        this.#depth++
      }
    } else if (isTop && (char === ',' || char === ']')) {
      this.#finish(at)
    } else if (!isTop && (char === '}' || char === ']')) {
      if (--this.#depth === 0) this.#finish(at + 1)
    } else {
      this.#inString = code === quote
      if (this.#start < 0) this.#start = at
    }
    this.#last = char
  }

  #finish(end: number): void {
    if (this.#start >= 0) this.#values.push(this.held + this.#text.slice(this.#start, end))
    this.held = ''
    this.#start = -1
  }

  #broken(end: number): DecodeFailure {
    return notJson(this.held + this.#text.slice(Math.max(0, this.#start), end))
  }
}

/** Finds JSON values in a text that comes in pieces, in one particular arrangement. */
interface Framing {
  /** The values that are complete with this piece, parsed. */
  push(text: string): ReadonlyArray<unknown>
  /** How many characters wait for the end of their value. */
  pending(): number
}

/**
 * The values of whole lines, parsed as one array, which is several times faster than one by one; undefined where a line is no
 * value. Line ends stay, so that no string can begin in one line and end in another.
 */
function parseLines(lines: string): ReadonlyArray<unknown> | undefined {
  const block = lines.trim()
  if (block === '') return []
  // Blank lines are keep-alives. They are skipped before parsing, because an exception for each would cost more than all the rest.
  const joined = /\n\s*\n/.test(block) ? block.replace(/\n\s*/g, ',\n') : block.replaceAll('\n', ',\n')
  const values = tryParse(`[${joined}]`)
  return Array.isArray(values) ? values : undefined
}

/**
 * JSON values in any arrangement: one a line (NDJSON), one after the other, as an array, or a single one. Lines are tried first.
 * From the first lines on that are no values, all goes to the scanner.
 */
class JsonSequence implements Framing {
  readonly #scanner = new JsonScanner()
  #byLine = true

  push(text: string): ReadonlyArray<unknown> {
    const end = this.#byLine ? text.lastIndexOf('\n') : -1
    if (end < 0) return this.#scan(text)
    const values = parseLines(this.#scanner.held + text.slice(0, end))
    if (values === undefined) {
      this.#byLine = false
      return this.#scan(text)
    }
    this.#scanner.reset()
    if (values.length > 0) this.#scanner.opensArrays = false
    return end === text.length - 1 ? values : [...values, ...this.#scan(text.slice(end + 1))]
  }

  pending(): number {
    return this.#scanner.held.length
  }

  #scan(text: string): ReadonlyArray<unknown> {
    return this.#scanner.push(text).map(parseJson)
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
    const decoder = new Utf8Stream()
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
        const values = valuesOf(decoder.push(bytes))
        if ((framing?.pending() ?? 0) > maxLineLength) {
          throw misfit(`lines of at most ${maxLineLength} characters (maxLineLength)`, 'a longer one')
        }
        return [read(values)]
      },
      end: () => [],
    }
  },
})
