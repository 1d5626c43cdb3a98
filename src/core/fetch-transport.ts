import { Observable, type Subscriber, Subscription } from 'rxjs'
import { type Demand, subscribeInto } from './backpressure.ts'
import { causeOf, isLostConnection } from './cause.ts'
import {
  type Chunk,
  type Head,
  type Headers,
  type HttpRequest,
  isUnsafe,
  promisedLength,
  type Transport,
} from './transport.ts'

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

/** cross-fetch, loaded with the first request. */
const crossFetch: Fetch = async (url, init) => (await import('cross-fetch')).default(url, init)

// Looked up with each request, so that a fetch that was patched later is used. Not called as a method, which browsers refuse.
const defaultFetch: Fetch = (url, init) => (typeof fetch === 'function' ? fetch(url, init) : crossFetch(url, init))

/**
 * A {@link Transport} over fetch.
 *
 * One subscription is one fetch. What fails on a kept connection that the service closed meanwhile is sent again at once, at most
 * four times, unless it is a POST or PATCH.
 *
 * Unsubscribing aborts request and body through an AbortController: with cross-fetch on Node nothing else closes the socket. The
 * body is read piece by piece, and not read on while the request's `demand` is false.
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
export function fetchTransport(fetch: Fetch = defaultFetch): Transport {
  // Making an AbortController is a fifth of a request over node-fetch, which lets go of its signal at the end of a response: those
  // that were not aborted are used again.
  const spare: Array<AbortController> = []
  const connections: Connections = { mayBeKept: false }
  return (request) =>
    new Observable((subscriber) => {
      const controller = spare.pop() ?? new AbortController()
      // What was read to its end holds nothing: an abort, with the error that it makes, would cost more than the reading.
      let isOver = false
      send(fetch, connections, request, controller.signal, subscriber).then(
        (isReusable) => {
          isOver = true
          if (isReusable && !controller.signal.aborted) spare.push(controller)
          subscriber.complete()
        },
        (error: unknown) => subscriber.error(error),
      )
      return () => {
        if (!isOver) controller.abort()
      }
    })
}

// When one kept connection is lost the others may be, too.
const mostRepeats = 4

/** Whether there may be a connection that was kept: there was a response since one was lost. */
interface Connections {
  mayBeKept: boolean
}

// More than this a socket may not take at once. node-fetch gives a connection back when the response is over, even where the
// request is still being written because the service did not wait for it; what fails on it then is not caught, and ends the
// process. A connection that is not kept is not given back. (A browser lets no script set this, and needs none.)
const largeBody = 16_384

// A body of known length up to this many bytes is read at once, which costs the platform's fetch less than a web stream. It fits into
// the first packets of a connection, so that there is no progress to watch.
const smallBody = 16_384

/** Sends a request and emits what comes, until the subscriber leaves; true where the signal can be used again. */
async function send(
  fetch: Fetch,
  connections: Connections,
  { method, url, headers, body, demand }: HttpRequest,
  signal: AbortSignal,
  subscriber: Subscriber<Head | Chunk>,
): Promise<boolean> {
  const fields = Object.fromEntries(headers)
  if (body && body.length > largeBody) fields['connection'] = 'close'
  // A copy by construction: slice() of a Node Buffer is only a view of a larger one.
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body).buffer }
  const init: FetchInit = { method, headers: fields, ...content, redirect: 'manual', signal }
  let repeats = connections.mayBeKept && !isUnsafe(method) ? mostRepeats : 0
  let response: FetchResponse | undefined
  while (!response) {
    try {
      response = await fetch(url, init)
    } catch (error) {
      if (!isLostConnection(causeOf(error))) throw error
      connections.mayBeKept = false
      if (repeats-- === 0) throw error
    }
  }
  connections.mayBeKept = true
  const head: Head = { status: response.status, headers: headersOf(response) }
  const length = promisedLength(head)
  const isReusable = response.headers.raw !== undefined
  const whole = !demand && length > 0 && length <= smallBody ? response.arrayBuffer?.() : undefined
  const next = whole ? undefined : readerOf(response.body)
  subscriber.next(head)
  if (whole) subscriber.next({ bytes: new Uint8Array(await whole) })
  while (next && !subscriber.closed) {
    const { done, value } = await next()
    if (done) return isReusable
    subscriber.next({ bytes: value })
    if (demand) await untilWanted(demand, subscriber)
  }
  return whole !== undefined && isReusable
}

/** The headers of a response. node-fetch's forEach sorts all of them again for each, and joins cookies. */
function headersOf({ headers }: FetchResponse): Headers {
  const found: Array<readonly [string, string]> = []
  const raw = headers.raw?.()
  for (const name in raw) for (const value of raw[name] ?? []) found.push([name, value])
  if (!raw) headers.forEach((value, name) => found.push([name, value]))
  return found
}

type Read = () => Promise<IteratorResult<Uint8Array, undefined>>

/** A body in either shape: a web stream, or a Node stream (node-fetch, whatever cross-fetch's types say). */
interface Body {
  getReader?(): { read: Read }
  [Symbol.asyncIterator]?(): { next: Read }
  on?(event: 'error', listener: () => void): unknown
}

const hasBody = (body: unknown): body is Body => typeof body === 'object' && body !== null

function readerOf(body: unknown): Read {
  if (!hasBody(body)) return () => Promise.resolve({ done: true, value: undefined })
  // Not by the web stream's own iterator, which some browsers lack.
  const reader = body.getReader?.()
  if (reader) return () => reader.read()
  // Aborting before the first read makes node-fetch emit 'error' on the body; without a listener that ends the process.
  body.on?.('error', () => undefined)
  const pieces = body[Symbol.asyncIterator]?.()
  if (pieces) return () => pieces.next()
  throw new TypeError('the body that fetch gave is no stream')
}

/** Resolves when the consumer wants more, or at once when nobody reads any longer. */
function untilWanted(demand: Demand, subscriber: Subscription): Promise<void> {
  return new Promise((resolve) => {
    const waiting = new Subscription(resolve)
    const stop = (): void => waiting.unsubscribe()
    subscriber.add(waiting)
    subscribeInto(waiting, demand, { next: (isWanted) => isWanted && stop(), error: stop, complete: stop })
  })
}
