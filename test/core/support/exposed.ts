import { inspect } from 'node:util'

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify({ value })
  } catch (thrown) {
    return String(thrown)
  }
}

/** All that a value shows of itself when it is logged, thrown or sent on. */
function shown(value: unknown): string {
  const words = value instanceof Error ? `${value.message}\n${String(value.stack)}\n${String(value)}` : ''
  return [words, jsonOf(value), inspect(value, { depth: 10, showHidden: true, maxStringLength: null })].join('\n')
}

/** Which of the secrets, or parts of them that are long enough to matter, a value shows. */
export function exposed(value: unknown, secrets: ReadonlyArray<string>): ReadonlyArray<string> {
  const text = shown(value)
  // Whatever way it is written: without escapes and signs.
  const bare = text.replace(/\\+u00([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const parts = secrets.flatMap((secret) => [secret, secret.slice(0, 10), secret.slice(-10)])
  return parts.filter((part) => text.includes(part) || bare.replaceAll('\\', '').includes(part))
}
