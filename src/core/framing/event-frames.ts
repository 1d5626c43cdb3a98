import { notJson } from '../reader.ts'
import type { Framing } from './framing.ts'
import { none, whole, wholeEach } from './json-text.ts'

/** Events in the order they came: the data of each, and those among them that are of a type of their own. */
interface Events {
  readonly data: Array<string>
  readonly named: Set<number>
}

function valuesOf({ data, named }: Events): ReadonlyArray<unknown> {
  const all = wholeEach(data)
  if (all !== undefined) return all
  return data.flatMap((text, at) => {
    if (text.trim() === '') return []
    const value = whole(text)
    if (value !== none) return [value]
    if (named.has(at)) return []
    throw notJson(text)
  })
}

/**
 * The value of a field of that name in the line from `from` to `to`, without the one blank that may lead it; a line without
 * a colon is a name alone. In the text where it stands: a string for each line, the blank ones among them, would cost more
 * than all the rest.
 */
function valueIn(text: string, from: number, to: number, name: string): string | undefined {
  if (!text.startsWith(name, from)) return undefined
  const colon = from + name.length
  if (colon === to) return ''
  if (text[colon] !== ':') return undefined
  return text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1, to)
}

/**
 * Server-sent events (WHATWG HTML, 9.2): the data of each event, parsed as JSON.
 *
 * Comments and events without data are keep-alives. An event of a type of its own whose data is no JSON (`event: end`)
 * is a word of the server and no value; without a type it is an error. An event that its blank line never followed is
 * broken and dropped, as the standard has it.
 */
export function eventFrames(): Framing {
  let rest = ''
  let endedInReturn = false
  let data: string | undefined
  let type = ''

  function dispatch({ data: all, named }: Events): void {
    if (data === undefined) return
    if (type !== '' && type !== 'message') named.add(all.length)
    all.push(data)
    data = undefined
  }

  /** Takes the line from `from` to `to`; a blank one ends the event. */
  function take(events: Events, text: string, from: number, to: number): void {
    if (from === to) {
      dispatch(events)
      type = ''
      return
    }
    const value = valueIn(text, from, to, 'data')
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`
    else type = valueIn(text, from, to, 'event') ?? type
  }

  /** The piece with every line end as LF, a CRLF that was cut in two among them. */
  function unified(text: string): string {
    const piece = endedInReturn && text.startsWith('\n') ? text.slice(1) : text
    if (text !== '') endedInReturn = text.endsWith('\r')
    return piece.includes('\r') ? piece.replace(/\r\n?/g, '\n') : piece
  }

  return {
    pending: () => rest.length + (data?.length ?? 0),
    push(text) {
      const piece = unified(text)
      const first = piece.indexOf('\n')
      // A long line is not looked into before it ends: looking would cost all of it, at every piece.
      rest += first < 0 ? piece : piece.slice(0, first)
      if (first < 0) return []
      const events: Events = { data: [], named: new Set() }
      take(events, rest, 0, rest.length)
      let from = first + 1
      for (let to = piece.indexOf('\n', from); to >= 0; to = piece.indexOf('\n', from)) {
        take(events, piece, from, to)
        from = to + 1
      }
      rest = piece.slice(from)
      return valuesOf(events)
    },
  }
}
