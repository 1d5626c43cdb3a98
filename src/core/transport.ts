import type { Observable } from 'rxjs'

/** Header names and values, in order; a name may occur more than once. */
export type Headers = ReadonlyArray<readonly [name: string, value: string]>

/**
 * One HTTP request as a plain value, complete with its authorization.
 *
 * `ready`, where present, says whether the reader wants more of the body just now: a transport that can, stops
 * reading the socket while it is false. It emits the current state on subscribe. A transport may ignore it.
 */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body?: string | Uint8Array
  readonly ready?: Observable<boolean>
}

/** The first thing an answer consists of. */
export interface Head {
  readonly status: number
  readonly headers: Headers
}

/** A piece of the body, cut wherever the network cut it. */
export interface Chunk {
  readonly bytes: Uint8Array
}

/**
 * Sends one request: emits one {@link Head}, then a {@link Chunk} for each piece of the body, then completes.
 *
 * Cold: each subscription is one request. Unsubscribing must abort the request and its body, wherever it is. Any error
 * counts as a failure of the network. The types are our own, so that a consumer without lib.dom compiles, and no
 * promise is part of the contract, so that a test can drive it in virtual time.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import type { Transport } from 'rxjobs'
 *
 * const canned: Transport = () =>
 *   of({ status: 200, headers: [] }, { bytes: new TextEncoder().encode('[]') })
 * ```
 */
export type Transport = (request: HttpRequest) => Observable<Head | Chunk>

/** The value of a header, whatever the case of its name; where it occurs more than once, the first. */
export function header(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find(([key]) => key.length === wanted.length && key.toLowerCase() === wanted)?.[1]
}
