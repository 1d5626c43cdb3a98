import { filter, firstValueFrom, Observable, type Subscriber, takeUntil } from 'rxjs'
import { defaultFetch } from './default-fetch.ts'
import { readBody } from './read-body.ts'
import type { Chunk, Head, Headers, HttpRequest, Transport } from './transport.ts'

/** The platform's AbortSignal where its types are known, so that a consumer without lib.dom compiles. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : unknown

/** What is passed to fetch: the part of RequestInit that is used. */
export interface FetchInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | ArrayBuffer
  /** A key never follows a redirect: a 3xx comes back as an error that says where it led. */
  readonly redirect: 'manual'
  readonly signal: Signal
}

/**
 * What is read of fetch's answer. `body` is a web stream, or an async iterable of bytes as node-fetch has it; so is `raw`,
 * all values by name.
 */
export interface FetchResponse {
  readonly status: number
  readonly headers: {
    forEach(visit: (value: string, name: string) => void): void
    raw?(): Readonly<Record<string, ReadonlyArray<string>>>
  }
  readonly body: unknown
}

/** Any fetch: the platform's, cross-fetch's, or your own with the same two arguments. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

/**
 * A {@link Transport} over fetch.
 *
 * One subscription is one fetch. Unsubscribing aborts request and body through an AbortController: with cross-fetch on
 * Node nothing else closes the socket. The body is read chunk by chunk, never buffered, and not read on while the
 * request's `ready` says false.
 *
 * @param fetch cross-fetch by default, loaded with the first request: node-fetch on Node and Deno, the platform's own in
 * browsers, and Bun's in Bun. Where it cannot be loaded, requests fail with what the loader said.
 *
 * @example
 * ```ts
 * import { fetchTransport } from 'rxjobs'
 *
 * const native = fetchTransport(fetch)
 * ```
 */
export function fetchTransport(fetch: Fetch = defaultFetch()): Transport {
  return (request) =>
    new Observable((subscriber) => {
      const controller = new AbortController()
      // What was read to its end holds nothing: an abort, with the error that it makes, would cost more than the reading.
      let isOver = false
      void send(fetch, request, controller.signal, subscriber, () => (isOver = true)).catch((error: unknown) =>
        subscriber.error(error),
      )
      return () => {
        if (!isOver) controller.abort()
      }
    })
}

// More than this a socket may not take at once. node-fetch gives a connection back when the answer is over, even where the
// request is still being written because the service did not wait for it; what fails on it then is unheard, and ends the
// process. A connection that is not kept is not given back. (A browser lets no script set this, and needs none.)
const atOnce = 16_384

async function send(
  fetch: Fetch,
  { method, url, headers, body, ready }: HttpRequest,
  signal: AbortSignal,
  subscriber: Subscriber<Head | Chunk>,
  over: () => void,
): Promise<void> {
  const left = (): boolean => signal.aborted
  const response = await fetch(url, {
    method,
    headers: { ...Object.fromEntries(headers), ...(body && body.length > atOnce ? { connection: 'close' } : {}) },
    // A copy by construction: slice() of a Node Buffer is only a view of a larger one.
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body).buffer }),
    redirect: 'manual',
    signal,
  })
  const chunks = readBody(response.body)
  if (left()) return
  subscriber.next({ status: response.status, headers: received(response) })
  for await (const bytes of chunks) {
    if (left()) return
    subscriber.next({ bytes })
    if (ready) await untilReady(ready, signal)
  }
  over()
  subscriber.complete()
}

/** The headers of an answer. node-fetch's forEach sorts all of them again for each, and joins cookies. */
function received({ headers }: FetchResponse): Headers {
  if (headers.raw) return Object.entries(headers.raw()).flatMap(([name, values]) => values.map((one) => [name, one]))
  const found: Array<[string, string]> = []
  headers.forEach((value, name) => found.push([name, value]))
  return found
}

/** Resolves when the reader wants more, or at once when nobody reads any longer. */
async function untilReady(ready: Observable<boolean>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const aborted = new Observable<void>((subscriber) => {
    const stop = (): void => subscriber.next()
    signal.addEventListener('abort', stop)
    return () => signal.removeEventListener('abort', stop)
  })
  await firstValueFrom(ready.pipe(filter(Boolean), takeUntil(aborted)), { defaultValue: true })
}
