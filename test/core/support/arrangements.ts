import fc from 'fast-check'

/** Values as a server may put them on the wire: the text, and how many bytes of it each value needs to be complete. */
export interface Arranged {
  readonly name: string
  readonly contentType: string
  readonly values: ReadonlyArray<unknown>
  readonly bytes: Uint8Array
  /** For each value, after how many bytes it is complete. */
  readonly completeAt: ReadonlyArray<number>
}

const awkward = fc.constantFrom(
  ...['"', '\\', '{', '}', '[', ']', '}{', '] [', '},{', '\n', '\r', '\r\n', '\t', '\u0000', '\u2028', '\ufeff'],
  ...['é', '€', '😀', '👩‍👩‍👧', 'data: x', ': ', ',', '<html>', '\\u00e9', 'null', ' '],
)
const data = fc.oneof(
  fc.array(awkward, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)))

/** A line of a log, now and then with fields that nobody documented. */
const entry: fc.Arbitrary<object> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ source: fc.constantFrom('stdout', 'stderr'), timestamp: data, data }) },
  { weight: 1, arbitrary: fc.dictionary(data, json, { maxKeys: 3, noNullPrototype: true }) },
)

const pause = (...kinds: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...kinds), { maxLength: 3 }).map((parts) => parts.join(''))

const nonAscii = /[\u0080-\uffff]/g
const escaped = (json: string): string =>
  json.replace(nonAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** How a serialiser may write the same value: on one line or on many, in ASCII or not. */
const spelling = fc.record({ indent: fc.constantFrom(0, 2), ascii: fc.boolean() })
const spell = (value: unknown, { indent, ascii }: { indent: number; ascii: boolean }): string => {
  const json = JSON.stringify(value, undefined, indent)
  return ascii ? escaped(json) : json
}

interface Part {
  readonly before: string
  readonly text: string
  /** How much of `after` belongs to the value, in bytes; all of it is ASCII. */
  readonly needs: number
  readonly after: string
}

function arrange(name: string, contentType: string, values: ReadonlyArray<unknown>, parts: ReadonlyArray<Part>) {
  const completeAt: Array<number> = []
  let text = ''
  for (const { before, text: own, needs, after } of parts) {
    text += before + own
    if (own !== '') completeAt.push(Buffer.byteLength(text) + needs)
    text += after
  }
  return { name, contentType, values, bytes: new TextEncoder().encode(text), completeAt }
}

const values = fc.array(entry, { maxLength: 8 })
const spelt = fc.tuple(values, spelling)

/** Server-sent events with either line end, comments, other fields, and data on one line or several. */
const events: fc.Arbitrary<Arranged> = fc
  .tuple(spelt, fc.constantFrom('\n', '\r\n'), fc.boolean(), pause(': still here', ':', 'id: 7', 'retry: 10'))
  .map(([[list, how], eol, space, extra]) =>
    arrange(
      'events',
      'text/event-stream; charset=utf-8',
      list,
      list.map((value) => ({
        before: (extra === '' ? '' : extra + eol + eol) + (space ? `event: message${eol}` : ''),
        text: spell(value, how)
          .split('\n')
          .map((line) => `data:${space ? ' ' : ''}${line}`)
          .join(eol),
        needs: 2 * eol.length,
        after: eol + eol,
      })),
    ),
  )

/** One value a line, blank lines as keep-alives. */
const ndjson: fc.Arbitrary<Arranged> = fc
  .tuple(values, fc.boolean(), fc.constantFrom('\n', '\r\n'), fc.nat(2))
  .map(([list, ascii, eol, blank]) =>
    arrange(
      'ndjson',
      'application/x-ndjson',
      list,
      list.map((value) => ({
        before: eol.repeat(blank),
        text: spell(value, { indent: 0, ascii }),
        needs: 0,
        after: eol,
      })),
    ),
  )

/** One value after the other, with white space between them as keep-alive, or nothing. */
const concatenated: fc.Arbitrary<Arranged> = fc
  .tuple(spelt, fc.array(pause(' ', '\n', '\r\n', '\t', '          '), { minLength: 8, maxLength: 8 }))
  .map(([[list, how], pauses]) =>
    arrange(
      'concatenated',
      'application/json',
      list,
      list.map((value, index) => ({ before: pauses[index] ?? '', text: spell(value, how), needs: 0, after: '' })),
    ),
  )

/** The elements of one array, on one line or many. */
const array: fc.Arbitrary<Arranged> = fc
  .tuple(spelt, pause(' ', '\n', '\r\n'), pause(' ', '\n', '          '))
  .map(([[list, how], before, after]) =>
    arrange('array', 'application/json', list, [
      { before: '[', text: '', needs: 0, after },
      ...list.map((value, index) => ({
        before: index === 0 ? before : `,${before}`,
        text: spell(value, how),
        needs: 0,
        after,
      })),
      { before: ']', text: '', needs: 0, after },
    ]),
  )

/** A single value, with white space around it. */
const single: fc.Arbitrary<Arranged> = fc
  .tuple(entry, spelling, pause(' ', '\n', '          '), pause(' ', '\n', '          '))
  .map(([value, how, before, after]) =>
    arrange('single', 'application/json', [value], [{ before, text: spell(value, how), needs: 0, after }]),
  )

/** Anything that holds JSON without events. */
const jsonBody: fc.Arbitrary<Arranged> = fc.oneof(ndjson, concatenated, array, single)

export const anyArrangement: fc.Arbitrary<Arranged> = fc.oneof(events, jsonBody)

/** Places to cut at: a few anywhere, or every byte. */
export const cuts: fc.Arbitrary<ReadonlyArray<number> | 'everywhere'> = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.nat(), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant('everywhere' as const) },
)

/** The bytes in pieces. */
export function pieces(bytes: Uint8Array, at: ReadonlyArray<number> | 'everywhere'): ReadonlyArray<Uint8Array> {
  if (at === 'everywhere') return Array.from(bytes, (byte) => Uint8Array.of(byte))
  const places = [...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place))
}
