import { asyncScheduler, Observable } from 'rxjs'
import { BackpressuredObservable, type Demand } from './backpressure.ts'
import { buildRequest, type Endpoint } from './endpoint.ts'
import { type Call, type ClientContext, Exchange, isUnsafe, sendText } from './exchange.ts'
import { fetchTransport } from './fetch-transport.ts'
import {
  aFunction,
  anObject,
  aString,
  baseUrl,
  type CallOptions,
  type ClientOptions,
  callTable,
  checkOptions,
  checkRetry,
  connectionTable,
} from './options.ts'
import { RetryPolicy } from './retry.ts'
import type { Timeouts } from './timeouts.ts'
import { type Head, type Headers, header } from './transport.ts'

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

/** Headers of a body whose half looks like a whole: with compression its length says nothing, and node-fetch takes a cut for the end. */
const uncompressed: Headers = [['accept-encoding', 'identity']]

/** A client: what its calls have in common, and how a call is made of an endpoint, its parameters and options. */
class CoreClient {
  readonly #context: ClientContext
  readonly #base: string
  readonly #origin: string
  readonly #headers: Headers
  readonly #retry: RetryPolicy | undefined

  constructor(options: ClientOptions) {
    const { scheduler = asyncScheduler, maxBodyBytes = 2 ** 26, maxLineLength = 2 ** 20, allowHttp, random } = options
    const transport = options.transport ?? fetchTransport(options.fetch)
    this.#base = baseUrl('baseUrl', options.baseUrl, allowHttp)
    this.#origin = new URL(this.#base).origin
    const loginUrl = options.loginUrl === undefined ? this.#base : baseUrl('loginUrl', options.loginUrl, allowHttp)
    const { timeout = 30_000, idleTimeout = 10_000, retry = true } = options
    const timeouts = { timeout, idleTimeout, scheduler, body: () => ({ whole: timeout, idle: idleTimeout }) }
    const authorizer = options.auth({ loginUrl, scheduler, send: (request) => sendText(transport, timeouts, request) })
    this.#context = { options, transport, authorizer, scheduler, limits: { maxBodyBytes, maxLineLength } }
    this.#headers = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
    this.#retry = retry === false ? undefined : new RetryPolicy(retry === true ? {} : retry, random)
  }

  run<P extends object, A, B>(
    endpoint: Endpoint<P, A>,
    params: P,
    options: CallOptions,
    project: Call<A, B>['project'],
  ): Observable<B> {
    checkOptions(endpoint.name, options, callTable)
    checkRetry(endpoint.name, options.retry)
    const call = this.#call(endpoint, params, options, project)
    const connect = (demand?: Demand): Observable<B> =>
      new Observable((subscriber) => new Exchange(this.#context, call, demand, subscriber).run())
    return endpoint.responses[200]?.streaming ? new BackpressuredObservable(connect) : connect()
  }

  #call<P extends object, A, B>(
    endpoint: Endpoint<P, A>,
    params: P,
    options: CallOptions,
    project: Call<A, B>['project'],
  ): Call<A, B> {
    const { method, responses } = endpoint
    const { path, query, body } = buildRequest(endpoint, params)
    const url = this.#base + path + query
    const headers: Array<Headers[number]> = [['accept', endpoint.accept ?? 'application/json']]
    if (body !== undefined) {
      const type = typeof body === 'string' ? 'application/json' : (endpoint.contentType ?? 'application/octet-stream')
      headers.push(['content-type', type])
    }
    if (responses[200]?.streaming) headers.push(...uncompressed)
    headers.push(...this.#headers)
    const decoderFor: Call<A, B>['decoderFor'] = (status) =>
      responses[status] ?? (status >= 200 && status < 300 ? responses[200] : undefined)
    return {
      description: { method, path, origin: this.#origin },
      request: body === undefined ? { method, url, headers } : { method, url, headers, body },
      decoderFor,
      timeouts: this.#timeouts(options, decoderFor),
      retry: this.#retryOf(method, options),
      signal: options.signal,
      project,
    }
  }

  #timeouts(
    { timeout, idleTimeout }: CallOptions,
    decoderFor: (status: number) => { readonly streaming: boolean; readonly openEnded?: boolean } | undefined,
  ): Timeouts {
    const { options, scheduler } = this.#context
    const whole = timeout ?? options.timeout ?? 30_000
    const idle = idleTimeout ?? options.idleTimeout ?? 10_000
    return {
      timeout: whole,
      idleTimeout: idle,
      scheduler,
      body: ({ status, headers }) => {
        const decoder = decoderFor(status)
        // With a length it is no open connection, and only silence may show that it was cut off.
        const isOpen =
          decoder?.openEnded && idleTimeout === undefined && header(headers, 'content-length') === undefined
        return { whole: decoder?.streaming ? Infinity : whole, idle: isOpen ? Infinity : idle }
      },
    }
  }

  #retryOf(method: string, { retry }: CallOptions): RetryPolicy | undefined {
    if (retry === undefined) return isUnsafe(method) ? undefined : this.#retry
    if (retry === false) return undefined
    if (retry === true) return this.#retry ?? new RetryPolicy({}, this.#context.options.random)
    return new RetryPolicy(retry, this.#context.options.random)
  }
}

const noOptions: CallOptions = {}

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
  checkRetry('client', options.retry)
  // Not what it was: that may be a key.
  if (typeof options.auth !== 'function') {
    throw new TypeError('client: auth must be what accessToken(…), clientCredentials(…) or apiKeyAuth(…) gives')
  }
  const core = new CoreClient(options)
  return {
    run: (endpoint, params, call = noOptions) => core.run(endpoint, params, call, (value) => value),
    runWithResponse: (endpoint, params, call = noOptions) =>
      core.run(endpoint, params, call, (value, { status, headers }) => ({ status, headers, value })),
  }
}
