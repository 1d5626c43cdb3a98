import { asyncScheduler, Observable } from 'rxjs'
import type { TextResponse } from './auth.ts'
import { BackpressuredObservable, type Demand } from './backpressure.ts'
import { whole } from './body-decoder.ts'
import { buildRequest, type Endpoint } from './endpoint.ts'
import { type Call, type ClientContext, Exchange, isUnsafe } from './exchange.ts'
import { maxErrorBytes } from './failure.ts'
import { fetchTransport } from './fetch-transport.ts'
import {
  aFunction,
  aString,
  baseUrl,
  type CallOptions,
  type ClientOptions,
  callTable,
  checkOptions,
  connectionTable,
} from './options.ts'
import { RetryPolicy } from './retry.ts'
import type { Headers, HttpRequest } from './transport.ts'

/** A value with the status and the headers that it came with. */
export interface ApiResponse<A> {
  readonly status: number
  readonly headers: Headers
  readonly value: A
}

/**
 * Runs endpoints against one service.
 *
 * Both methods throw a TypeError synchronously for invalid parameters and options, and otherwise return a cold Observable: each
 * subscription is one request (with its retries), unsubscribing aborts it. Errors are {@link RequestError}s. No key is visible in
 * an inspected or serialised client. Endpoints with a streaming decoder give a {@link BackpressuredObservable}.
 */
export interface Client {
  /** One value for a whole response, one for each element of a streamed one; then it completes. */
  readonly run: <P extends object, A>(endpoint: Endpoint<P, A>, params: P, options?: CallOptions) => Observable<A>
  /** The same with status and headers beside each value. */
  readonly runWithResponse: <P extends object, A>(
    endpoint: Endpoint<P, A>,
    params: P,
    options?: CallOptions,
  ) => Observable<ApiResponse<A>>
}

const clientTable = {
  ...connectionTable,
  baseUrl: null,
  loginUrl: null,
  auth: null,
  errorDetail: aFunction,
  correlationHeader: aString,
}

const noOptions: CallOptions = {}
const textBody = /* @__PURE__ */ whole((body) => body)

/** What the calls of a client have in common, and how a call is made of an endpoint, its parameters and options. */
class Calls {
  readonly #context: ClientContext
  readonly #base: string
  readonly #origin: string
  readonly #headers: Headers
  readonly #retry: RetryPolicy | undefined

  constructor(options: ClientOptions) {
    const { scheduler = asyncScheduler, maxBodyBytes = 2 ** 26, maxLineLength = 2 ** 20, allowHttp } = options
    const { timeout = 30_000, idleTimeout = 10_000, retry = true, headers = {} } = options
    this.#base = baseUrl('baseUrl', options.baseUrl, allowHttp)
    this.#origin = new URL(this.#base).origin
    const loginUrl = baseUrl('loginUrl', options.loginUrl ?? this.#base, allowHttp)
    this.#headers = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    this.#retry = retry === false ? undefined : new RetryPolicy(retry === true ? {} : retry, options.random)
    const limits = { maxBodyBytes, maxLineLength }
    const transport = options.transport ?? fetchTransport(options.fetch)
    const authorizer = options.auth({ loginUrl, scheduler, send: (request) => this.#sendText(request) })
    this.#context = { options, transport, authorizer, scheduler, limits, timeout, idleTimeout }
  }

  run<P extends object, A, B>(
    endpoint: Endpoint<P, A>,
    params: P,
    options: CallOptions,
    project: Call<A, B>['project'],
  ): Observable<B> {
    const { method, name, responses, accept = 'application/json', contentType = 'application/octet-stream' } = endpoint
    if (options !== noOptions) checkOptions(name, options, callTable)
    const { path, query, body } = buildRequest(endpoint, params)
    const streaming = responses[200]?.streaming
    const headers: Array<Headers[number]> = [['accept', accept]]
    if (body !== undefined) headers.push(['content-type', typeof body === 'string' ? 'application/json' : contentType])
    // Half of a compressed body looks like the end to node-fetch. What is read as a whole would be no JSON; half a log looks like a log.
    if (streaming) headers.push(['accept-encoding', 'identity'])
    headers.push(...this.#headers)
    const call: Call<A, B> = {
      context: this.#context,
      description: { method, path, origin: this.#origin },
      request: { method, url: this.#base + path + query, headers, body },
      decoderFor: (status) => responses[status] ?? (status >= 200 && status < 300 ? responses[200] : undefined),
      project,
      retry: this.#retryOf(method, options),
      options,
    }
    const connect = (demand?: Demand): Observable<B> =>
      new Observable((subscriber) => new Exchange(call, demand, subscriber).run())
    return streaming ? new BackpressuredObservable(connect) : connect()
  }

  #retryOf(method: string, { retry = !isUnsafe(method) && undefined }: CallOptions): RetryPolicy | undefined {
    if (retry === false) return undefined
    const isOwn = typeof retry === 'object' || (retry && !this.#retry)
    return isOwn ? new RetryPolicy(retry === true ? {} : retry, this.#context.options.random) : this.#retry
  }

  /** Sends a request as it is and gives the whole response as text: what an Auth fetches tokens with. */
  #sendText(request: HttpRequest): Observable<TextResponse> {
    const { origin, pathname: path } = new URL(request.url)
    const limits = { maxBodyBytes: maxErrorBytes, maxLineLength: 0 }
    const call: Call<string, TextResponse> = {
      context: { ...this.#context, limits, authorizer: { headers: () => [], secrets: () => [] } },
      description: { method: request.method, path, origin },
      request,
      decoderFor: () => textBody,
      project: (body, { status, headers }) => ({ status, headers, body }),
      retry: undefined,
      options: noOptions,
    }
    return new Observable((subscriber) => new Exchange(call, undefined, subscriber).run())
  }
}

/**
 * A client for one service.
 *
 * Nothing is sent until an Observable of it is subscribed to. It holds no timer and no connection of its own; tokens that it
 * fetched live in it.
 *
 * @throws TypeError for an invalid option, and for an unknown one
 *
 * @example
 * ```ts
 * import { accessToken, client } from 'rxjobs/core'
 *
 * const runs = client({ baseUrl: 'https://ci.example.com/api', auth: accessToken('a-token') })
 * ```
 */
export function client(options: ClientOptions): Client {
  checkOptions('client', options, clientTable)
  // Not what it was: that may be a key.
  if (typeof options.auth !== 'function') {
    throw new TypeError('client: auth must be accessToken(…), clientCredentials(…) or apiKeyAuth(…)')
  }
  const calls = new Calls(options)
  return {
    run: (endpoint, params, call = noOptions) => calls.run(endpoint, params, call, (value) => value),
    runWithResponse: (endpoint, params, call = noOptions) =>
      calls.run(endpoint, params, call, (value, { status, headers }) => ({ status, headers, value })),
  }
}
