import type { Observable } from 'rxjs'
import type { Demand } from './backpressure.ts'

/** Header names and values, in order; a name may occur more than once. */
export type Headers = ReadonlyArray<readonly [name: string, value: string]>

/** One HTTP request as a plain value, complete with its authorization. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body?: string | Uint8Array | undefined
  /** Whether the consumer wants more of the body now: a transport may stop reading the socket while it is false. */
  readonly demand?: Demand | undefined
}

/** Methods that are not sent twice unless the caller says that they may be (G6). */
export const isUnsafe = (method: string): boolean => method === 'POST' || method === 'PATCH'

/** The first thing of a response. */
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
 * Cold: each subscription is one request. Unsubscribing must abort the request and its body at any stage. Any error counts as a
 * failure of the network.
 *
 * @example
 * ```ts
 * import { of } from 'rxjs'
 * import type { Transport } from 'rxjobs/core'
 *
 * const canned: Transport = () => of({ status: 200, headers: [] }, { bytes: new TextEncoder().encode('[]') })
 * ```
 */
export type Transport = (request: HttpRequest) => Observable<Head | Chunk>

/** The value of a header, whatever the case of its name; where it occurs more than once, the first. */
export function header(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find((one) => one[0].length === wanted.length && one[0].toLowerCase() === wanted)?.[1]
}

/** The length that the body must have, where the head says so and no compression changes it; else 0. */
export function promisedLength({ status, headers }: Head): number {
  const length = header(headers, 'content-length') ?? ''
  const isKnown = /^\d+$/.test(length) && header(headers, 'content-encoding') === undefined
  return isKnown && status !== 204 && status !== 304 ? Number(length) : 0
}
