import { asyncScheduler, Observable } from 'rxjs'
import type { TextResponse } from './auth.ts'
import { BackpressuredObservable } from './backpressure.ts'
import { whole } from './body-decoder.ts'
import { buildRequest, type Endpoint } from './endpoint.ts'
import { type Call, type ClientContext, exchange } from './exchange.ts'
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
import { type RetryPolicy, retryPolicy } from './retry.ts'
import { type Head, type Headers, type HttpRequest, isUnsafe } from './transport.ts'

/** A value with the status and the headers that it came with. */
export interface ApiResponse<A> extends Head {
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

const asText = /* @__PURE__ */ whole((body) => body)

/** How a call is retried: as it says itself, else as its client says, and what may not arrive twice (G6) not at all. */
function retryOf(method: string, call: CallOptions, client: ClientOptions): RetryPolicy | undefined {
  const { retry: own = true, random } = client
  const wanted = call.retry ?? (!isUnsafe(method) && own)
  const options = wanted === true ? own : wanted
  return wanted ? retryPolicy(typeof options === 'object' ? options : {}, random) : undefined
}

/** Sends a request as it is and gives the whole response as text: what an Auth fetches tokens with. */
function textCall(shared: Omit<ClientContext, 'authorizer'>, request: HttpRequest): Call<string, TextResponse> {
  const { method, url } = request
  const { origin, pathname: path } = new URL(url)
  return {
    context: { ...shared, maxBodyBytes: maxErrorBytes, authorizer: { headers: () => [], secrets: () => [] } },
    ...{ description: { method, path, origin }, request, options: {}, retry: undefined },
    decoderFor: () => asText,
    project: (body, { status, headers }) => ({ status, headers, body }),
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
  checkOptions('client', options, clientTable, 'baseUrl and auth')
  // Not what it was: that may be a key.
  if (typeof options.auth !== 'function') {
    throw new TypeError('client: auth must be accessToken(…) or clientCredentials(…) or apiKeyAuth(…)')
  }
  const { scheduler = asyncScheduler, maxBodyBytes = 2 ** 26, maxLineLength = 2 ** 20, allowHttp } = options
  const { timeout = 30_000, idleTimeout = 10_000, transport = fetchTransport(options.fetch) } = options
  const base = baseUrl('baseUrl', options.baseUrl, allowHttp)
  const loginUrl = baseUrl('loginUrl', options.loginUrl ?? base, allowHttp)
  const shared = { options, transport, scheduler, timeout, idleTimeout, maxBodyBytes, maxLineLength }
  const send = (request: HttpRequest): Observable<TextResponse> => exchange(textCall(shared, request))
  const context: ClientContext = { ...shared, authorizer: options.auth({ loginUrl, scheduler, send }) }
  const { origin } = new URL(base)
  const prefix = base.slice(origin.length)
  const ownHeaders = Object.entries(options.headers ?? {}).map(([name, text]) => [name.toLowerCase(), text] as const)

  function run<P extends object, A, B>(
    endpoint: Endpoint<P, A>,
    params: P,
    call: CallOptions = {},
    project: Call<A, B>['project'],
  ): Observable<B> {
    const { method, name, responses, permission, contentType = 'application/octet-stream' } = endpoint
    const { lookup = 'find out' } = endpoint
    const unanswered = isUnsafe(method) ? `it may have arrived: ${lookup} before you send it again` : undefined
    checkOptions(name, call, callTable)
    const { path, query, body } = buildRequest(endpoint, params)
    const isStream = responses[200]?.streaming === true
    // A service that checks Accept must not refuse: the content types of streams are seldom documented.
    const { accept = isStream ? 'application/json, */*;q=0.5' : 'application/json' } = endpoint
    const headers: Array<Headers[number]> = [['accept', accept]]
    if (body !== undefined) headers.push(['content-type', typeof body === 'string' ? 'application/json' : contentType])
    // node-fetch takes half of a compressed body for all of it. Of what is read as a whole that is no JSON; but half a log is a log.
    if (isStream) headers.push(['accept-encoding', 'identity'])
    headers.push(...ownHeaders)
    const prepared: Call<A, B> = {
      ...{ context, project, permission, unanswered, retry: retryOf(method, call, options) },
      options: { ...call, timeout: call.timeout ?? timeout + (endpoint.extraTime?.(params) ?? 0) },
      description: { method, path: prefix + path, origin },
      request: { method, url: base + path + query, headers, body },
      decoderFor: (status) => responses[status] ?? (status >= 200 && status < 300 ? responses[200] : undefined),
    }
    return isStream ? new BackpressuredObservable((demand) => exchange(prepared, demand)) : exchange(prepared)
  }
  return {
    run: (endpoint, params, call) => run(endpoint, params, call, (value) => value),
    runWithResponse: (endpoint, params, call) =>
      run(endpoint, params, call, (value, { status, headers }) => ({ status, headers, value })),
  }
}
