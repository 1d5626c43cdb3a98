import { asyncScheduler, defer, type Observable } from 'rxjs'
import type { Told } from './answer-sink.ts'
import { authorized, unsafe } from './authorized.ts'
import { baseUrl } from './base-url.ts'
import { checkClientOptions, checkLimits } from './check-limits.ts'
import type { CallOptions, ClientOptions } from './client-options.ts'
import { type Endpoint, fill } from './endpoint.ts'
import { exchange, type Wire } from './exchange.ts'
import { fetchTransport } from './fetch-transport.ts'
import { Paced, type Ready } from './paced.ts'
import { type RetryOptions, retryTransient } from './retry.ts'
import { sendText } from './send-text.ts'
import type { Headers } from './transport.ts'

/** A value with the status and the headers that it came with. */
export interface Answer<A> {
  readonly status: number
  readonly headers: Headers
  readonly value: A
}

/**
 * Runs endpoints against one service.
 *
 * Both methods throw a TypeError at once for parameters that can never work, and otherwise return a cold Observable:
 * each subscription is one request (with its retries), unsubscribing aborts it. Errors are ApiErrors. No key is visible
 * in an inspected or serialised client.
 */
export interface Client {
  /** One value for a whole answer, one for each element of a streamed one; then it completes. */
  readonly run: <P extends object, A>(endpoint: Endpoint<P, A>, params: P, options?: CallOptions) => Observable<A>
  /** The same with status and headers beside each value. */
  readonly exchange: <P extends object, A>(
    endpoint: Endpoint<P, A>,
    params: P,
    options?: CallOptions,
  ) => Observable<Answer<A>>
}

const noOptions: CallOptions = {}

/** How a call is repeated: what the call says, else what the client says; law 6 for what may not arrive twice. */
function repetition(method: string, call: CallOptions, options: ClientOptions): RetryOptions | undefined {
  const own = options.retry ?? true
  const chosen = call.retry ?? (unsafe.has(method) ? false : own)
  if (chosen === false) return undefined
  return chosen === true ? (typeof own === 'object' ? own : {}) : chosen
}

/**
 * A client for one service.
 *
 * Nothing is sent until an Observable of it is subscribed to. It holds no timer and no connection of its own; tokens
 * that it fetched live in it and go with it.
 *
 * @throws TypeError for an address, a limit or an auth that cannot be right
 *
 * @example
 * ```ts
 * import { accessToken } from 'rxjobs/genesys'
 * import { client } from 'rxjobs'
 *
 * const runs = client({ baseUrl: 'https://ci.example.com/api', auth: accessToken('a-token') })
 * ```
 */
export function client(options: ClientOptions): Client {
  checkClientOptions(options)
  const {
    scheduler = asyncScheduler,
    maxBodyBytes = 2 ** 26,
    maxLineBytes = 2 ** 20,
    timeout = 30_000,
    idleTimeout = 10_000,
  } = options
  const transport = options.transport ?? fetchTransport(options.fetch)
  const base = baseUrl('baseUrl', options.baseUrl, options.allowHttp)
  const loginUrl = options.loginUrl === undefined ? base : baseUrl('loginUrl', options.loginUrl, options.allowHttp)
  const limits = { timeout, idleTimeout, scheduler, maxBodyBytes, maxLineBytes }
  const authorizer = options.auth({ loginUrl, scheduler, send: sendText(transport, limits) })
  const { origin } = new URL(base)
  const wire: Wire = { options, transport, base, origin, authorizer, limits }

  function answers<P extends object, A, B>(
    endpoint: Endpoint<P, A>,
    params: P,
    told: Told<A, B>,
    call: CallOptions = noOptions,
  ): Observable<B> {
    if (call !== noOptions) checkLimits(call)
    const filled = fill(endpoint, params)
    const asked = { method: filled.method, path: filled.path, origin }
    const retry = repetition(endpoint.method, call, options)
    const once = (ready: Ready): Observable<B> =>
      defer(() => {
        let begun = false
        const attempt = authorized(authorizer, asked, (auth) =>
          exchange(wire, endpoint, filled, call, auth, ready, told, () => (begun = true)),
        )
        return retry === undefined ? attempt : attempt.pipe(retryTransient(retry, scheduler, () => !begun))
      })
    return new Paced(once)
  }

  return {
    exchange: (endpoint, params, call) => answers(endpoint, params, (head, value) => ({ ...head, value }), call),
    run: (endpoint, params, call) => answers(endpoint, params, (_, value) => value, call),
  }
}
