import { isObservable, Observable, type Observer, type SchedulerLike, type Subscriber, Subscription } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { type Demand, subscribeInto } from './backpressure.ts'
import { type BodyDecoder, type BodyDecoding, type DecoderLimits, textBody } from './body-decoder.ts'
import { isRequestError, type RequestDescription, type RequestError, RequestTimeoutError } from './errors.ts'
import { decodeError, type Failed, httpError, maxErrorBytes, networkError } from './failure.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { redactFor } from './redact.ts'
import { clampTimer, type RetryPolicy } from './retry.ts'
import { Watchdog } from './timeouts.ts'
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
export interface ClientContext extends DecoderLimits {
  readonly options: ClientOptions
  /** Milliseconds, where the call has none of its own. */
  readonly timeout: number
  readonly idleTimeout: number
  readonly transport: Transport
  readonly authorizer: Authorizer
  readonly scheduler: SchedulerLike
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

// So much more of an error body is read than is kept, so that no secret is cut in two before it is taken out.
const overlap = 8_192

/** One subscription to a call: its attempts, one after the other, until there is a response or a final error. */
export class Exchange<A, B> implements Observer<Head | Chunk>, Failed {
  readonly call: Call<A, B>
  readonly #subscriber: Subscriber<B>
  readonly #demand: Demand | undefined
  #failures = 0
  #isRenewed = false
  // Of the current attempt:
  #attempt = Subscription.EMPTY
  #auth: Headers = []
  #watchdog: Watchdog | undefined
  head: Head | undefined
  #decoding: BodyDecoding<A> | undefined
  #promised = 0
  #received = 0

  constructor(call: Call<A, B>, subscriber: Subscriber<B>, demand?: Demand) {
    this.call = call
    this.#subscriber = subscriber
    this.#demand = demand
  }

  /** Takes the secrets of the request out of a text. */
  readonly clean = (text: string): string =>
    redactFor(this.call.context.authorizer, this.#auth, this.call.request.headers, text)

  run(): void {
    const { signal } = this.call.options
    const abort = (): void => this.#subscriber.error(networkError(this, signal?.reason))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)
    if (signal) this.#subscriber.add(() => signal.removeEventListener('abort', abort))
    this.#authorize()
  }

  #authorize(): void {
    this.#attempt = new Subscription()
    this.#subscriber.add(this.#attempt)
    const fail = (thrown: unknown): void => this.#fail(thrown, 'auth failed: ')
    try {
      const auth = this.call.context.authorizer.headers()
      if (!isObservable(auth)) return this.#send(auth)
      const first = new Subscription()
      this.#attempt.add(first)
      const next = (headers: Headers): void => {
        // Headers that change later are for later requests.
        first.unsubscribe()
        this.#send(headers)
      }
      subscribeInto(first, auth, { next, error: fail, complete: () => fail('it gave no headers') })
    } catch (thrown) {
      fail(thrown)
    }
  }

  #send(auth: Headers): void {
    const { context, request, options } = this.call
    const { timeout = context.timeout, idleTimeout = context.idleTimeout } = options
    this.#auth = auth
    this.head = this.#decoding = undefined
    this.#promised = this.#received = 0
    const watchdog = new Watchdog(context.scheduler, timeout, idleTimeout, (after, waitingFor) => {
      // node-fetch neither ends nor fails when a body with a Content-Length is cut off: that shows by the silence.
      const cut = this.#cutOff('stopped')
      this.#fail(cut ?? new RequestTimeoutError({ ...this.call.description, after, waitingFor }))
    })
    this.#watchdog = watchdog
    this.#attempt.add(() => watchdog.stop())
    const sent = { ...request, headers: [...request.headers, ...auth], demand: this.#demand }
    // An Observable of its own makes an error of what the transport throws.
    new Observable<Head | Chunk>((inner) => {
      this.#attempt.add(inner)
      return context.transport(sent).subscribe(inner)
    }).subscribe(this)
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
    this.#fail(thrown)
  }

  /** The response ended. */
  complete(): void {
    const cut = this.head ? this.#cutOff('ended') : 'the connection closed without a response'
    if (cut !== undefined) this.#fail(cut)
    else if (this.#take(() => this.#decoding?.end())) this.#subscriber.complete()
  }

  #open(head: Head): ReadonlyArray<A> | undefined {
    const { context, decoderFor, options } = this.call
    const { timeout = context.timeout, idleTimeout = context.idleTimeout } = options
    this.head = head
    this.#promised = promisedLength(head)
    const decoder = decoderFor(head.status)
    // With a length it is no open connection, and only silence may show that it was cut off.
    const mayBeSilent = decoder?.openEnded && !options.idleTimeout && !header(head.headers, 'content-length')
    const idle = mayBeSilent ? Infinity : idleTimeout
    this.#watchdog?.limit(decoder?.streaming ? Infinity : timeout, idle)
    if (decoder?.streaming) {
      // What was handed out cannot be taken back: from here on nothing is repeated.
      this.#failures = Infinity
      // While the consumer wants no more of the body, silence is of our own making and no clock runs.
      const next = (isWanted: boolean): void => this.#watchdog?.limit(Infinity, isWanted ? idle : Infinity)
      if (this.#demand) subscribeInto(this.#attempt, this.#demand, { next })
    }
    this.#decoding = decoder?.start(head, context) ?? this.#errorBody(head)
    return this.#decoding.first
  }

  #errorBody(head: Head): BodyDecoding<never> {
    return textBody(maxErrorBytes + overlap, (body) => {
      throw httpError(this, head, body, this.call.context.scheduler.now())
    })
  }

  /** Emits what a step of the decoder gives; false where it failed. */
  #take(step: () => ReadonlyArray<A> | undefined): boolean {
    try {
      const values = step()
      const { head, call } = this
      if (head && values) for (const value of values) this.#subscriber.next(call.project(value, head))
      return true
    } catch (thrown) {
      this.#fail(isRequestError(thrown) ? thrown : decodeError(this, thrown))
      return false
    }
  }

  /** Sends again with new authorization, waits and retries, or ends in the error. */
  #fail(thrown: unknown, prefix?: string): void {
    this.#attempt.unsubscribe()
    let error = isRequestError(thrown) ? thrown : networkError(this, thrown, prefix)
    try {
      if (this.#mayRenew(error)) {
        this.#isRenewed = true
        return this.#authorize()
      }
    } catch (fault) {
      error = networkError(this, fault, 'auth failed: ')
    }
    const wait = this.#subscriber.closed ? undefined : this.call.retry?.nextWait(error, ++this.#failures)
    if (wait === undefined) return this.#subscriber.error(error)
    this.#isRenewed = false
    this.#subscriber.add(this.call.context.scheduler.schedule(() => this.#authorize(), clampTimer(wait)))
  }

  /** Tells the authorizer of a 401; true where the request may be sent again: once, and never what may not arrive twice (G6). */
  #mayRenew(error: RequestError): boolean {
    if (error._tag !== 'HttpError' || error.status !== 401) return false
    const hasNew = this.call.context.authorizer.onUnauthorized?.(this.#auth) === true
    return hasNew && !this.#isRenewed && !isUnsafe(this.call.request.method)
  }

  #cutOff(how: string): string | undefined {
    if (this.#received >= this.#promised) return undefined
    return `the body ${how} after ${this.#received} of ${this.#promised} bytes`
  }
}
