import { map, type Observable, share } from 'rxjs'
import { type Auth, type AuthContext, checkSecret, type TextResponse } from './auth.ts'
import { notJson, tryParse } from './body-decoder.ts'
import { AuthError, DecodeError, isRecord, textOf } from './errors.ts'
import { describeBody } from './failure.ts'
import { redact } from './redact.ts'
import { retryAfter } from './retry.ts'
import { elapsed } from './timeouts.ts'
import type { Headers } from './transport.ts'

/** An OAuth 2 client: an id and a secret, exchanged for tokens. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

const path = '/oauth/token'

/** The fields of a JSON object; of any other text none. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  const value = tryParse(body)
  return isRecord(value) ? value : {}
}

/**
 * Reads the response of a token endpoint (RFC 6749, 5.1 and 5.2): the token, and for how many milliseconds it is good, Infinity
 * where the response does not say.
 *
 * @param secrets are taken out of the error's texts
 * @throws AuthError for a refusal, DecodeError for a success without a token
 */
function readToken(response: TextResponse, context: AuthContext, secrets: ReadonlyArray<string>): [string, number] {
  const { status, headers, body } = response
  const request = { method: 'POST', path, origin: new URL(context.loginUrl).origin }
  const clean = redact(body, secrets)
  if (status !== 200) {
    const { error, error_description: description, description: words } = fieldsOf(clean)
    const code = textOf(error)
    const detail = textOf(description) ?? textOf(words) ?? (code ? undefined : describeBody(response, clean))
    const wait = retryAfter(headers, context.scheduler.now())
    throw new AuthError({ ...request, status, code, detail: detail && redact(detail, secrets), retryAfter: wait })
  }
  const { access_token: token, expires_in: seconds } = fieldsOf(body)
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    const issue = { path: 'access_token', expected: 'a token', actual: token === undefined ? 'missing' : 'not one' }
    throw new DecodeError({ ...request, issues: tryParse(body) === undefined ? notJson(clean).issues : [issue] })
  }
  const lifetime = Number(seconds ?? NaN) * 1000
  // It is renewed in its last tenth, at most its last minute: a token that lives for seconds must still be of some use.
  return [token, lifetime >= 0 ? lifetime - Math.min(60_000, lifetime / 10) : Infinity]
}

/**
 * OAuth 2 client credentials (RFC 6749, 4.4): fetches a token when the first request needs one and renews it.
 *
 * Concurrent requests share one token request. A token is renewed in its last tenth (at most its last minute), and when the API
 * refuses it with 401; the request is then sent again, once, unless it is a POST or PATCH. No timer runs: a token is renewed when a
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
  const basic = btoa(`${checkSecret('clientId', clientId)}:${checkSecret('clientSecret', clientSecret)}`)
  const own = [clientSecret, basic]
  return (context) => {
    const passed = elapsed(context.scheduler)
    const headers: Headers = [
      ['authorization', `Basic ${basic}`],
      ['content-type', 'application/x-www-form-urlencoded'],
      ['accept', 'application/json'],
    ]
    const request = { method: 'POST', url: context.loginUrl + path, headers, body: 'grant_type=client_credentials' }
    // The newest first; requests that were sent with the one before may still be under way.
    let tokens: ReadonlyArray<string> = []
    let renewAt = 0
    let renewal: Observable<Headers> | undefined

    const bearer = (): Headers => [['authorization', `Bearer ${tokens[0]}`]]
    function take(response: TextResponse): Headers {
      const [token, goodFor] = readToken(response, context, own)
      // Over as soon as the token is there: a 401 for it before this has completed needs another one.
      renewal = undefined
      tokens = [token, ...tokens.slice(0, 1)]
      renewAt = passed() + goodFor
      return bearer()
    }
    return {
      // One request for all that wait. It begins anew after a failure, and after all that waited have unsubscribed.
      headers: () => (passed() < renewAt ? bearer() : (renewal ??= context.send(request).pipe(map(take), share()))),
      secrets: () => [...own, ...tokens],
      onUnauthorized: ([sent]) => {
        if (sent?.[1] === `Bearer ${tokens[0]}`) renewAt = 0
        return true
      },
    }
  }
}
