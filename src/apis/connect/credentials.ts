import { from, map, type ObservableInput } from 'rxjs'
import { apiKeyAuth, type Auth, type Check, checkOptions, checkSecret, type Headers } from '../../core/index.ts'
import type { Cookies } from './cookies.ts'

/**
 * Who asks: exactly one of these.
 *
 * `apiKey`: an API key of a user who may see the jobs, which are the content's owner, a collaborator, an administrator. `auth`:
 * `accessToken(…)` or `clientCredentials(…)` for OAuth (Connect 2026.06.0), {@link snowflakeAuth} for a Connect inside Snowflake, or an
 * Auth of one's own, which may renew its token on 401.
 */
export type ConnectCredentials =
  | { readonly apiKey: string; readonly auth?: never }
  | { readonly auth: Auth; readonly apiKey?: never }

/** What a Connect inside Snowflake asks for. */
export interface SnowflakeCredentials {
  /** Snowflake's token, or a function that gives one. It is called for each request, so it should keep its token while that is good. */
  readonly token: string | (() => string | ObservableInput<string>)
  /** An API key of Connect. */
  readonly apiKey: string
}

export const anAuth: Check = (value) =>
  typeof value === 'function' ? undefined : 'accessToken(…), clientCredentials(…), snowflakeAuth(…) or another Auth'

type Given = { readonly [K in 'apiKey' | 'auth']?: ConnectCredentials[K] }

/**
 * The Auth of a client: its secrets are also those of the cookies.
 *
 * @throws TypeError in the caller's name for both of the credentials, or none, and for a key that no header can hold
 */
export function authOf(caller: string, { apiKey, auth }: Given, cookies: Cookies): Auth {
  if (auth && apiKey !== undefined) throw new TypeError(`${caller}: give either apiKey or auth, not both`)
  const own = auth ?? apiKeyAuth('Key', `${caller}: apiKey`, apiKey ?? '')
  return (context) => {
    const authorizer = own(context)
    return {
      headers: () => authorizer.headers(),
      secrets: () => [...authorizer.secrets(), ...cookies.secrets],
      onUnauthorized: (headers) => authorizer.onUnauthorized?.(headers) ?? false,
    }
  }
}

/**
 * For a Connect inside Snowflake, where Snowflake's gateway asks for a token and Connect for its key: the headers
 * `Authorization: Snowflake Token="…"` and `X-RSC-Authorization: Key …` on every request, as the vendor's own clients send them.
 *
 * A `token` that is a function may give a text, a promise or an Observable (its first value counts). After a 401 the request is sent
 * again, once, with what the function gives then, unless it is a POST. What the function throws ends the request or stream as a NetworkError, and is not tried again.
 *
 * @throws TypeError for a key or token that is empty or cannot stand in a header
 *
 * @example
 * ```ts
 * import { connect, snowflakeAuth } from 'rxjobs/connect'
 *
 * const freshToken = () => Promise.resolve('a-token')
 * const pc = connect({
 *   server: 'https://a-service.snowflakecomputing.app',
 *   auth: snowflakeAuth({ token: freshToken, apiKey: 'a-key' }),
 * })
 * ```
 */
export function snowflakeAuth(credentials: SnowflakeCredentials): Auth {
  checkOptions('snowflakeAuth', credentials, { token: null, apiKey: null }, 'token and apiKey')
  const { token, apiKey } = credentials
  const key = checkSecret('snowflakeAuth: apiKey', apiKey)
  const check = (given: string): string => {
    if (!/["\\]/.test(checkSecret('snowflakeAuth: token', given))) return given
    throw new TypeError('snowflakeAuth: token: has a quote in it; give it alone, as Snowflake gave it')
  }
  const isFunction = typeof token === 'function'
  if (!isFunction) check(token)
  return () => {
    // The newest first; requests that were sent with the ones before may still be under way.
    let tokens: ReadonlyArray<string> = []
    const headersOf = (given: string): Headers => {
      tokens = [...new Set([check(given), ...tokens])].slice(0, 3)
      return [
        ['authorization', `Snowflake Token="${given}"`],
        ['x-rsc-authorization', `Key ${key}`],
      ]
    }
    return {
      headers: () => {
        const given = isFunction ? token() : token
        return typeof given === 'string' ? headersOf(given) : from(given).pipe(map(headersOf))
      },
      secrets: () => [key, ...tokens],
      onUnauthorized: () => isFunction,
    }
  }
}
