import { notJson, parseTogether, tryParse } from './body-decoder.ts'

const field = /^(data|event)(?:: ?([^]*))?$/

/** The value of an event; none of a keep-alive, and of a word of the server that has a type of its own. */
function valuesOf(event: string): ReadonlyArray<unknown> {
  let data = ''
  let type = ''
  for (const line of event.split('\n')) {
    const [, name, text = ''] = field.exec(line) ?? []
    if (name === 'data') data += `${text}\n`
    else if (name === 'event') type = text
  }
  data = data.slice(0, -1)
  if (data.trim() === '') return []
  const value = tryParse(data)
  if (value !== undefined) return [value]
  if (type === '' || type === 'message') throw notJson(data)
  return []
}

// They matter only where data is no JSON.
const otherFields = /^(?:event|id|retry)?:[^\n]*\n/gm

/** The values of events with a line of data each; undefined where one has none or several, or its data is no JSON. */
function together(block: string): ReadonlyArray<unknown> | undefined {
  const data = block.startsWith('data:') ? block : block.replace(otherFields, '')
  return data.startsWith('data:') ? parseTogether(data.slice(5), '\n\ndata:') : undefined
}

/**
 * Server-sent events (WHATWG HTML, 9.2): the data of each event, parsed as JSON.
 *
 * Comments and events without data are keep-alives. An event with a type of its own whose data is no JSON (`event: end`) is
 * skipped; without a type it is an error. An event that is not followed by a blank line is dropped, as the standard says.
 */
export class EventStream {
  /** What waits for the end of its event. */
  held = ''
  #last = ''

  push(text: string): ReadonlyArray<unknown> {
    if (text === '') return []
    const before = this.#last
    this.#last = text.slice(-1)
    // Every line end as LF, a CRLF that was cut in two among them.
    const own = before === '\r' && text.startsWith('\n') ? text.slice(1) : text
    const piece = own.includes('\r') ? own.replace(/\r\n?/g, '\n') : own
    const found = piece.lastIndexOf('\n\n')
    const end = found < 0 && /[\r\n]/.test(before) && piece.startsWith('\n') ? 0 : found
    // What waits is not looked into before it ends: looking would cost all of it, at every piece.
    if (end < 0) {
      this.held += piece
      return []
    }
    const block = this.held + piece.slice(0, end)
    this.held = piece.slice(end).replace(/^\n+/, '')
    return together(block) ?? block.split(/\n\n+/).flatMap(valuesOf)
  }
}
