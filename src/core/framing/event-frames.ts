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
    const value = whole(text)
    if (value !== none) return [value]
    if (named.has(at)) return []
    throw notJson(text)
  })
}

/** The value of a field of that name, without the one blank that may lead it; a line without a colon is a name alone. */
function valueOf(name: string, line: string): string | undefined {
  if (!line.startsWith(name)) return undefined
  const colon = name.length
  if (line.length === colon) return ''
  if (line[colon] !== ':') return undefined
  return line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
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

  function dispatch(events: Events): void {
    if (data !== undefined && data.trim() !== '') {
      if (type !== '' && type !== 'message') events.named.add(events.data.length)
      events.data.push(data)
    }
    data = undefined
    type = ''
  }

  function field(line: string): void {
    const named = valueOf('data', line)
    if (named !== undefined) data = data === undefined ? named : `${data}\n${named}`
    else type = valueOf('event', line) ?? type
  }

  return {
    pending: () => rest.length + (data?.length ?? 0),
    push(text) {
      const events: Events = { data: [], named: new Set() }
      rest += endedInReturn && text.startsWith('\n') ? text.slice(1) : text
      if (text !== '') endedInReturn = text.endsWith('\r')
      // A long line is not looked into before it ends: looking would cost all of it, at every piece.
      if (!/[\r\n]/.test(text)) return []
      const lines = rest.includes('\r') ? rest.split(/\r\n|\n|\r/) : rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') dispatch(events)
        else field(line)
      }
      return valuesOf(events)
    },
  }
}
