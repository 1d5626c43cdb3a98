import type { TextAnswer } from './auth.ts'
import { type Asked, AuthError, DecodeError, type Issue } from './errors/index.ts'
import { retryAfter } from './retry-after.ts'
import { show } from './show.ts'

/** What a token endpoint gave. */
export interface IssuedToken {
  readonly value: string
  /** Milliseconds until a new one should be fetched; Infinity where the answer does not say how long it lives. */
  readonly goodFor: number
}

// The renewal must be under way before the token ends, but a token that lives for seconds must still be of some use.
const longestMargin = 60_000
const marginShare = 0.1

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return undefined
  }
}

const words = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const misfit = (asked: Asked, issue: Issue): DecodeError => new DecodeError({ ...asked, issues: [issue] })

/**
 * Reads the answer of a token endpoint (RFC 6749, 5.1 and 5.2).
 *
 * @param now milliseconds since the epoch, from the scheduler
 * @param clean takes our secrets out of a text
 * @throws AuthError for a refusal, DecodeError for a success without a token
 */
export function tokenFrom(
  { status, headers, body }: TextAnswer,
  asked: Asked,
  loginUrl: string,
  now: number,
  clean: (text: string) => string,
): IssuedToken {
  const said = clean(body)
  if (status !== 200) {
    const { error, error_description, description } = parsed(said) ?? {}
    const detail = words(error_description) ?? words(description)
    throw new AuthError({ ...asked, status, code: words(error), detail, retryAfter: retryAfter(headers, now) })
  }
  const token = parsed(body)
  if (token === undefined) {
    const page = /^\s*</.test(body) ? ' (a web page: is loginUrl right?)' : ''
    throw misfit(asked, { path: '', expected: `a token as JSON, from ${loginUrl}`, actual: show(said) + page })
  }
  const value = words(token['access_token'])
  if (value === undefined || /[^\x21-\x7e]/.test(value)) {
    const actual = value === undefined ? 'missing' : 'not one'
    throw misfit(asked, { path: 'access_token', expected: 'a token', actual })
  }
  const lifetime = Number(token['expires_in'] ?? NaN) * 1000
  return { value, goodFor: lifetime >= 0 ? lifetime - Math.min(longestMargin, lifetime * marginShare) : Infinity }
}
