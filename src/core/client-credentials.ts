import { catchError, defer, map, mergeMap, type Observable, of, race, share, timer } from 'rxjs'
import { type Auth, type AuthContext, checkSecret, type TextResponse } from './auth.ts'
import { notJson, tryParse } from './body-decoder.ts'
import { AuthError, DecodeError } from './errors.ts'
import { describeBody } from './failure.ts'
import { redact } from './redact.ts'
import { retryAfter } from './retry.ts'
import { elapsed } from './timeouts.ts'
import type { Headers } from './transport.ts'
import { hasMethod, isRecord, textOf } from './values.ts'

/** A token, and until when it is used: milliseconds since the epoch, a little before its real end. */
export type StoredToken = { readonly token: string; readonly expiresAt: number }

/**
 * Where clients and processes with the same client id share their token, which is a secret.
 *
 * Both methods may give a promise. A store that fails, or gives nothing for 5 s, fails no call: the token is fetched then.
 */
export interface TokenStore {
  /** The token that was stored last. Called before a token is fetched. */
  get(): StoredToken | null | undefined | PromiseLike<StoredToken | null | undefined>
  /** Keeps a token in place of the last. Called when one was fetched that tells its life; no call waits for it. */
  set(stored: StoredToken): unknown
}

/** An OAuth 2 client: an id and a secret, exchanged for tokens. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
  /** Shares the token with other clients. Default: each fetches its own. */
  readonly tokenStore?: TokenStore | undefined
}

const path = '/oauth/token'

const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)

/** The fields of a JSON object; of any other text none. */
function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  const value = tryParse(body)
  return isRecord(value) ? value : {}
}

/**
 * Reads the response of a token endpoint (RFC 6749, 5.1 and 5.2): the token, and until when it is used, Infinity where the
 * response does not say.
 *
 * @param secrets are taken out of the error's texts
 * @throws AuthError for a refusal, DecodeError for a success without a token
 */
function readToken(response: TextResponse, context: AuthContext, secrets: ReadonlyArray<string>): StoredToken {
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
  if (!isToken(token)) {
    const issue = { path: 'access_token', expected: 'a token', actual: token === undefined ? 'missing' : 'not one' }
    throw new DecodeError({ ...request, issues: tryParse(body) === undefined ? notJson(clean).issues : [issue] })
  }
  const lifetime = Number(seconds ?? NaN) * 1000
  // It is renewed in its last tenth, at most its last minute: a token that lives for seconds must still be of some use.
  const goodFor = lifetime >= 0 ? lifetime - Math.min(60_000, lifetime / 10) : Infinity
  return { token, expiresAt: context.scheduler.now() + goodFor }
}

/**
 * OAuth 2 client credentials (RFC 6749, 4.4): fetches a token when the first request needs one and renews it.
 *
 * Concurrent requests share one token request. A token is renewed in its last tenth (at most its last minute), and when the API
 * refuses it with 401; the request is then sent again, once, unless it is a POST or PATCH. No timer runs: a token is renewed when a
 * request needs it. A refusal is an AuthError.
 *
 * With a `tokenStore`, a token of the store is used before one is fetched, unless it is over or this client was refused with it.
 *
 * @throws TypeError for an id or secret that is empty or cannot stand in a header, and for a store without its two methods
 *
 * @example
 * ```ts
 * import { clientCredentials, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_west_1', auth: clientCredentials({ clientId: 'id', clientSecret: 'secret' }) })
 * ```
 */
export function clientCredentials({ clientId, clientSecret, tokenStore }: ClientCredentials): Auth {
  const basic = btoa(`${checkSecret('clientId', clientId)}:${checkSecret('clientSecret', clientSecret)}`)
  const own = [clientSecret, basic]
  const methods = tokenStore ? ['get', 'set'] : []
  if (!methods.every((name) => hasMethod(tokenStore, name))) throw new TypeError('tokenStore: must have get and set')
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
    let refused: string | undefined

    // What the store does wrong is no failure of the call.
    const kept = defer(async () => tokenStore?.get())
    const stored = tokenStore ? race(kept, timer(5_000, context.scheduler)).pipe(catchError(() => [0])) : of(0)
    function read(response: TextResponse): StoredToken {
      const got = readToken(response, context, own)
      if (got.expiresAt < Infinity) defer(async () => await tokenStore?.set({ ...got })).subscribe({ error: () => {} })
      return got
    }
    function orFetch(found: unknown): Observable<StoredToken> {
      const { token, expiresAt }: Readonly<Record<string, unknown>> = isRecord(found) ? found : {}
      const isUsable = isToken(token) && Number(expiresAt) > context.scheduler.now() && refused !== `Bearer ${token}`
      return isUsable ? of({ token, expiresAt: Number(expiresAt) }) : context.send(request).pipe(map(read))
    }

    const bearer = (): Headers => [['authorization', `Bearer ${tokens[0]}`]]
    function take({ token, expiresAt }: StoredToken): Headers {
      // Over as soon as the token is there: a 401 for it before this has completed needs another one.
      renewal = undefined
      tokens = [token, ...tokens.slice(0, 1)]
      renewAt = passed() + expiresAt - context.scheduler.now()
      return bearer()
    }
    return {
      // One request for all that wait. It begins anew after a failure, and after all that waited have unsubscribed.
      headers: () => (passed() < renewAt ? bearer() : (renewal ??= stored.pipe(mergeMap(orFetch), map(take), share()))),
      secrets: () => [...own, ...tokens],
      onUnauthorized: ([sent]) => {
        refused = sent?.[1]
        if (refused === `Bearer ${tokens[0]}`) renewAt = 0
        return true
      },
    }
  }
}
