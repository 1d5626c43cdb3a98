import type { Headers } from './transport.ts'

// Of a secret that is cut off, fewer characters than these say nothing.
const shortest = 5

// What may follow such a part is short, and a text of nothing but quotes must not cost its length squared.
const longestTail = 12

/** A text with its escapes undone, and where each of its characters ends in the text as it was. */
interface View {
  readonly plain: string
  readonly endOf: (at: number) => number
}

/** Undoes what JSON (in JSON, however deep) and URLs do to a text. Backslashes go, in a secret as in the text around it. */
function unescaped(text: string): View {
  let plain = ''
  const ends: Array<number> = []
  for (const { 0: token, 1: inJson, 2: inUrl, index } of text.matchAll(
    /\\+(?:u([\da-f]{4}))?|%([\da-f]{2})|[^\\%]+|%/gi,
  )) {
    const code = inJson ?? inUrl
    const written = code === undefined ? token : String.fromCharCode(Number.parseInt(code, 16))
    if (written.startsWith('\\')) continue
    plain += written
    if (code !== undefined) ends.push(index + token.length)
    else for (let end = index + 1; end <= index + token.length; end++) ends.push(end)
  }
  return { plain, endOf: (at) => ends[at] ?? 0 }
}

interface Place {
  readonly from: number
  readonly to: number
}

/** How much of a secret a text ends with, where a cut went through it: half an escape, quotes and dots may follow. */
function cutOff(plain: string, secret: string): Place | undefined {
  const tail = plain.slice(-longestTail)
  for (const rest of [/["…]*$/, /(?:u[\da-f]{0,3}|%[\da-f]?)["…]*$/i]) {
    const to = plain.length - tail.length + tail.search(rest)
    for (let length = Math.min(secret.length - 1, to); length >= shortest; length--) {
      if (plain.startsWith(secret.slice(0, length), to - length)) return { from: to - length, to }
    }
  }
  return undefined
}

/** Where in the text as it was a secret is. */
function placesOf({ plain, endOf }: View, secret: string): ReadonlyArray<Place> {
  if (secret === '') return []
  const places: Array<Place> = []
  for (let from = plain.indexOf(secret); from >= 0; from = plain.indexOf(secret, from + secret.length)) {
    places.push({ from, to: from + secret.length })
  }
  const last = cutOff(plain, secret)
  const all = last === undefined ? places : [...places, last]
  return all.map(({ from, to }) => ({ from: from === 0 ? 0 : endOf(from - 1), to: endOf(to - 1) }))
}

/**
 * Takes secrets out of a text that a service sent, which may echo what it was sent, escaped or cut off at the end.
 *
 * A text that is JSON stays JSON.
 */
export function redact(text: string, secrets: ReadonlyArray<string>): string {
  const asItIs: View = { plain: text, endOf: (at) => at + 1 }
  const undone = unescaped(text)
  const places = secrets.flatMap((secret) => [
    ...placesOf(undone, unescaped(secret).plain),
    ...placesOf(asItIs, secret),
  ])
  let clean = ''
  let done = 0
  for (const { from, to } of places.sort((one, other) => one.from - other.from)) {
    if (from >= done) clean += `${text.slice(done, from)}[secret]`
    done = Math.max(done, to)
  }
  return clean + text.slice(done)
}

/** The secrets in headers that authorize: what is behind the scheme. */
export const credentials = (headers: Headers): ReadonlyArray<string> =>
  headers.map(([, value]) => value.slice(value.indexOf(' ') + 1))
