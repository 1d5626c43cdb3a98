import { Observable, type SchedulerLike } from 'rxjs'
import { type Asked, isApiError, NetworkError, TimeoutError } from './errors/index.ts'
import { type Chunk, type Head, type HttpRequest, header, type Transport } from './transport.ts'

/** How long to wait for what, in milliseconds. */
export interface Patience {
  /** Until the whole answer is there; of a streamed answer, until its head. */
  readonly timeout: number
  /** Between two pieces of a body. */
  readonly idleTimeout: number
  /** Whether the answer is streamed, so that only its head must come within `timeout`. */
  readonly streamed: boolean
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
 * still reported as what it is. While the request's `ready` says false, the silence is our own doing and no clock runs.
 */
export function receive(
  transport: Transport,
  request: HttpRequest,
  asked: Asked,
  patience: Patience,
): Observable<Head | Chunk> {
  const { timeout, idleTimeout, streamed, scheduler } = patience
  return new Observable((subscriber) => {
    const begun = scheduler.now()
    let heard = begun
    let head: Head | undefined
    let expected: number | undefined
    let got = 0
    let held = false

    const cutOff = (how: string): NetworkError =>
      new NetworkError({ ...asked, cause: `the body ${how} after ${got} of ${expected} bytes` })
    const limit = (): number =>
      Math.min(
        head === undefined || !streamed ? begun + timeout : Infinity,
        head === undefined ? Infinity : heard + idleTimeout,
      )

    function tooLong(): NetworkError | TimeoutError {
      if (expected !== undefined && got < expected) return cutOff('stopped')
      const total = scheduler.now() >= begun + timeout && (head === undefined || !streamed)
      return new TimeoutError({ ...asked, after: total ? timeout : idleTimeout, waitingFor: total ? 'answer' : 'body' })
    }

    subscriber.add(
      request.ready?.subscribe((open) => {
        held = !open
        heard = scheduler.now()
      }),
    )
    let watchdog = watch()
    function watch(): ReturnType<SchedulerLike['schedule']> | undefined {
      const at = limit()
      if (at === Infinity) return undefined
      return scheduler.schedule(
        function () {
          const left = limit() - scheduler.now()
          if (!held && left <= 0) subscriber.error(tooLong())
          else this.schedule(undefined, held ? idleTimeout : left)
        },
        Math.max(0, at - scheduler.now()),
      )
    }
    subscriber.add(() => watchdog?.unsubscribe())

    subscriber.add(
      transport(request).subscribe({
        next: (part) => {
          heard = scheduler.now()
          if ('bytes' in part) {
            got += part.bytes.byteLength
          } else {
            head = part
            expected = promised(part)
            watchdog?.unsubscribe()
            watchdog = watch()
          }
          subscriber.next(part)
        },
        error: (thrown: unknown) =>
          subscriber.error(isApiError(thrown) ? thrown : new NetworkError({ ...asked, cause: thrown })),
        complete: () => {
          if (head === undefined)
            subscriber.error(new NetworkError({ ...asked, cause: 'the connection closed without an answer' }))
          else if (expected !== undefined && got < expected) subscriber.error(cutOff('ended'))
          else subscriber.complete()
        },
      }),
    )
  })
}
