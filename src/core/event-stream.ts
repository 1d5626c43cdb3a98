import { notJson, parseTogether, tryParse } from './body-decoder.ts'

const dataLine = /(?:^|\n)data(?:: ?([^\n]*))?(?![^\n])/g
const ownType = /(?:^|\n)event:(?! ?(?:message)?(?:\n|$))/

/** The value of an event. A keep-alive has none, nor has an event with a type of its own whose data is no JSON. */
function valuesOf(event: string): ReadonlyArray<unknown> {
  const data = Array.from(event.matchAll(dataLine), ([, text = '']) => text).join('\n')
  if (data.trim() === '') return []
  const value = tryParse(data)
  if (value === undefined && !ownType.test(event)) throw notJson(data)
  return value === undefined ? [] : [value]
}

// They matter only where an event's data is no JSON.
const otherFields = /^(?:event|id|retry)?:[^\n]*\n/gm

/**
 * Server-sent events (WHATWG HTML, 9.2): the data of each event, parsed as JSON. Lines end with LF or CRLF, not with CR alone.
 *
 * Comments and events without data are keep-alives. An event with a type of its own whose data is no JSON (`event: end`) is
 * skipped; without a type it is an error. An event that is not followed by a blank line is dropped, as the standard says.
 */
export class EventStream {
  /** What waits for the end of its event. */
  held = ''
  #last = ''

  push(text: string): ReadonlyArray<unknown> {
    const piece = text.replaceAll('\r', '')
    const found = piece.lastIndexOf('\n\n')
    // A blank line may be cut in two.
    const end = found < 0 && this.#last === '\n' && piece.startsWith('\n') ? 0 : found
    this.#last = piece.slice(-1) || this.#last
    if (end < 0) {
      this.held += piece
      return []
    }
    const block = this.held + piece.slice(0, end)
    this.held = piece.slice(end).replace(/^\n+/, '')
    // Events that are one line of data each, as nearly all are.
    const lines = block.startsWith('data:') ? block : block.replace(otherFields, '')
    const values = lines.startsWith('data:') ? parseTogether(lines.slice(5), '\n\ndata:') : undefined
    return values ?? block.split(/\n\n+/).flatMap(valuesOf)
  }
}
