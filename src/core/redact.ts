import { occurrences, type Place } from './occurrences.ts'
import type { Headers } from './transport.ts'
import { unescaped, type View } from './unescaped.ts'

// Of a secret that is cut off, fewer characters than these say nothing.
const shortest = 5

// What may follow such a part is short: half an escape, quotes and dots.
const longestRest = 12
const rests = [/["…]*$/, /(?:u[\da-f]{0,3}|%[\da-f]?|&[#\w]{0,7})["…]*$/i]

// In a secret that is shorter, its base64 has too few characters of its own to be told from others.
const shortestEncoded = 8

/** The same length in every script, which toLowerCase is not. */
const folded = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The part of a secret's base64 that is the same whatever comes before and after it, for each place that it may begin at. */
function encoded(secret: string): ReadonlyArray<string> {
  const bytes = new TextEncoder().encode(secret)
  if (bytes.length < shortestEncoded) return []
  return [0, 1, 2].flatMap((before) => {
    const text = btoa('\0'.repeat(before) + String.fromCharCode(...bytes))
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Where a word is in a text, the beginning of one that a cut at the end went through among them. */
function placesOf(text: string, word: string): ReadonlyArray<Place> {
  const { places, begunBy } = occurrences(text, word)
  const rest = text.slice(-longestRest)
  const cut = rests.flatMap((form) => {
    const at = rest.search(form)
    const to = text.length - rest.length + at
    const begun = at < 0 ? 0 : begunBy(to)
    return begun < shortest ? [] : [{ from: to - begun, to }]
  })
  return [...places, ...cut]
}

/** Where any of the words is, in the text as it was. */
function placesIn({ plain, endOf }: View, words: Iterable<string>): ReadonlyArray<Place> {
  const text = folded(plain)
  return [...new Set([...words].map(folded))]
    .filter((word) => word !== '')
    .flatMap((word) => placesOf(text, word))
    .map(({ from, to }) => ({ from: from === 0 ? 0 : endOf(from - 1), to: endOf(to - 1) }))
}

/**
 * Takes secrets out of a text that a service sent, which may echo what it was sent: in any case of letters, escaped for
 * JSON, URLs and HTML, any number of times, in base64, alone or together with what stands around it there, and cut off at
 * the end. A text that is JSON stays JSON.
 *
 * Who means to hide it can: reversed, in hex, split in two, without its beginning or less than five characters of it, a
 * secret is not found.
 */
export function redact(text: string, secrets: ReadonlyArray<string>): string {
  const asItIs: View = { plain: text, endOf: (at) => at + 1 }
  const inEscape = escapes(text)
  // No escape of JSON may be cut in two.
  const whole = ({ from, to }: Place): Place => ({
    from: inEscape[from] === 1 ? from - 1 : from,
    to: inEscape[to] === 1 ? to + 1 : to,
  })
  const places = [
    ...placesIn(asItIs, secrets).map(whole),
    ...placesIn(
      unescaped(text),
      secrets.flatMap((secret) => [unescaped(secret).plain, ...encoded(secret)]),
    ),
  ]
  let clean = ''
  let done = 0
  for (const { from, to } of places.sort((one, other) => one.from - other.from)) {
    if (from >= done) clean += `${text.slice(done, from)}[secret]`
    done = Math.max(done, to)
  }
  return clean + text.slice(done)
}

/** For each place in a text: 1 between a backslash and what it escapes. Once for all, because a secret may be all backslashes. */
function escapes(text: string): Uint8Array {
  const inside = new Uint8Array(text.length + 1)
  for (let at = 1; at <= text.length; at++) inside[at] = text[at - 1] === '\\' && inside[at - 1] === 0 ? 1 : 0
  return inside
}

/** The secrets in headers that authorize: what is behind the scheme. */
export const credentials = (headers: Headers): ReadonlyArray<string> =>
  headers.map(([, value]) => value.slice(value.indexOf(' ') + 1))
