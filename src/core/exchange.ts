import { isObservable, Observable, Subscription } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { type Demand, subscribeInto } from './backpressure.ts'
import type { BodyDecoder, BodyDecoding } from './body-decoder.ts'
import { type RequestDescription, type RequestError, RequestTimeoutError } from './errors.ts'
import { decodeError, errorBody, type Failed, networkError } from './failure.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { redactFor } from './redact.ts'
import { clampTimer, type RetryPolicy } from './retry.ts'
import { watchdog } from './timeouts.ts'
import { type Head, type Headers, type HttpRequest, header, promisedLength } from './transport.ts'

type Settings = 'transport' | 'scheduler' | 'timeout' | 'idleTimeout' | 'maxBodyBytes' | 'maxLineLength'

/** What all calls of a client have in common. */
export interface ClientContext extends Required<Pick<ClientOptions, Settings>> {
  readonly options: ClientOptions
  readonly authorizer: Authorizer
}

/** One call: the same for each subscription and each attempt. */
export interface Call<A, B> {
  readonly context: ClientContext
  readonly description: RequestDescription
  readonly permission?: string | undefined
  /** Without authorization. */
  readonly request: HttpRequest
  /** Undefined for a status that is a failure. */
  readonly decoderFor: (status: number) => BodyDecoder<A> | undefined
  readonly project: (value: A, head: Head) => B
  /** Undefined where nothing is retried. */
  readonly retry: RetryPolicy | undefined
  readonly options: CallOptions
}

/** Methods that are not sent twice unless the caller says that they may be (G6). */
export const isUnsafe = (method: string): boolean => method === 'POST' || method === 'PATCH'

const failedCall = <A, B>(call: Call<A, B>, auth: Headers = [], head?: Head): Failed => ({
  call,
  head,
  clean: (text) => redactFor(call.context.authorizer, auth, call.request.headers, text),
})

/** Sends a call once, with that authorization: emits what comes of the response, or fails with a RequestError. */
function attempt<A, B>(call: Call<A, B>, auth: Headers, demand?: Demand): Observable<B> {
  const { context, request, description, decoderFor, project, options } = call
  const { timeout = context.timeout, idleTimeout = context.idleTimeout } = options
  return new Observable((subscriber) => {
    let head: Head | undefined
    let decoding: BodyDecoding<A> | undefined
    let promised = 0
    let received = 0
    const failed = (): Failed => failedCall(call, auth, head)
    const fail = (thrown: unknown): void => subscriber.error(networkError(failed(), thrown))
    const cutOff = (how: string): string | undefined =>
      received < promised ? `the body ${how} after ${received} of ${promised} bytes` : undefined
    const heard = watchdog(context.scheduler, subscriber, timeout, idleTimeout, (after, waitingFor) => {
      // node-fetch neither ends nor fails when a body with a Content-Length is cut off: that shows by the silence.
      fail(cutOff('stopped') ?? new RequestTimeoutError({ ...description, after, waitingFor }))
    })

    function open(found: Head): ReadonlyArray<A> | undefined {
      head = found
      promised = promisedLength(found)
      const decoder = decoderFor(found.status)
      // With a length it is no open connection, and only silence may show that it was cut off.
      const mayBeSilent = decoder?.openEnded && !options.idleTimeout && !header(found.headers, 'content-length')
      const idle = mayBeSilent ? Infinity : idleTimeout
      const whole = decoder?.streaming ? Infinity : timeout
      heard(whole, idle)
      // While the consumer wants no more of the body, silence is of our own making and no clock runs.
      const next = (isWanted: boolean): void => heard(whole, isWanted ? idle : Infinity)
      if (demand && decoder?.streaming) subscribeInto(subscriber, demand, { next })
      decoding = decoder?.start(found, context) ?? errorBody(failed(), found, context.scheduler)
      return decoding.first
    }
    /** Emits what a step of the decoder gives. */
    function take(step: () => ReadonlyArray<A> | undefined): void {
      try {
        const values = step()
        if (head && values) for (const value of values) subscriber.next(project(value, head))
      } catch (thrown) {
        subscriber.error(decodeError(failed(), thrown))
      }
    }
    const sent = { ...request, headers: [...request.headers, ...auth], demand }
    subscribeInto(subscriber, () => context.transport(sent), {
      next: (part) =>
        take(() => {
          if (!('bytes' in part)) return open(part)
          heard()
          received += part.bytes.length
          return decoding?.push(part.bytes)
        }),
      error: fail,
      complete: () => {
        const cut = head ? cutOff('ended') : 'the connection closed without a response'
        if (cut !== undefined) return fail(cut)
        take(() => decoding?.end())
        subscriber.complete()
      },
    })
  })
}

/** A call as an Observable: each subscription makes attempts, one after the other, until there is a response or a final error. */
export const exchange = <A, B>(call: Call<A, B>, demand?: Demand): Observable<B> =>
  new Observable((subscriber) => {
    const { context, request, retry, options } = call
    const { authorizer, scheduler } = context
    let failures = 0
    let isRenewed = false

    function begin(): void {
      try {
        const auth = authorizer.headers()
        if (!isObservable(auth)) return send(auth)
        const asking = new Subscription()
        subscriber.add(asking)
        subscribeInto(asking, auth, {
          next: (headers) => {
            // Headers that change later are for later requests.
            asking.unsubscribe()
            send(headers)
          },
          error: (thrown) => fail(authFailed(thrown)),
          complete: () => fail(authFailed('it gave no headers')),
        })
      } catch (thrown) {
        fail(authFailed(thrown))
      }
    }
    function send(auth: Headers): void {
      subscribeInto(subscriber, attempt(call, auth, demand), {
        next: (value) => {
          // What was handed out cannot be taken back: from here on nothing is repeated.
          failures = Infinity
          subscriber.next(value)
        },
        error: (error: RequestError) => fail(error, auth),
        complete: () => subscriber.complete(),
      })
    }
    const authFailed = (thrown: unknown, auth?: Headers): RequestError =>
      networkError(failedCall(call, auth), thrown, 'auth failed: ')

    /** Sends again with new authorization, waits and retries, or ends in the error. */
    function fail(error: RequestError, auth: Headers = []): void {
      let last = error
      try {
        if (error._tag === 'HttpError' && error.status === 401 && authorizer.onUnauthorized?.(auth) && !isRenewed) {
          isRenewed = true
          if (!isUnsafe(request.method)) return begin()
        }
      } catch (thrown) {
        last = authFailed(thrown, auth)
      }
      const wait = subscriber.closed ? undefined : retry?.(last, ++failures)
      if (wait === undefined) return subscriber.error(last)
      isRenewed = false
      subscriber.add(scheduler.schedule(begin, clampTimer(wait)))
    }

    const { signal } = options
    const abort = (): void => subscriber.error(networkError(failedCall(call), signal?.reason))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)
    begin()
    return () => signal?.removeEventListener('abort', abort)
  })
