import { concat, from, mergeMap, type Observable, of, type SchedulerLike, throwError, timer } from 'rxjs'
import type { Chunk, Head, Headers, HttpRequest, Transport } from '../../../src/core/index.ts'

/** An answer that needs no network. */
export interface Canned {
  readonly status?: number
  readonly headers?: Headers
  readonly body?: string | ReadonlyArray<Uint8Array>
  /** Milliseconds until it comes. Default: while subscribing, before the call returns. */
  readonly after?: number | undefined
  /** What the connection fails with, instead of the answer. */
  readonly failure?: Error
}

export interface CannedTransport {
  readonly transport: Transport
  /** What was asked, and when. */
  readonly requests: ReadonlyArray<{ readonly request: HttpRequest; readonly at: number }>
}

/** A transport that answers each request from a function, in the time of a scheduler. */
export function canned(
  scheduler: SchedulerLike,
  answer: (request: HttpRequest, index: number) => Canned,
): CannedTransport {
  const requests: Array<{ request: HttpRequest; at: number }> = []
  const encoder = new TextEncoder()
  const partsOf = ({ status = 200, headers = [], body = '{}', failure }: Canned): Observable<Head | Chunk> => {
    if (failure !== undefined) return throwError(() => failure)
    const chunks = typeof body === 'string' ? [encoder.encode(body)] : body
    return concat(of({ status, headers }), from(chunks.map((bytes) => ({ bytes }))))
  }
  return {
    requests,
    transport: (request) => {
      const one = answer(request, requests.length)
      requests.push({ request, at: scheduler.now() })
      if (one.after === undefined) return partsOf(one)
      return timer(one.after, scheduler).pipe(mergeMap(() => partsOf(one)))
    },
  }
}
