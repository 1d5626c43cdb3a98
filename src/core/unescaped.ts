/** A text with its escapes undone, and where each of its characters ends in the text as it was. */
export interface View {
  readonly plain: string
  readonly endOf: (at: number) => number
}

const named = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

const inUrl = /^%([\da-f]{2})$/i
const inJson = /^\\u([\da-f]{4})$/i
const inHtml = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));$/i
const longestInHtml = 10

const charOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

/** What the end of a text stands for when it is an escape that has just become complete, and how long that is. */
function escapeAt(end: ReadonlyArray<string>): { readonly char: string; readonly length: number } | undefined {
  const last = end[end.length - 1] ?? ''
  const tail = (length: number): string => end.slice(-length).join('')
  if (/^[\da-f]$/i.test(last)) {
    const url = inUrl.exec(tail(3))?.[1]
    if (url !== undefined) return { char: charOf(url), length: 3 }
    const json = inJson.exec(tail(6))?.[1]
    if (json === undefined) return undefined
    // In JSON that is in JSON there are many backslashes.
    let length = 6
    while (end[end.length - length - 1] === '\\') length++
    return { char: charOf(json), length }
  } else if (last === ';') {
    const found = inHtml.exec(tail(longestInHtml))
    if (found === null) return undefined
    const [{ length }, decimal, hex, name] = found
    const char = name === undefined ? charOf(hex ?? Number(decimal).toString(16)) : named.get(name.toLowerCase())
    if (char !== undefined) return { char, length }
  }
  return undefined
}

/**
 * Undoes what JSON, URLs and HTML do to a text, however often one is in the other: what an escape stands for may complete
 * the next one. One pass, whatever the depth. Backslashes go.
 */
export function unescaped(text: string): View {
  if (!/[\\%&]/.test(text)) return { plain: text, endOf: (at) => at + 1 }
  const chars: Array<string> = []
  const ends: Array<number> = []
  for (let at = 0; at < text.length; at++) {
    chars.push(text.charAt(at))
    ends.push(at + 1)
    for (let found = escapeAt(chars); found !== undefined; found = escapeAt(chars)) {
      chars.splice(-found.length, found.length, found.char)
      ends.splice(-found.length, found.length, at + 1)
    }
  }
  const kept = chars.flatMap((char, at) => (char === '\\' ? [] : [at]))
  return { plain: kept.map((at) => chars[at]).join(''), endOf: (at) => ends[kept[at] ?? 0] ?? 0 }
}
