import { defer, finalize, map, type Observable, of, share, tap } from 'rxjs'
import { type Auth, type AuthContext, secret, type TextAnswer } from './auth.ts'
import { type Asked, AuthError, DecodeError } from './errors/index.ts'
import { redact } from './redact.ts'
import { retryAfter } from './retry-after.ts'
import type { Headers, HttpRequest } from './transport.ts'

/** An OAuth 2 client: an id and a secret, exchanged for tokens. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

interface Token {
  readonly value: string
  /** When to fetch the next, in milliseconds of the scheduler's clock. */
  readonly renewAt: number
}

const asked: Asked = { method: 'POST', path: '/oauth/token' }

// The renewal must be under way before the token ends, but a token that lives for seconds must still be of some use.
const longestMargin = 60_000
const marginShare = 0.1

// A token that was refused when its time was up anyway is no verdict on the client; a slow service may meet several.
const mostRenewals = 3

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

const words = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function tokenOf({ status, headers, body }: TextAnswer, now: number, secrets: ReadonlyArray<string>): Token {
  const said = parsed(redact(body, secrets))
  if (status !== 200) {
    const detail = words(said['error_description']) ?? words(said['description'])
    throw new AuthError({ ...asked, status, code: words(said['error']), detail, retryAfter: retryAfter(headers, now) })
  }
  const value = words(parsed(body)['access_token'])
  if (value === undefined || /[^\x21-\x7e]/.test(value)) {
    throw new DecodeError({
      ...asked,
      issues: [{ path: 'access_token', expected: 'a token', actual: value === undefined ? 'missing' : 'not one' }],
    })
  }
  const lifetime = Number(said['expires_in'] ?? NaN) * 1000
  if (!(lifetime >= 0)) return { value, renewAt: Infinity }
  return { value, renewAt: now + lifetime - Math.min(longestMargin, lifetime * marginShare) }
}

/**
 * OAuth 2 client credentials (RFC 6749, 4.4): fetches a token when the first request needs one and keeps it renewed.
 *
 * Any number of concurrent requests share one token request. A token is renewed in its last tenth (at most its last
 * minute), and when the API refuses it with 401; the request is then repeated, unless it is a POST: once, and up to
 * three times where the time of the refused token was up when the answer came. No timer runs: renewal happens when a
 * request needs it. A refusal is an AuthError.
 *
 * @throws TypeError for an id or secret that is empty or cannot stand in a header
 *
 * @example
 * ```ts
 * import { clientCredentials, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_west_1', auth: clientCredentials({ clientId: 'id', clientSecret: 'secret' }) })
 * ```
 */
export function clientCredentials({ clientId, clientSecret }: ClientCredentials): Auth {
  const basic = btoa(`${secret('clientId', clientId)}:${secret('clientSecret', clientSecret)}`)
  const own = [clientSecret, basic]
  return ({ loginUrl, scheduler, send }: AuthContext) => {
    let token: Token | undefined
    let spent: Token | undefined
    let renewal: Observable<Token> | undefined

    const request: HttpRequest = {
      method: 'POST',
      url: `${loginUrl}${asked.path}`,
      headers: [
        ['authorization', `Basic ${basic}`],
        ['content-type', 'application/x-www-form-urlencoded'],
        ['accept', 'application/json'],
      ],
      body: 'grant_type=client_credentials',
    }
    function renew(): Observable<Token> {
      if (renewal !== undefined) return renewal
      const begun: Observable<Token> = send(request).pipe(
        map((answer) => tokenOf(answer, scheduler.now(), own)),
        tap((fresh) => {
          over()
          spent = token ?? spent
          token = fresh
        }),
        finalize(over),
        share(),
      )
      // Over as soon as the token is there: who gets a 401 for it before this has completed needs a renewal of its own.
      function over(): void {
        if (renewal === begun) renewal = undefined
      }
      renewal = begun
      return begun
    }
    const bearer = ({ value }: Token): Headers => [['authorization', `Bearer ${value}`]]

    return {
      headers: () =>
        defer(() => (token !== undefined && scheduler.now() < token.renewAt ? of(token) : renew()).pipe(map(bearer))),
      secrets: () => [...own, ...[token, spent].flatMap((issued) => (issued === undefined ? [] : [issued.value]))],
      refused: (headers, times) => {
        const current = token
        const isCurrent = current !== undefined && headers.some(([, value]) => value === `Bearer ${current.value}`)
        if (isCurrent) {
          spent = current
          token = undefined
        }
        const inItsTime = isCurrent && scheduler.now() < current.renewAt
        return times === 1 || (times <= mostRenewals && !inItsTime)
      },
    }
  }
}
