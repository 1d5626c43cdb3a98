import { isObservable, type Observable, type Observer, type SchedulerLike, type Subscriber, Subscription } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { type Demand, subscribeInto } from './backpressure.ts'
import type { BodyDecoder, BodyDecoding, DecoderLimits } from './body-decoder.ts'
import {
  causeOf,
  isRequestError,
  NetworkError,
  type RequestDescription,
  type RequestError,
  RequestTimeoutError,
} from './errors.ts'
import { decodeError, errorBody, type FailureContext } from './failure.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { redactFor } from './redact.ts'
import { clampTimer, type RetryPolicy } from './retry.ts'
import { type TimeoutListener, Watchdog } from './timeouts.ts'
import {
  type Chunk,
  type Head,
  type Headers,
  type HttpRequest,
  header,
  promisedLength,
  type Transport,
} from './transport.ts'

/** What all calls of a client have in common. */
export interface ClientContext {
  readonly options: ClientOptions
  readonly transport: Transport
  readonly authorizer: Authorizer
  readonly scheduler: SchedulerLike
  readonly limits: DecoderLimits
  /** Milliseconds, where the call has none of its own. */
  readonly timeout: number
  readonly idleTimeout: number
}

/** One call: the same for each subscription and each attempt. */
export interface Call<A, B> {
  readonly context: ClientContext
  readonly description: RequestDescription
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

/** One subscription to a call: its attempts, one after the other, until there is a response or a final error. */
export class Exchange<A, B> implements Observer<Head | Chunk>, TimeoutListener, FailureContext {
  readonly options: ClientOptions
  readonly description: RequestDescription
  readonly #call: Call<A, B>
  readonly #context: ClientContext
  readonly #demand: Demand | undefined
  readonly #subscriber: Subscriber<B>
  readonly #timeout: number
  readonly #idleTimeout: number
  #failures = 0
  #isRenewed = false
  // Of the current attempt:
  #attempt = Subscription.EMPTY
  #watchdog: Watchdog | undefined
  #auth: Headers = []
  #head: Head | undefined
  #decoding: BodyDecoding<A> | undefined
  #promised = 0
  #received = 0

  constructor(call: Call<A, B>, demand: Demand | undefined, subscriber: Subscriber<B>) {
    this.options = call.context.options
    this.description = call.description
    this.#call = call
    this.#context = call.context
    this.#demand = demand
    this.#subscriber = subscriber
    this.#timeout = call.options.timeout ?? call.context.timeout
    this.#idleTimeout = call.options.idleTimeout ?? call.context.idleTimeout
  }

  run(): void {
    const { signal } = this.#call.options
    if (signal) {
      const abort = (): void => this.#subscriber.error(this.#networkError(signal.reason))
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort)
      this.#subscriber.add(() => signal.removeEventListener('abort', abort))
    }
    this.#authorize()
  }

