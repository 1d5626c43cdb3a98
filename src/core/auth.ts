import type { Observable, SchedulerLike } from 'rxjs'
import type { Head, Headers, HttpRequest } from './transport.ts'

/** What an {@link Auth} may use: the client's own way to send, its address for tokens and its clock. */
export interface AuthContext {
  /** Where tokens come from, without a slash at the end. */
  readonly loginUrl: string
  readonly scheduler: SchedulerLike
  /** Sends a request as it is and gives the whole response, whatever its status, up to 64 KiB. Fails with NetworkError or RequestTimeoutError. */
  readonly send: (request: HttpRequest) => Observable<TextResponse>
}

/** A response with its body as text. */
export type TextResponse = Head & { readonly body: string }

/** Authorizes the requests of one client. */
export interface Authorizer {
  /** The headers that authorize a request made now: at once, or the first that an Observable emits. */
  readonly headers: () => Headers | Observable<Headers>
  /** All secrets in use: they are taken out of every text that a service sends back. */
  readonly secrets: () => ReadonlyArray<string>
  /** Called after a 401 with the headers that got it; true where the request may be sent again with new ones. Once a call. */
  readonly onUnauthorized?: (headers: Headers) => boolean
}

/** How a client authorizes itself: a plain value to configure it with. Its secrets are in a closure, out of every inspect. */
export type Auth = (context: AuthContext) => Authorizer

/**
 * Checks a secret that goes into a header.
 *
 * @throws TypeError that does not repeat the secret
 */
export function checkSecret(option: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw new TypeError(`${option}: is missing or empty`)
  const at = value.search(/[^\x21-\x7e]/)
  if (at < 0) return value
  if (value.trim().includes(' ')) {
    throw new TypeError(`${option}: has a space in it; give it alone, without a word such as Key or Bearer before it`)
  }
  const hint = at >= value.trimEnd().length ? '; was it read with its line end?' : ''
  throw new TypeError(`${option}: has a character that no header can hold, at position ${at} of ${value.length}${hint}`)
}

/**
 * The same header on every request: `Authorization: <scheme> <value>`.
 *
 * @param option the option that the value came from, for the message of a TypeError
 * @throws TypeError for a value that is empty or cannot stand in a header
 *
 * @example
 * ```ts
 * import { apiKeyAuth, client } from 'rxjobs/core'
 *
 * const ci = client({ baseUrl: 'https://ci.example.com', auth: apiKeyAuth('Token', 'apiKey', 'a-key') })
 * ```
 */
export function apiKeyAuth(scheme: string, option: string, value: string): Auth {
  const secrets = [checkSecret(option, value)]
  const headers: Headers = [['authorization', `${scheme} ${value}`]]
  return () => ({ headers: () => headers, secrets: () => secrets })
}

/**
 * A bearer token that is already there. It is never renewed: when it expires, requests fail with HttpError 401.
 *
 * @throws TypeError for a token that is empty or cannot stand in a header
 *
 * @example
 * ```ts
 * import { accessToken, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
 * ```
 */
export const accessToken = (token: string): Auth => apiKeyAuth('Bearer', 'accessToken', token)
