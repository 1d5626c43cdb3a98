import type { Authorizer } from './auth.ts'
import type { Headers } from './transport.ts'
import { tryTo } from './values.ts'

/** A character as it is, percent-encoded, or escaped for JSON. */
function charPattern(char: string): string {
  if (/\w/.test(char)) return char
  const hex = char.charCodeAt(0).toString(16).padStart(4, '0')
  const escaped = /["\\/]/.test(char) ? '\\\\*' : ''
  return `(?:${escaped}\\u${hex}|%${hex.slice(2)}|\\\\+u${hex})`
}

/** The part of a secret's base64 that is the same whatever comes before and after it, for each place that it may begin at. */
function base64Patterns(secret: string): ReadonlyArray<string> {
  const bytes = new TextEncoder().encode(secret)
  // Of a shorter one there are too few characters to be distinguished from others.
  if (bytes.length < 8) return []
  return [0, 1, 2].map((before) => {
    const text = btoa('\0'.repeat(before) + String.fromCharCode(...bytes))
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    return own.replaceAll('+', '[+-]').replaceAll('/', '[/_]')
  })
}

function patternsOf(secret: string): ReadonlyArray<string> {
  const plain = secret.split('').map(charPattern).join('')
  // A short one is taken out only as a word of its own: the text would be destroyed otherwise.
  return secret.length < 5 ? [`(?<!\\w)${plain}(?!\\w)`] : [plain, ...base64Patterns(secret)]
}

/**
 * Takes secrets out of a text that a service sent: as they are, escaped for JSON or URLs, or in base64, in any case of letters. Each
 * occurrence is replaced once.
 */
export function redact(text: string, secrets: ReadonlyArray<string>): string {
  const longestFirst = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  if (longestFirst.length === 0) return text
  // A text may be cleaned twice: what stands for a secret stays.
  const patterns = ['\\[secret\\]', ...longestFirst.flatMap(patternsOf)]
  return text.replace(new RegExp(patterns.join('|'), 'gi'), '[secret]')
}

const secretName = /auth|key|token|secret|cookie/i

/**
 * Takes the secrets of a request out of a text: those that the authorizer tells when the text comes, and those that were sent,
 * because an Auth may renew its secrets meanwhile. Where it fails to tell them no text is safe, and none is given.
 *
 * @param auth the headers of the authorizer
 * @param headers other headers; those with a name as of a secret hold one
 */
export function redactFor(authorizer: Authorizer, auth: Headers, headers: Headers, text: string): string {
  const sent = [...auth, ...headers.filter(([name]) => secretName.test(name))]
  const own = (): ReadonlyArray<string> => sent.map(([, value]) => value.slice(value.indexOf(' ') + 1))
  return tryTo(() => redact(text, [...authorizer.secrets(), ...own()])) ?? '[secret]'
}