  #authorize(): void {
    this.#attempt = new Subscription()
    this.#subscriber.add(this.#attempt)
    try {
      const auth = this.#context.authorizer.headers()
      if (!isObservable(auth)) return this.#send(auth)
      const first = new Subscription()
      this.#attempt.add(first)
      subscribeInto(first, auth, {
        next: (headers) => {
          // Headers that change later are for later requests.
          first.unsubscribe()
          this.#send(headers)
        },
        error: (thrown: unknown) => this.#fail(this.#foreignError(thrown, 'auth failed: ')),
        complete: () => this.#fail(this.#networkError('auth gave no headers')),
      })
    } catch (thrown) {
      this.#fail(this.#foreignError(thrown, 'auth failed: '))
    }
  }

  #send(auth: Headers): void {
    this.#auth = auth
    this.#head = this.#decoding = undefined
    this.#promised = this.#received = 0
    const { request } = this.#call
    const watchdog = new Watchdog(this.#context.scheduler, this.#timeout, this.#idleTimeout, this)
    this.#watchdog = watchdog
    this.#attempt.add(() => watchdog.stop())
    let response: Observable<Head | Chunk>
    try {
      response = this.#context.transport({ ...request, headers: [...request.headers, ...auth], demand: this.#demand })
    } catch (thrown) {
      return this.error(thrown)
    }
    subscribeInto(this.#attempt, response, this)
  }

  /** A part of the response came. */
  next(part: Head | Chunk): void {
    this.#take(() => {
      if (!('bytes' in part)) return this.#open(part)
      this.#watchdog?.heard()
      this.#received += part.bytes.length
      return this.#decoding?.push(part.bytes)
    })
  }

  /** The transport failed. */
  error(thrown: unknown): void {
    this.#fail(this.#foreignError(thrown))
  }

  /** The response ended. */
  complete(): void {
    const decoding = this.#decoding
    const short = decoding ? this.#cutOff('ended') : this.#networkError('the connection closed without a response')
    if (short) return this.#fail(short)
    if (this.#take(() => decoding?.end())) this.#subscriber.complete()
  }

  timedOut(after: number, waitingFor: 'response' | 'body'): void {
    // node-fetch neither ends nor fails when a body with a Content-Length is cut off: that shows by the silence.
    const short = this.#cutOff('stopped')
    this.#fail(short ?? new RequestTimeoutError({ ...this.description, after, waitingFor }))
  }

  /** Takes the secrets of the request out of a text. */
  clean(text: string): string {
    return redactFor(this.#context.authorizer, this.#auth, this.#call.request.headers, text)
  }

  #open(head: Head): ReadonlyArray<A> | undefined {
    const { decoderFor, options } = this.#call
    const { scheduler, limits } = this.#context
    const decoder = decoderFor(head.status) ?? errorBody(this, scheduler.now())
    this.#head = head
    this.#promised = promisedLength(head)
    // With a length it is no open connection, and only silence may show that it was cut off.
    const mayBeSilent = decoder.openEnded && !options.idleTimeout && !header(head.headers, 'content-length')
    this.#watchdog?.headed(decoder.streaming ? Infinity : this.#timeout, mayBeSilent ? Infinity : this.#idleTimeout)
    if (decoder.streaming) {
      // What was handed out cannot be taken back: from here on nothing is repeated.
      this.#failures = Infinity
      const observer = { next: (wanted: boolean) => this.#watchdog?.hold(!wanted) }
      if (this.#demand) subscribeInto(this.#attempt, this.#demand, observer)
    }
    this.#decoding = decoder.start(head, limits)
    return this.#decoding.first
  }

  /** Emits what a step of the decoder gives; false where it failed. */
  #take(step: () => ReadonlyArray<A> | undefined): boolean {
    try {
      const values = step()
      const head = this.#head
      if (head && values) for (const value of values) this.#subscriber.next(this.#call.project(value, head))
      return true
    } catch (thrown) {
      this.#fail(isRequestError(thrown) ? thrown : decodeError(this, this.#head, thrown))
      return false
    }
  }

  /** Sends again with new authorization, waits and retries, or ends in the error. */
  #fail(error: RequestError): void {
    const { retry } = this.#call
    this.#attempt.unsubscribe()
    let last = error
    try {
      if (this.#mayRenew(error)) {
        this.#isRenewed = true
        return this.#authorize()
      }
    } catch (thrown) {
      last = this.#foreignError(thrown, 'auth failed: ')
    }
    const wait = this.#subscriber.closed ? undefined : retry?.nextWait(last, ++this.#failures)
    if (wait === undefined) return this.#subscriber.error(last)
    this.#isRenewed = false
    this.#subscriber.add(this.#context.scheduler.schedule(() => this.#authorize(), clampTimer(wait)))
  }

  /** Tells the authorizer of a 401; true where the request may be sent again: once, and never what may not arrive twice (G6). */
  #mayRenew(error: RequestError): boolean {
    if (error._tag !== 'HttpError' || error.status !== 401) return false
    const hasNew = this.#context.authorizer.onUnauthorized?.(this.#auth) === true
    return hasNew && !this.#isRenewed && !isUnsafe(this.#call.request.method)
  }

  #cutOff(how: string): NetworkError | undefined {
    if (this.#received >= this.#promised) return undefined
    return this.#networkError(`the body ${how} after ${this.#received} of ${this.#promised} bytes`)
  }

  #networkError(cause: unknown): NetworkError {
    return new NetworkError({ ...this.description, cause })
  }

  #foreignError(thrown: unknown, prefix = ''): RequestError {
    if (isRequestError(thrown)) return thrown
    const { name, message, code } = causeOf(thrown)
    // The platform's fetch hides a 407, on Node without a word.
    const hint = /proxy auth|^fetch failed: no reason/.test(message)
      ? ' (a proxy wants a login, or a web page answered)'
      : ''
    return this.#networkError({ name, message: this.clean(prefix + message + hint), code: code && this.clean(code) })
  }
}
