import { Mismatch, type StreamReader } from '../reader.ts'
import { type Head, header } from '../transport.ts'
import { show } from '../show.ts'
import { eventFrames } from './event-frames.ts'
import type { Framing } from './framing.ts'
import { jsonFrames } from './json-frames.ts'

const mismatch = (expected: string, actual: string): Mismatch => new Mismatch([{ path: '', expected, actual }])

const contentType = (head: Head): string => header(head.headers, 'content-type')?.toLowerCase() ?? ''

/** Picks the arrangement by the first characters, then by the content type; undefined while nothing tells. */
function framingOf(head: Head, text: string): Framing | undefined {
  if (text === '') return undefined
  if (/^([{[]|null\s)/.test(text)) return jsonFrames()
  if (text.startsWith('<')) throw mismatch('a stream of JSON values', 'HTML')
  if (contentType(head).startsWith('text/event-stream')) return eventFrames()
  if (/^(:|data|event|id|retry)/.test(text)) return eventFrames()
  // A name that is still too short to tell: "da", "ev".
  if (text.length < 5 && /^[a-z]*$/.test(text)) return undefined
  throw mismatch('a stream of JSON values', show(text))
}

/**
 * Reads a connection that sends JSON values in an arrangement nobody documented: server-sent events, one value a line,
 * one after the other, an array, a single value; cut anywhere, inside a character or a line end too.
 *
 * One batch for each piece of the body, after an empty one when the connection opens, unless it promises a page; keep-alives make a batch empty.
 * A value that the connection's end cut off is not given. When more than `maxLineBytes` wait for the end of a value
 * (counted in UTF-16 units, which are never more than the bytes), that is a mismatch, so that memory stays bounded.
 *
 * @param read turns the parsed values of one piece into elements; throws Mismatch where one does not fit
 *
 * @example
 * ```ts
 * import { type Endpoint, inPath, valueStream } from 'rxjobs'
 *
 * const events: Endpoint<{ readonly id: string }, ReadonlyArray<unknown>> = {
 *   name: 'events',
 *   method: 'GET',
 *   path: '/runs/{id}/events',
 *   parameters: { id: inPath },
 *   answers: { 200: valueStream((values) => values) },
 * }
 * ```
 */
export function valueStream<A>(
  read: (values: ReadonlyArray<unknown>) => ReadonlyArray<A>,
): StreamReader<ReadonlyArray<A>> {
  return {
    _tag: 'Stream',
    openEnded: true,
    open: (head, { maxLineBytes }) => {
      const decoder = new TextDecoder()
      let start = ''
      let framing: Framing | undefined

      function frames(text: string): ReadonlyArray<unknown> {
        if (framing !== undefined) return framing.push(text)
        start = (start + text).trimStart()
        framing = framingOf(head, start)
        return framing?.push(start) ?? []
      }

      return {
        // A page is no open connection, unless its body says otherwise.
        first: contentType(head).startsWith('text/html') ? [] : [[]],
        push: (bytes) => {
          const values = frames(decoder.decode(bytes, { stream: true }))
          if ((framing?.pending() ?? 0) > maxLineBytes) {
            throw mismatch(`lines of at most ${maxLineBytes} bytes (maxLineBytes)`, 'a longer one')
          }
          return [read(values)]
        },
        end: () => [],
      }
    },
  }
}
