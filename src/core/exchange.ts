import { isObservable, Observable, type SchedulerLike, type Subscriber, Subscription, take } from 'rxjs'
import type { Authorizer, TextResponse } from './auth.ts'
import { type Demand, subscribeInto } from './backpressure.ts'
import { type BodyDecoder, type BodyDecoding, BoundedBuffer, type DecoderLimits } from './body-decoder.ts'
import {
  causeOf,
  HttpError,
  isRequestError,
  NetworkError,
  type RequestDescription,
  type RequestError,
} from './errors.ts'
import { decodeError, type FailureContext, httpError, maxErrorBytes } from './failure.ts'
import type { AbortSignalLike, ClientOptions } from './options.ts'
import { credentials, redact, redactor } from './redact.ts'
import { clampTimer, type RetryPolicy } from './retry.ts'
import { readWithTimeouts, type Timeouts } from './timeouts.ts'
import type { Chunk, Head, Headers, HttpRequest, Transport } from './transport.ts'

/** What all exchanges of a client have in common. */
export interface ClientContext {
  readonly options: ClientOptions
  readonly transport: Transport
  readonly authorizer: Authorizer
  readonly scheduler: SchedulerLike
  readonly limits: DecoderLimits
}

/** What one call asks for, the same for each subscription and each attempt. */
export interface Call<A, B> {
  readonly description: RequestDescription
  /** Without authorization. */
  readonly request: HttpRequest
  readonly decoderFor: (status: number) => BodyDecoder<A> | undefined
  readonly timeouts: Timeouts
  /** Undefined where nothing is retried. */
  readonly retry: RetryPolicy | undefined
  readonly signal: AbortSignalLike | undefined
  readonly project: (value: A, head: Head) => B
}

/** Methods that are not sent twice unless the caller says that they may be (G6). */
export const isUnsafe = (method: string): boolean => method === 'POST' || method === 'PATCH'

/** One subscription to a call: its attempts, one after the other, until there is a response or a final error. */
export class Exchange<A, B> {
  readonly #context: ClientContext
  readonly #call: Call<A, B>
  readonly #demand: Demand | undefined
  readonly #subscriber: Subscriber<B>
  #attempt = Subscription.EMPTY
  #failures = 0
  #isRenewed = false
  #auth: Headers = []
  #head: Head | undefined
  #decoding: BodyDecoding<A> | undefined
  #errorBody: BoundedBuffer | undefined
  /** Values were handed out: nothing can be repeated. */
  #isBegun = false

  constructor(context: ClientContext, call: Call<A, B>, demand: Demand | undefined, subscriber: Subscriber<B>) {
    this.#context = context
    this.#call = call
    this.#demand = demand
    this.#subscriber = subscriber
  }

