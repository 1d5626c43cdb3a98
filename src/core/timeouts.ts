import { Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs'
import { subscribeInto } from './backpressure.ts'
import {
  causeOf,
  isRequestError,
  NetworkError,
  type RequestDescription,
  type RequestError,
  RequestTimeoutError,
} from './errors.ts'
import { clampTimer } from './retry.ts'
import { type Chunk, type Head, type HttpRequest, header, type Transport } from './transport.ts'

/**
 * Milliseconds since now, by a clock that may be set meanwhile.
 *
 * rxjs's schedulers give the time of day. Set back, it would hold a timeout of seconds open for hours; here what passed between
 * two calls is nothing at worst. Set forward it counts, because that cannot be told from a machine that slept.
 */
export function elapsed(scheduler: SchedulerLike): () => number {
  let last = scheduler.now()
  let passed = 0
  return () => {
    const now = scheduler.now()
    passed += Math.max(0, now - last)
    last = now
    return passed
  }
}

/** How long the body of a response may take, in milliseconds. */
export interface BodyTimeouts {
  /** From the request until the whole response is there; Infinity for a stream. */
  readonly whole: number
  /** Between two pieces; Infinity where silence is no fault. */
  readonly idle: number
}

/** How long to wait for what, in milliseconds. */
export interface Timeouts {
  /** Until the head of the response is there. */
  readonly timeout: number
  /** The shortest silence of a body that may be a fault, as far as is known before the head. */
  readonly idleTimeout: number
  /** Depends on the head: a failure of an open connection is an ordinary response. */
  readonly body: (head: Head) => BodyTimeouts
  readonly scheduler: SchedulerLike
}

/** The length that the body must have, where the head says so and no compression changes it. */
function promisedLength({ status, headers }: Head): number | undefined {
  const length = header(headers, 'content-length')
  if (length === undefined || status === 204 || status === 304) return undefined
  return /^\d+$/.test(length) && header(headers, 'content-encoding') === undefined ? Number(length) : undefined
}

// A timer that fires so much too late, in milliseconds, shows that the process did not run. What arrived meanwhile is read first,
// for as long as this.
const lateness = 100
const grace = 1_000

class TimedRead {
  readonly #subscriber: Subscriber<Head | Chunk>
  readonly #description: RequestDescription
  readonly #scheduler: SchedulerLike
  readonly #bodyTimeouts: Timeouts['body']
  readonly #clean: (text: string) => string
  readonly #passed: () => number
  #limits: BodyTimeouts
  /** When the last piece came. */
  #heard = 0
  #headed = false
  #held = false
  #graced = false
  #promised: number | undefined
  #received = 0
  #timer: Subscription | undefined
  #due = Infinity

  constructor(
    subscriber: Subscriber<Head | Chunk>,
    description: RequestDescription,
    { timeout, idleTimeout, body, scheduler }: Timeouts,
    clean: (text: string) => string,
  ) {
    this.#subscriber = subscriber
    this.#description = description
    this.#scheduler = scheduler
    this.#bodyTimeouts = body
    this.#clean = clean
    this.#passed = elapsed(scheduler)
    this.#limits = { whole: timeout, idle: Infinity }
    // Early enough for the body, too, so that one timer does for most responses.
    this.#watch(idleTimeout)
    subscriber.add(() => this.#timer?.unsubscribe())
  }

  connect(transport: Transport, request: HttpRequest): void {
    const { demand } = request
    if (demand) subscribeInto(this.#subscriber, demand, { next: (wanted) => this.#hold(!wanted) })
    let source: Observable<Head | Chunk>
    try {
      source = transport(request)
    } catch (thrown) {
      this.#subscriber.error(this.#foreign(thrown))
      return
    }
    subscribeInto(this.#subscriber, source, {
      next: (part) => this.#take(part),
      error: (thrown: unknown) => this.#subscriber.error(this.#foreign(thrown)),
      complete: () => this.#complete(),
    })
  }

  #left(): number {
    return Math.min(this.#limits.whole, this.#heard + this.#limits.idle) - this.#passed()
  }

  /** Sees to it that the clock is looked at in time. A timer that is early enough stays: it looks how long is left. */
  #watch(latest = Infinity): void {
    const wait = this.#held && this.#headed ? Infinity : Math.min(this.#left(), latest)
    const due = this.#passed() + wait
    if (this.#due <= due && wait !== Infinity) return
    this.#timer?.unsubscribe()
    this.#due = due
    if (wait !== Infinity) this.#schedule(wait)
  }

  #schedule(wait: number): void {
    this.#timer = this.#scheduler.schedule(() => this.#check(), clampTimer(wait))
  }

  #check(): void {
    const left = this.#left()
    const late = this.#passed() - this.#due > lateness
    if (left > 0 || (late && !this.#graced)) {
      if (left <= 0) this.#graced = true
      const wait = left > 0 ? left : grace
      this.#due = this.#passed() + wait
      this.#schedule(wait)
    } else {
      this.#subscriber.error(this.#tooLong())
    }
  }

  /** While the consumer wants no more, silence is of our own making and no clock runs. */
  #hold(held: boolean): void {
    this.#held = held
    this.#heard = this.#passed()
    this.#watch()
  }

  #take(part: Head | Chunk): void {
    try {
      this.#heard = this.#passed()
      if ('bytes' in part) {
        this.#received += part.bytes.byteLength
      } else {
        this.#promised = promisedLength(part)
        this.#limits = this.#bodyTimeouts(part)
        this.#headed = true
        this.#watch()
      }
    } catch (thrown) {
      // A transport of the user's own may give what is neither head nor chunk.
      this.#subscriber.error(this.#foreign(thrown))
      return
    }
    this.#subscriber.next(part)
  }

  #complete(): void {
    if (!this.#headed) this.#subscriber.error(this.#network('the connection closed without a response'))
    else if (this.#isShort()) this.#subscriber.error(this.#cutOff('ended'))
    else this.#subscriber.complete()
  }

  #isShort(): boolean {
    return this.#promised !== undefined && this.#received < this.#promised
  }

  #tooLong(): RequestError {
    // node-fetch neither ends nor fails when a body with a Content-Length is cut off: that shows by the silence.
    if (this.#isShort()) return this.#cutOff('stopped')
    const { whole, idle } = this.#limits
    const isWhole = this.#passed() >= whole
    return new RequestTimeoutError({
      ...this.#description,
      after: isWhole ? whole : idle,
      waitingFor: isWhole ? 'response' : 'body',
    })
  }

  #cutOff(how: string): NetworkError {
    return this.#network(`the body ${how} after ${this.#received} of ${this.#promised} bytes`)
  }

  #network(cause: unknown): NetworkError {
    return new NetworkError({ ...this.#description, cause })
  }

  #foreign(thrown: unknown): RequestError {
    if (isRequestError(thrown)) return thrown
    const { name, message, code } = causeOf(thrown)
    return this.#network({ name, message: this.#clean(message), code: code && this.#clean(code) })
  }
}

/**
 * Sends a request and watches over the response: it fails with NetworkError when the body is shorter than its Content-Length and
 * with RequestTimeoutError when it takes too long; every foreign error becomes a NetworkError.
 *
 * @param clean takes secrets out of the text of a foreign error
 */
export const readWithTimeouts = (
  transport: Transport,
  request: HttpRequest,
  description: RequestDescription,
  timeouts: Timeouts,
  clean: (text: string) => string,
): Observable<Head | Chunk> =>
  new Observable((subscriber) => new TimedRead(subscriber, description, timeouts, clean).connect(transport, request))
