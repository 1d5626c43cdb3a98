import { map, type Observable, share, tap } from 'rxjs'
import { type Auth, type AuthContext, type Authorizer, checkSecret, type TextResponse } from './auth.ts'
import { AuthError, DecodeError, type Issue, type RequestDescription } from './errors.ts'
import { describeBody } from './failure.ts'
import { clip } from './options.ts'
import { redact } from './redact.ts'
import { retryAfter } from './retry.ts'
import { elapsed } from './timeouts.ts'
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

// The renewal must be under way before the token ends, but a token that lives for seconds must still be of some use.
const longestMargin = 60_000
const marginShare = 0.1

function fieldsOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return undefined
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

class TokenAuthorizer implements Authorizer {
  readonly #context: AuthContext
  readonly #own: ReadonlyArray<string>
  readonly #request: HttpRequest
  readonly #passed: () => number
  #token: Token | undefined
  /** The token before: requests that were sent with it may still be under way. */
  #spent: Token | undefined
  #renewal: Observable<Token> | undefined

  constructor(context: AuthContext, clientSecret: string, basic: string) {
    this.#context = context
    this.#own = [clientSecret, basic]
    this.#passed = elapsed(context.scheduler)
    this.#request = {
      method: 'POST',
      url: context.loginUrl + path,
      headers: [
        ['authorization', `Basic ${basic}`],
        ['content-type', 'application/x-www-form-urlencoded'],
        ['accept', 'application/json'],
      ],
      body: 'grant_type=client_credentials',
    }
  }

  headers(): Headers | Observable<Headers> {
    const token = this.#token
    const bearer = ({ value }: Token): Headers => [['authorization', `Bearer ${value}`]]
    return token && this.#passed() < token.renewAt ? bearer(token) : this.#renew().pipe(map(bearer))
  }

  secrets(): ReadonlyArray<string> {
    return [...this.#own, ...[this.#token, this.#spent].flatMap((token) => (token ? [token.value] : []))]
  }

  onUnauthorized(headers: Headers): boolean {
    const token = this.#token
    if (token && headers.some(([, value]) => value === `Bearer ${token.value}`)) {
      this.#spent = token
      this.#token = undefined
    }
    return true
  }

  /** One request for all that wait. It begins anew after a failure, and after all that waited have unsubscribed. */
  #renew(): Observable<Token> {
    this.#renewal ??= this.#context.send(this.#request).pipe(
      map((response) => this.#tokenIn(response)),
      tap((token) => {
        // Over as soon as the token is there: a 401 for it before this has completed needs another one.
        this.#renewal = undefined
        this.#spent = this.#token ?? this.#spent
        this.#token = token
      }),
      share(),
    )
    return this.#renewal
  }

  /**
   * Reads the response of a token endpoint (RFC 6749, 5.1 and 5.2).
   *
   * @throws AuthError for a refusal, DecodeError for a success without a token
   */
  #tokenIn(response: TextResponse): Token {
    const { status, headers, body } = response
    const { loginUrl, scheduler } = this.#context
    const description: RequestDescription = { method: 'POST', path, origin: new URL(loginUrl).origin }
    const misfit = (issue: Issue): DecodeError => new DecodeError({ ...description, issues: [issue] })
    const clean = redact(body, this.#own)
    const fields = fieldsOf(clean)
    if (status !== 200) {
      const detail =
        textOf(fields?.['error_description']) ?? textOf(fields?.['description']) ?? describeBody(response, clean)
      const code = textOf(fields?.['error'])
      throw new AuthError({ ...description, status, code, detail, retryAfter: retryAfter(headers, scheduler.now()) })
    }
    if (fields === undefined) {
      const page = /^\s*</.test(body) ? ' (a web page: is loginUrl right?)' : ''
      throw misfit({
        path: '',
        expected: `a token as JSON, from ${loginUrl}`,
        actual: clip(JSON.stringify(clean)) + page,
      })
    }
    const { access_token: value, expires_in: seconds } = fieldsOf(body) ?? {}
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      throw misfit({ path: 'access_token', expected: 'a token', actual: textOf(value) ? 'not one' : 'missing' })
    }
    const lifetime = Number(seconds ?? NaN) * 1000
    const goodFor = lifetime >= 0 ? lifetime - Math.min(longestMargin, lifetime * marginShare) : Infinity
    return { value, renewAt: this.#passed() + goodFor }
  }
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
  return (context) => {
    const authorizer = new TokenAuthorizer(context, clientSecret, basic)
    return {
      headers: () => authorizer.headers(),
      secrets: () => authorizer.secrets(),
      onUnauthorized: (headers) => authorizer.onUnauthorized(headers),
    }
  }
}
