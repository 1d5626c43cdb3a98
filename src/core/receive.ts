import { defer, Observable, type SchedulerLike, type Subscription } from 'rxjs'
import { boundTo } from './bound-to.ts'
import { causeOf } from './errors/cause.ts'
import { type Asked, isApiError, NetworkError, TimeoutError } from './errors/index.ts'
import { bounded } from './retry-after.ts'
import { stopwatch } from './stopwatch.ts'
import { type Chunk, type Head, type HttpRequest, header, type Transport } from './transport.ts'

/** How long the body of an answer may take, in milliseconds. */
export interface BodyPatience {
  /** From the request until the whole answer is there; Infinity for a stream. */
  readonly whole: number
  /** Between two pieces; Infinity where silence is no fault. */
  readonly idle: number
}

/** How long to wait for what. */
export interface Patience {
  /** Milliseconds until the head of the answer is there. */
  readonly timeout: number
  /** The shortest silence of a body that may be a fault, as far as is known before the head. */
  readonly idle: number
  /** Depends on the head: a failure of an open connection is an ordinary answer. */
  readonly body: (head: Head) => BodyPatience
  readonly scheduler: SchedulerLike
}

/** The length that the body must have, where the head says so and no compression changes it. */
function promised({ status, headers }: Head): number | undefined {
  const length = header(headers, 'content-length')
  if (length === undefined || status === 204 || header(headers, 'content-encoding') !== undefined) return undefined
  return /^\d+$/.test(length) ? Number(length) : undefined
}

/**
 * Sends a request and watches over the answer: it fails with NetworkError when the body is shorter than its
 * Content-Length and with TimeoutError when it takes too long; every foreign error becomes a NetworkError.
 *
 * node-fetch neither ends nor fails when a body with a Content-Length is cut off: that is noticed by the silence, and
 * still reported as what it is. While the request's `ready` says false, the silence of a body is our own doing and no
 * clock runs.
 *
 * @param clean takes our secrets out of the words of a foreign error
 */
export function receive(
  transport: Transport,
  request: HttpRequest,
  asked: Asked,
  patience: Patience,
  clean: (text: string) => string,
): Observable<Head | Chunk> {
  const { scheduler } = patience
  return new Observable((subscriber) => {
    const passed = stopwatch(scheduler)
    let heard = 0
    let limits: BodyPatience = { whole: patience.timeout, idle: Infinity }
    let headed = false
    let held = false
    let expected: number | undefined
    let got = 0

    const network = (cause: unknown): NetworkError => new NetworkError({ ...asked, cause })
    const cutOff = (how: string): NetworkError => network(`the body ${how} after ${got} of ${expected} bytes`)

    function foreign(thrown: unknown): NetworkError {
      const { name, message, code } = causeOf(thrown)
      return network({ name, message: clean(message), ...(code === undefined ? {} : { code: clean(code) }) })
    }

    function tooLong(): NetworkError | TimeoutError {
      if (expected !== undefined && got < expected) return cutOff('stopped')
      const { whole, idle } = limits
      const total = passed() >= whole
      return new TimeoutError({ ...asked, after: total ? whole : idle, waitingFor: total ? 'answer' : 'body' })
    }

    const left = (): number => Math.min(limits.whole, heard + limits.idle) - passed()
    let watchdog: Subscription | undefined
    let due = Infinity
    /** Sees to it that the clock is looked at in time. A timer that is early enough stays: it looks how long is left. */
    function watch(latest: number): void {
      const wait = held && headed ? Infinity : Math.min(left(), latest)
      if (due <= passed() + wait && wait !== Infinity) return
      watchdog?.unsubscribe()
      due = passed() + wait
      if (wait === Infinity) return
      watchdog = scheduler.schedule(function () {
        if (left() <= 0) return subscriber.error(tooLong())
        due = passed() + left()
        this.schedule(undefined, bounded(left()))
      }, bounded(wait))
    }

    // Early enough for the body, too, so that one timer does for most answers.
    watch(patience.idle)
    subscriber.add(() => watchdog?.unsubscribe())
    request.ready?.pipe(boundTo(subscriber)).subscribe((open) => {
      held = !open
      heard = passed()
      watch(Infinity)
    })

    function take(part: Head | Chunk): void {
      heard = passed()
      if ('bytes' in part) {
        got += part.bytes.byteLength
      } else {
        expected = promised(part)
        limits = patience.body(part)
        headed = true
        watch(Infinity)
      }
      subscriber.next(part)
    }
    defer(() => transport(request))
      .pipe(boundTo(subscriber))
      .subscribe({
        next: (part) => {
          try {
            take(part)
          } catch (thrown) {
            // A transport of the user's own may give what is neither head nor chunk.
            subscriber.error(foreign(thrown))
          }
        },
        error: (thrown: unknown) => subscriber.error(isApiError(thrown) ? thrown : foreign(thrown)),
        complete: () => {
          if (!headed) subscriber.error(network('the connection closed without an answer'))
          else if (expected !== undefined && got < expected) subscriber.error(cutOff('ended'))
          else subscriber.complete()
        },
      })
  })
}