  run(): void {
    const { signal, description } = this.#call
    if (signal) {
      const abort = (): void => this.#subscriber.error(new NetworkError({ ...description, cause: signal.reason }))
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort)
      this.#subscriber.add(() => signal.removeEventListener('abort', abort))
    }
    this.#authorize()
  }

  #authorize(): void {
    let auth: Headers | Observable<Headers>
    try {
      auth = this.#context.authorizer.headers()
    } catch (thrown) {
      return this.#authFailed(thrown)
    }
    if (!isObservable(auth)) return this.#send(auth)
    let headers: Headers | undefined
    // Headers that change later are for later requests.
    subscribeInto(this.#subscriber, auth.pipe(take(1)), {
      next: (first) => (headers = first),
      error: (thrown: unknown) => this.#authFailed(thrown),
      complete: () => (headers ? this.#send(headers) : this.#authFailed('it gave no headers')),
    })
  }

  #authFailed(thrown: unknown): void {
    if (isRequestError(thrown)) return this.#fail(thrown)
    const { name, message } = causeOf(thrown)
    const cause = { name, message: this.#clean(`auth failed: ${message}`) }
    this.#fail(new NetworkError({ ...this.#call.description, cause }))
  }

  #send(auth: Headers): void {
    this.#auth = auth
    this.#head = this.#decoding = this.#errorBody = undefined
    const { request, description, timeouts } = this.#call
    const headers = [...request.headers, ...auth]
    const sent = this.#demand ? { ...request, headers, demand: this.#demand } : { ...request, headers }
    this.#attempt = new Subscription()
    this.#subscriber.add(this.#attempt)
    const response = readWithTimeouts(this.#context.transport, sent, description, timeouts, this.#clean)
    subscribeInto(this.#attempt, response, {
      next: (part) => this.#take(part),
      error: (error: RequestError) => this.#fail(error),
      complete: () => this.#end(),
    })
  }

  #take(part: Head | Chunk): void {
    try {
      if (!('bytes' in part)) this.#open(part)
      else if (this.#decoding) this.#emit(this.#decoding.push(part.bytes))
      else if (this.#errorBody?.push(part.bytes) === false) this.#fail(this.#httpError())
    } catch (thrown) {
      this.#decodeFailed(thrown)
    }
  }

  #open(head: Head): void {
    this.#head = head
    const decoder = this.#call.decoderFor(head.status)
    if (!decoder) {
      this.#errorBody = new BoundedBuffer(maxErrorBytes)
      return
    }
    this.#isBegun ||= decoder.streaming
    this.#decoding = decoder.start(head, this.#context.limits)
    if (this.#decoding.first) this.#emit(this.#decoding.first)
  }

  #end(): void {
    try {
      if (!this.#decoding) return this.#fail(this.#httpError())
      this.#emit(this.#decoding.end())
      this.#subscriber.complete()
    } catch (thrown) {
      this.#decodeFailed(thrown)
    }
  }

  #emit(values: ReadonlyArray<A>): void {
    const head = this.#head
    if (head) for (const value of values) this.#subscriber.next(this.#call.project(value, head))
  }

  /** Sends again with new authorization, waits and retries, or ends in the error. */
  #fail(error: RequestError): void {
    this.#attempt.unsubscribe()
    try {
      if (this.#mayRenew(error)) {
        this.#isRenewed = true
        return this.#authorize()
      }
    } catch (thrown) {
      const { name, message } = causeOf(thrown)
      const cause = { name, message: this.#clean(`auth failed: ${message}`) }
      return this.#subscriber.error(new NetworkError({ ...this.#call.description, cause }))
    }
    const wait = this.#isBegun ? undefined : this.#call.retry?.nextWait(error, ++this.#failures)
    if (wait === undefined) return this.#subscriber.error(error)
    this.#isRenewed = false
    this.#subscriber.add(this.#context.scheduler.schedule(() => this.#authorize(), clampTimer(wait)))
  }

  /** Tells the authorizer of a 401; true where the request may be sent again: once, and never twice what may not be (G6). */
  #mayRenew(error: RequestError): boolean {
    if (error._tag !== 'HttpError' || error.status !== 401) return false
    const hasNew = this.#context.authorizer.onUnauthorized?.(this.#auth) === true
    return hasNew && !this.#isRenewed && !isUnsafe(this.#call.request.method)
  }

  #decodeFailed(thrown: unknown): void {
    this.#subscriber.error(decodeError(this.#failureContext(), this.#head, thrown))
  }

  #httpError(): HttpError {
    const { scheduler } = this.#context
    const head = this.#head ?? { status: 0, headers: [] }
    return httpError(this.#failureContext(), head, this.#errorBody?.text() ?? '', scheduler.now())
  }

  #failureContext(): FailureContext {
    return { options: this.#context.options, clean: this.#clean, request: this.#call.description }
  }

  #clean = (text: string): string => redactor(this.#context.authorizer, this.#auth)(text)
}

/** Sends a request as it is and gives the whole response as text, up to 64 KiB: what an Auth fetches tokens with. */
export const sendText = (transport: Transport, timeouts: Timeouts, request: HttpRequest): Observable<TextResponse> =>
  new Observable((subscriber) => {
    const secrets = credentials(request.headers.filter(([name]) => name.toLowerCase() === 'authorization'))
    const { origin, pathname: path } = new URL(request.url)
    const body = new BoundedBuffer(maxErrorBytes)
    let head: Head | undefined
    const finish = (): void => {
      if (head) subscriber.next({ ...head, body: body.text() })
      subscriber.complete()
    }
    const description = { method: request.method, path, origin }
    const clean = (text: string): string => redact(text, secrets)
    subscribeInto(subscriber, readWithTimeouts(transport, request, description, timeouts, clean), {
      next: (part) => {
        if (!('bytes' in part)) head = part
        else if (!body.push(part.bytes)) finish()
      },
      error: (error: unknown) => subscriber.error(error),
      complete: finish,
    })
  })
