import { Mismatch, type StreamReader } from '../reader.ts'
import { type Head, header } from '../transport.ts'
import { eventFrames } from './event-frames.ts'
import type { Framing } from './framing.ts'
import { jsonFrames } from './json-frames.ts'

const mismatch = (expected: string, actual: string): Mismatch => new Mismatch([{ path: '', expected, actual }])

/** Picks the arrangement by content type and by the first characters; undefined while nothing tells. */
function framingOf(head: Head, start: string): Framing | undefined {
  const text = start.trimStart()
  if (header(head.headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true) return eventFrames()
  if (text === '') return undefined
  if (/^[{[]/.test(text)) return jsonFrames()
  if (text.startsWith('<')) throw mismatch('a stream of JSON values', 'HTML')
  if (/^(:|data|event|id|retry)/.test(text)) return eventFrames()
  // A name that is still too short to tell: "da", "ev".
  if (text.length < 5 && /^[a-z]*$/.test(text)) return undefined
  throw mismatch('a stream of JSON values', JSON.stringify(text.slice(0, 80)))
}

/**
 * Reads a connection that sends JSON values in an arrangement nobody documented: server-sent events, one value a line,
 * one after the other, an array, a single value; cut anywhere, inside a character or a line end too.
 *
 * One batch for each piece of the body, after an empty one when the connection opens; keep-alives make a batch empty.
 * A value that the connection's end cut off is not given. A value longer than `maxLineBytes` (counted in UTF-16 units,
 * which are never more than the bytes) is a mismatch, so that memory stays bounded.
 *
 * @param read turns one parsed value into elements; throws Mismatch for one that does not fit
 */
export function valueStream<A>(read: (value: unknown) => ReadonlyArray<A>): StreamReader<ReadonlyArray<A>> {
  return {
    _tag: 'Stream',
    openEnded: true,
    open: (head, { maxLineBytes }) => {
      const decoder = new TextDecoder()
      let start = ''
      let framing: Framing | undefined

      function frames(text: string): ReadonlyArray<unknown> {
        const piece = start + text
        framing ??= framingOf(head, piece)
        start = framing === undefined ? piece.trimStart() : ''
        try {
          return framing?.push(piece) ?? []
        } catch (thrown) {
          throw mismatch('JSON', thrown instanceof SyntaxError ? thrown.message : 'something else')
        }
      }

      return {
        first: [[]],
        push: (bytes) => {
          const values = frames(decoder.decode(bytes, { stream: true }))
          if (Math.max(start.length, framing?.pending() ?? 0) > maxLineBytes) {
            throw mismatch(`lines of at most ${maxLineBytes} bytes (maxLineBytes)`, 'a longer one')
          }
          return [values.flatMap(read)]
        },
        end: () => [],
      }
    },
  }
}
