import { isObservable, Observable, type Observer, type Subscriber, Subscription } from 'rxjs'
import type { Authorizer } from './auth.ts'
import { type Demand, subscribeInto } from './backpressure.ts'
import type { BodyDecoder, BodyDecoding } from './body-decoder.ts'
import { nameOf, type RequestError, RequestTimeoutError, withObservedResponses } from './errors.ts'
import { type DescribedCall, decodeError, errorBody, type Failed, networkError } from './failure.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { redactFor } from './redact.ts'
import type { RetryPolicy } from './retry.ts'
import { elapsed, watchdog } from './timeouts.ts'
import { type Chunk, type Head, type Headers, type HttpRequest, header, isUnsafe, promisedLength } from './transport.ts'

type Settings = 'transport' | 'scheduler' | 'timeout' | 'idleTimeout' | 'maxBodyBytes' | 'maxLineLength'

/** What all calls of a client have in common. */
export interface ClientContext extends Required<Pick<ClientOptions, Settings>> {
  readonly options: ClientOptions
  readonly authorizer: Authorizer
}

/** One call: the same for each subscription and each attempt. */
export interface Call<A, B> extends DescribedCall {
  readonly context: ClientContext
  /** Without authorization. */
  readonly request: HttpRequest
  /** Undefined for a status that is a failure. */
  readonly decoderFor: (status: number) => BodyDecoder<A> | undefined
  readonly project: (value: A, head: Head) => B
  /** Undefined where nothing is retried. */
  readonly retry: RetryPolicy | undefined
  readonly options: CallOptions
}

const failedCall = <A, B>(call: Call<A, B>, auth: Headers = [], head?: Head): Failed => ({
  call,
  head,
  clean: (text) => redactFor(call.context.authorizer, auth, call.request.headers, text),
})

/** One subscription to a call: makes attempts, one after the other, until there is a response or a final error. */
class Exchange<A, B> implements Observer<Head | Chunk> {
  readonly #call: Call<A, B>
  readonly #demand: Demand | undefined
  readonly #subscriber: Subscriber<B>
  #failures = 0
  #isRenewed = false
  #observed: Record<string, number> | undefined
  readonly #age: () => number

  // Of the attempt that is under way.
  #attempt = new Subscription()
  #auth: Headers = []
  #heard: ReturnType<typeof watchdog> = () => undefined
  #head: Head | undefined
  #decoding: BodyDecoding<A> | undefined
  #promised = 0
  #received = 0

  constructor(call: Call<A, B>, demand: Demand | undefined, subscriber: Subscriber<B>) {
    this.#call = call
    this.#demand = demand
    this.#subscriber = subscriber
    this.#age = elapsed(call.context.scheduler)
  }

  begin(): void {
    this.#head = this.#decoding = undefined
    this.#promised = this.#received = 0
    this.#attempt = new Subscription()
    this.#subscriber.add(this.#attempt)
    try {
      const auth = this.#call.context.authorizer.headers()
      if (!isObservable(auth)) return this.#send(auth)
      const asking = new Subscription()
      this.#attempt.add(asking)
      subscribeInto(asking, auth, {
        next: (headers) => {
          // Headers that change later are for later requests.
          asking.unsubscribe()
          this.#send(headers)
        },
        error: (thrown) => this.#fail(this.#authFailed(thrown)),
        complete: () => this.#fail(this.#authFailed('it gave no headers')),
      })
    } catch (thrown) {
      this.#fail(this.#authFailed(thrown))
    }
  }

