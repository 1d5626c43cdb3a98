import { type Observable, of, type SchedulerLike } from 'rxjs'
import type { Headers, HttpRequest } from './transport.ts'

/** What an {@link Auth} may use: the client's own way to send, its limits and its clock. */
export interface AuthContext {
  /** Where tokens come from, without a slash at the end. */
  readonly loginUrl: string
  readonly scheduler: SchedulerLike
  /** Sends a request as it is and gives the whole answer, whatever its status. Fails with NetworkError or TimeoutError. */
  readonly send: (request: HttpRequest) => Observable<TextAnswer>
}

/** An answer with its body as text. */
export interface TextAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Authorizes the requests of one client. */
export interface Authorizer {
  /** The headers that authorize a request made now. */
  readonly headers: () => Observable<Headers>
  /** All secrets in use: they are taken out of every text that a service sends back to us. */
  readonly secrets: () => ReadonlyArray<string>
  /**
   * Told of a 401, the headers that got it, and which one of this call it is, from 1; true when asking again with new
   * headers makes sense.
   */
  readonly refused?: (headers: Headers, times: number) => boolean
}

/** How a client authorizes itself: a plain value to configure it with. Its secrets are in a closure, out of every inspect. */
export type Auth = (context: AuthContext) => Authorizer

/**
 * Checks a secret that goes into a header.
 *
 * @throws TypeError that does not repeat the secret
 */
export function secret(option: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw new TypeError(`${option}: is missing or empty`)
  const at = value.search(/[^\x21-\x7e]/)
  if (at >= 0) {
    throw new TypeError(
      `${option}: has a blank, a line break or another character that no header can hold, at position ${at} of ${value.length}` +
        (at >= value.trimEnd().length ? '; was it read from a file with its line end?' : ''),
    )
  }
  return value
}

/**
 * The same header on every request: `Authorization: <scheme> <value>`.
 *
 * @example
 * ```ts
 * import { client, fixedHeader } from 'rxjobs'
 *
 * const ci = client({ baseUrl: 'https://ci.example.com', auth: fixedHeader('Token', 'apiKey', 'a-key') })
 * ```
 */
export function fixedHeader(scheme: string, option: string, value: string): Auth {
  const checked = secret(option, value)
  const headers: Headers = [['authorization', `${scheme} ${checked}`]]
  return () => ({ headers: () => of(headers), secrets: () => [checked] })
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
export const accessToken = (token: string): Auth => fixedHeader('Bearer', 'accessToken', token)
