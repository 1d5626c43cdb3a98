import { defer, map, type Observable, of, share, tap } from 'rxjs'
import { type Auth, type AuthContext, secret } from './auth.ts'
import type { Asked } from './errors/index.ts'
import { redact } from './redact.ts'
import { stopwatch } from './stopwatch.ts'
import { tokenFrom } from './token-answer.ts'
import type { Headers, HttpRequest } from './transport.ts'

/** An OAuth 2 client: an id and a secret, exchanged for tokens. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

interface Token {
  readonly value: string
  /** When to fetch the next, in milliseconds of the client's life. */
  readonly renewAt: number
}

const path = '/oauth/token'

// A token that was refused when its time was up anyway is no verdict on the client; a slow service may meet several.
const mostRenewals = 3

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
    const asked: Asked = { method: 'POST', path, origin: new URL(loginUrl).origin }
    const passed = stopwatch(scheduler)
    let token: Token | undefined
    let spent: Token | undefined
    let renewal: Observable<Token> | undefined

    const request: HttpRequest = {
      method: 'POST',
      url: `${loginUrl}${path}`,
      headers: [
        ['authorization', `Basic ${basic}`],
        ['content-type', 'application/x-www-form-urlencoded'],
        ['accept', 'application/json'],
      ],
      body: 'grant_type=client_credentials',
    }
    // One for all who wait. It begins anew for whoever comes after it failed, or after all who waited have left.
    function renew(): Observable<Token> {
      renewal ??= send(request).pipe(
        map((answer) => tokenFrom(answer, asked, loginUrl, scheduler.now(), (text) => redact(text, own))),
        map(({ value, goodFor }) => ({ value, renewAt: passed() + goodFor })),
        tap((fresh) => {
          // Over as soon as the token is there: who gets a 401 for it before this has completed needs another.
          renewal = undefined
          spent = token ?? spent
          token = fresh
        }),
        share(),
      )
      return renewal
    }
    const bearer = ({ value }: Token): Headers => [['authorization', `Bearer ${value}`]]

    return {
      headers: () =>
        defer(() => (token !== undefined && passed() < token.renewAt ? of(token) : renew()).pipe(map(bearer))),
      secrets: () => [...own, ...[token, spent].flatMap((issued) => (issued === undefined ? [] : [issued.value]))],
      refused: (headers, times) => {
        const current = token
        const isCurrent = current !== undefined && headers.some(([, value]) => value === `Bearer ${current.value}`)
        if (isCurrent) {
          spent = current
          token = undefined
        }
        const inItsTime = isCurrent && passed() < current.renewAt
        return times === 1 || (times <= mostRenewals && !inItsTime)
      },
    }
  }
}
