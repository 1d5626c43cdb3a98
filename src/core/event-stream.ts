import { notJson, tryParse } from './body-decoder.ts'

/**
 * The value of a field of that name in the line from `from` to `to`, without the one blank that may lead it; a line without a
 * colon is a name alone.
 */
function fieldIn(text: string, from: number, to: number, name: string): string | undefined {
  if (!text.startsWith(name, from)) return undefined
  const colon = from + name.length
  if (colon === to) return ''
  if (text[colon] !== ':') return undefined
  return text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1, to)
}

/** Searches in place of splitting: a string for each line and each field would cost more than all the rest. */
function eventIn(block: string, from: number, to: number): { readonly data?: string; readonly type: string } {
  let data: string | undefined
  let type = ''
  for (let at = from; at < to; ) {
    const next = block.indexOf('\n', at)
    const end = next < 0 || next > to ? to : next
    const value = fieldIn(block, at, end, 'data')
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`
    else type = fieldIn(block, at, end, 'event') ?? type
    at = end + 1
  }
  return data === undefined ? { type } : { data, type }
}

/**
 * Server-sent events (WHATWG HTML, 9.2): the data of each event, parsed as JSON.
 *
 * Comments and events without data are keep-alives. An event with a type of its own whose data is no JSON (`event: end`) is
 * skipped; without a type it is an error. An event that is not followed by a blank line is dropped, as the standard says.
 */
export class EventStream {
  #rest = ''
  #endedInReturn = false
  #endsLine = false
  // Whether events that are nothing but a line of data may be parsed together.
  #plain = true

  pending(): number {
    return this.#rest.length
  }

  push(text: string): ReadonlyArray<unknown> {
    const piece = this.#unified(text)
    const last = piece.lastIndexOf('\n\n')
    const end = last < 0 && this.#endsLine && piece.startsWith('\n') ? 0 : last
    if (piece !== '') this.#endsLine = piece.endsWith('\n')
    // What waits is not looked into before it ends: looking would cost all of it, at every piece.
    if (end < 0) {
      this.#rest += piece
      return []
    }
    const block = this.#rest + piece.slice(0, end)
    this.#rest = piece.slice(end).replace(/^\n+/, '')
    return this.#together(block) ?? this.#oneByOne(block)
  }

  /** All events of a block parsed as one array, where each is a line of data; several times faster than one by one. */
  #together(block: string): ReadonlyArray<unknown> | undefined {
    if (!this.#plain || !block.startsWith('data:')) return undefined
    const values = tryParse(`[${block.slice(5).replaceAll('\n\ndata:', ',\n')}]`)
    this.#plain = Array.isArray(values)
    return Array.isArray(values) ? values : undefined
  }

  #oneByOne(block: string): ReadonlyArray<unknown> {
    const values: Array<unknown> = []
    for (let from = 0; from < block.length; ) {
      const next = block.indexOf('\n\n', from)
      const to = next < 0 ? block.length : next
      const { data, type } = eventIn(block, from, to)
      if (data !== undefined && data.trim() !== '') {
        const value = tryParse(data)
        if (value !== undefined) values.push(value)
        else if (type === '' || type === 'message') throw notJson(data)
      }
      from = to + 2
    }
    return values
  }

  /** The piece with every line end as LF, a CRLF that was cut in two among them. */
  #unified(text: string): string {
    const piece = this.#endedInReturn && text.startsWith('\n') ? text.slice(1) : text
    if (text !== '') this.#endedInReturn = text.endsWith('\r')
    return piece.includes('\r') ? piece.replace(/\r\n?/g, '\n') : piece
  }
}
