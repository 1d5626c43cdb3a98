import { notJson } from '../reader.ts'
import type { Framing } from './framing.ts'

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

  function dispatch(values: Array<unknown>): void {
    const [payload, kind] = [data, type]
    data = undefined
    type = ''
    if (payload === undefined || payload.trim() === '') return
    try {
      values.push(JSON.parse(payload))
    } catch {
      if (kind === '' || kind === 'message') throw notJson(payload)
    }
  }

  function field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1)
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (name === 'event') type = value
  }

  return {
    pending: () => rest.length + (data?.length ?? 0),
    push(text) {
      const values: Array<unknown> = []
      rest += endedInReturn && text.startsWith('\n') ? text.slice(1) : text
      if (text !== '') endedInReturn = text.endsWith('\r')
      const lines = rest.includes('\r') ? rest.split(/\r\n|\n|\r/) : rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') dispatch(values)
        else field(line)
      }
      return values
    },
  }
}
