import { Observable, type Subscriber, Subscription } from 'rxjs'
import { type Demand, subscribeInto } from './backpressure.ts'
import { type Chunk, type Head, type Headers, type HttpRequest, header, type Transport } from './transport.ts'

/** The platform's AbortSignal where its types are known, so that a consumer without lib.dom compiles. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : unknown

/** What is passed to fetch: the part of RequestInit that is used. */
export interface FetchInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | ArrayBuffer
  /** A key never follows a redirect: a 3xx comes back as an error that says where it leads. */
  readonly redirect: 'manual'
  readonly signal: Signal
}

/**
 * What is read of fetch's response. `body` is a web stream, or an async iterable of bytes as node-fetch has it; so is `raw`, all
 * values by name.
 */
export interface FetchResponse {
  readonly status: number
  readonly headers: {
    forEach(visit: (value: string, name: string) => void): void
    raw?(): Readonly<Record<string, ReadonlyArray<string>>>
  }
  readonly body: unknown
  arrayBuffer?(): Promise<ArrayBuffer>
}

/** Any fetch: the platform's, cross-fetch's, or your own with the same two arguments. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>

let loading: Promise<{ readonly default: Fetch }> | undefined

/** cross-fetch, loaded with the first request. A load that failed is tried again by the next request. */
async function crossFetch(url: string, init: FetchInit): Promise<FetchResponse> {
  loading ??= import('cross-fetch').catch((error: unknown) => {
    loading = undefined
    throw new Error('this platform has no fetch and cross-fetch cannot be loaded; set the option fetch', {
      cause: error,
    })
  })
  const { default: fetch } = await loading
  return fetch(url, init)
}

// Looked up with each request, so that what patches fetch later is used. Not called as a method, which browsers refuse.
const platformFetch: Fetch = (url, init) => (typeof fetch === 'function' ? fetch(url, init) : crossFetch(url, init))

/**
 * A {@link Transport} over fetch.
 *
 * One subscription is one fetch. Unsubscribing aborts request and body through an AbortController: with cross-fetch on Node
 * nothing else closes the socket. The body is read piece by piece, and not read on while the request's `demand` is false.
 *
 * @param fetch Default: the platform's, where there is one, else cross-fetch, loaded with the first request.
 *
 * @example
 * ```ts
 * import crossFetch from 'cross-fetch'
 * import { fetchTransport } from 'rxjobs/core'
 *
 * const transport = fetchTransport(crossFetch)
 * ```
 */
export const fetchTransport =
  (fetch: Fetch = platformFetch): Transport =>
  (request) =>
    new Observable((subscriber) => {
      const exchange = new FetchExchange(request, subscriber)
      exchange.run(fetch).catch((error: unknown) => subscriber.error(error))
      return () => exchange.abort()
    })

// More than this a socket may not take at once. node-fetch gives a connection back when the response is over, even where the
// request is still being written because the service did not wait for it; what fails on it then is not caught, and ends the
// process. A connection that is not kept is not given back. (A browser lets no script set this, and needs none.)
const largeBody = 16_384

// A body up to this many bytes is read at once.
const smallBody = 65_536

/** One fetch and its body. */
class FetchExchange {
  readonly #request: HttpRequest
  readonly #subscriber: Subscriber<Head | Chunk>
  readonly #controller = new AbortController()
  // What was read to its end holds nothing: an abort, with the error that it makes, would cost more than the reading.
  #isOver = false

  constructor(request: HttpRequest, subscriber: Subscriber<Head | Chunk>) {
    this.#request = request
    this.#subscriber = subscriber
  }

  abort(): void {
    if (!this.#isOver) this.#controller.abort()
  }

  async run(fetch: Fetch): Promise<void> {
    const { url, demand } = this.#request
    const { signal } = this.#controller
    const response = await fetch(url, this.#init())
    const headers = headersOf(response)
    const { body, status } = response
    if (signal.aborted) return ignoreErrors(body)
    this.#subscriber.next({ status, headers })
    if (!demand && response.arrayBuffer && isSmall(headers)) {
      const bytes = new Uint8Array(await response.arrayBuffer())
      if (bytes.length > 0) this.#subscriber.next({ bytes })
    } else {
      for await (const bytes of piecesOf(body)) {
        if (signal.aborted) return
        this.#subscriber.next({ bytes })
        if (demand) await untilWanted(demand, signal)
      }
    }
    this.#isOver = true
    this.#subscriber.complete()
  }

  #init(): FetchInit {
    const { method, headers, body } = this.#request
    const { signal } = this.#controller
    const fields = Object.fromEntries(headers)
    if (body === undefined) return { method, headers: fields, redirect: 'manual', signal }
    if (body.length > largeBody) fields['connection'] = 'close'
    // A copy by construction: slice() of a Node Buffer is only a view of a larger one.
    const sent = typeof body === 'string' ? body : new Uint8Array(body).buffer
    return { method, headers: fields, body: sent, redirect: 'manual', signal }
  }
}

function isSmall(headers: Headers): boolean {
  const length = header(headers, 'content-length')
  return length !== undefined && Number(length) <= smallBody && header(headers, 'content-encoding') === undefined
}

/** The headers of a response. node-fetch's forEach sorts all of them again for each, and joins cookies. */
function headersOf({ headers }: FetchResponse): Headers {
  const found: Array<readonly [string, string]> = []
  if (headers.raw) {
    for (const [name, values] of Object.entries(headers.raw())) for (const value of values) found.push([name, value])
  } else {
    headers.forEach((value, name) => found.push([name, value]))
  }
  return found
}

interface WebStream {
  getReader(): { read(): Promise<IteratorResult<Uint8Array, undefined>> }
}

const isWebStream = (body: object): body is WebStream => 'getReader' in body && typeof body.getReader === 'function'

const isIterable = (body: object): body is AsyncIterable<Uint8Array> => Symbol.asyncIterator in body

interface Emitter {
  on(event: 'error', listener: () => void): unknown
}

const isEmitter = (body: unknown): body is Emitter =>
  typeof body === 'object' && body !== null && 'on' in body && typeof body.on === 'function'

/** Aborting before the first read makes node-fetch emit 'error' on the body; without a listener that ends the process. */
function ignoreErrors(body: unknown): void {
  if (isEmitter(body)) body.on('error', () => undefined)
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The pieces of a body in either shape: a web stream, or a Node stream (node-fetch, whatever cross-fetch's types say). */
function piecesOf(body: unknown): AsyncIterable<Uint8Array> {
  if (typeof body !== 'object' || body === null) return nothing()
  ignoreErrors(body)
  if (isWebStream(body)) {
    // Not by the stream's own iterator, which some browsers lack.
    const reader = body.getReader()
    return { [Symbol.asyncIterator]: () => ({ next: () => reader.read() }) }
  }
  if (isIterable(body)) return body
  throw new TypeError('fetch gave a body that is neither a web stream nor an async iterable')
}

/** Resolves when the consumer wants more, or at once when nobody reads any longer. */
function untilWanted(demand: Demand, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const waiting = new Subscription(resolve)
    const stop = (): void => waiting.unsubscribe()
    signal.addEventListener('abort', stop)
    waiting.add(() => signal.removeEventListener('abort', stop))
    subscribeInto(waiting, demand, {
      next: (wanted) => {
        if (wanted) stop()
      },
      error: stop,
      complete: stop,
    })
  })
}