  #send(auth: Headers): void {
    const { context, request, description, unanswered, options } = this.#call
    const { timeout = context.timeout, idleTimeout = context.idleTimeout } = options
    if (this.#subscriber.closed) return
    this.#auth = auth
    this.#heard = watchdog(context.scheduler, this.#attempt, timeout, idleTimeout, (after, waitingFor) => {
      // node-fetch neither ends nor fails when a body with a Content-Length is cut off: that shows by the silence.
      const cut = this.#cutOff('stopped')
      this.error(cut ?? new RequestTimeoutError({ ...description, advice: unanswered, after, waitingFor }))
    })
    const sent = { ...request, headers: [...request.headers, ...auth], demand: this.#demand }
    subscribeInto(this.#attempt, () => context.transport(sent), this)
  }

  next(part: Head | Chunk): void {
    this.#take(() => {
      if (!('bytes' in part)) return this.#open(part)
      this.#heard()
      this.#received += part.bytes.length
      return this.#decoding?.push(part.bytes)
    })
  }

  error(thrown: unknown): void {
    this.#fail(networkError(this.#failed(), thrown))
  }

  complete(): void {
    const cut = this.#head ? this.#cutOff('ended') : 'the connection closed without a response'
    if (cut !== undefined) return this.error(cut)
    if (this.#take(() => this.#decoding?.end())) this.#subscriber.complete()
  }

  #open(head: Head): ReadonlyArray<A> | undefined {
    const { context, decoderFor, options } = this.#call
    const { timeout = context.timeout, idleTimeout = context.idleTimeout } = options
    this.#head = head
    this.#promised = promisedLength(head)
    const decoder = decoderFor(head.status)
    // With a length it is no open connection, and only silence may show that it was cut off.
    const mayBeSilent = decoder?.openEnded && !options.idleTimeout && !header(head.headers, 'content-length')
    const idle = mayBeSilent ? Infinity : idleTimeout
    const whole = decoder?.streaming ? Infinity : timeout
    this.#heard(whole, idle)
    // While the consumer wants no more of the body, silence is of our own making and no clock runs.
    const next = (isWanted: boolean): void => this.#heard(whole, isWanted ? idle : Infinity)
    if (this.#demand && decoder?.streaming) subscribeInto(this.#attempt, this.#demand, { next })
    this.#decoding = decoder?.start(head, context) ?? errorBody(this.#failed(), head, context.scheduler)
    return this.#decoding.first
  }

  /** Emits what a step of the decoder gives; true where it does not fail. */
  #take(step: () => ReadonlyArray<A> | undefined): boolean {
    try {
      const values = step()
      for (const value of values ?? []) this.#emit(value)
      return true
    } catch (thrown) {
      this.#fail(decodeError(this.#failed(), thrown))
      return false
    }
  }

  /** What was handed out cannot be taken back: from here on nothing is repeated. */
  #emit(value: A): void {
    if (this.#head === undefined) return
    const projected = this.#call.project(value, this.#head)
    this.#failures = Infinity
    this.#subscriber.next(projected)
  }

  #cutOff(how: string): string | undefined {
    if (this.#received >= this.#promised) return undefined
    return `the body ${how} after ${this.#received} of ${this.#promised} bytes`
  }

  /** Sends again with new authorization, waits and retries, or ends in the error. */
  #fail(error: RequestError): void {
    const { context, request, retry } = this.#call
    let last = error
    this.#attempt.unsubscribe()
    if (this.#subscriber.closed) return
    try {
      const isRefused = error._tag === 'HttpError' && error.status === 401
      if (isRefused && context.authorizer.onUnauthorized?.(this.#auth) && !this.#isRenewed) {
        this.#isRenewed = true
        if (!isUnsafe(request.method)) return this.begin()
      }
    } catch (thrown) {
      last = this.#authFailed(thrown)
    }
    try {
      const wait = retry?.(last, ++this.#failures)
      if (wait !== undefined) return this.#again(last, wait)
      const observed = this.#observed
      this.#subscriber.error(observed ? withObservedResponses(last, observed, { elapsed: this.#age() }) : last)
    } catch (thrown) {
      this.#subscriber.error(thrown)
    }
  }

  #again(error: RequestError, wait: number): void {
    const { scheduler } = this.#call.context
    const times = this.#observed?.[nameOf(error)] ?? 0
    this.#observed = { ...this.#observed, [nameOf(error)]: times + 1 }
    this.#isRenewed = false
    this.#subscriber.add(scheduler.schedule(() => this.begin(), wait))
  }

  #failed(): Failed {
    return failedCall(this.#call, this.#auth, this.#head)
  }

  #authFailed(thrown: unknown): RequestError {
    return networkError(failedCall(this.#call, this.#auth), thrown, 'auth failed: ')
  }
}

/** A call as an Observable: each subscription is one request, with its retries. */
export const exchange = <A, B>(call: Call<A, B>, demand?: Demand): Observable<B> =>
  new Observable((subscriber) => {
    const { signal } = call.options
    const abort = (): void => subscriber.error(networkError(failedCall(call), signal?.reason))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)
    new Exchange(call, demand, subscriber).begin()
    return () => signal?.removeEventListener('abort', abort)
  })
