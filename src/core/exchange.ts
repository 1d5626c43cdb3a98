import { Observable, type SchedulerLike } from 'rxjs'
import { type AnswerSink, answerSink, type Bounds, failureSink, type Told } from './answer-sink.ts'
import type { Authorizer } from './auth.ts'
import { boundTo } from './bound-to.ts'
import type { CallOptions, ClientOptions } from './client-options.ts'
import { cleaner } from './cleaner.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { causeOf } from './errors/cause.ts'
import { DecodeError, type Issue } from './errors/index.ts'
import { errorBodyBytes, httpFailure } from './http-failure.ts'
import type { Ready } from './paced.ts'
import { Mismatch, type Reader } from './reader.ts'
import { type Patience, receive } from './receive.ts'
import { type Head, type Headers, header, type Transport } from './transport.ts'

/** The limits of a client, with their defaults filled in. */
export interface Limits extends Bounds {
  readonly timeout: number
  readonly idleTimeout: number
  readonly scheduler: SchedulerLike
}

/** What all exchanges of a client have in common. */
export interface Wire {
  readonly options: ClientOptions
  readonly transport: Transport
  readonly base: string
  /** The base's scheme, host and port, for errors. */
  readonly origin: string
  readonly authorizer: Authorizer
  readonly limits: Limits
}

/** The reader for a status; a success that the endpoint does not name is read as its 200 would be. */
function readerFor<P, A>(endpoint: Endpoint<P, A>, status: number): Reader<A> | undefined {
  return endpoint.answers[status] ?? (status >= 200 && status < 300 ? endpoint.answers[200] : undefined)
}

/** What a reader threw; anything but a Mismatch is a fault in it, which must not leave the call without an end. */
function issuesOf(thrown: unknown): ReadonlyArray<Issue> {
  if (thrown instanceof Mismatch) return thrown.issues
  const { name, message } = causeOf(thrown)
  return [{ path: '', expected: 'what its reader can take', actual: `${name}: ${message}` }]
}

// Half of a compressed body looks like the end to node-fetch, and its length says nothing of what is in it. What is read
// as a whole would be no JSON; half a log looks like a log.
const uncompressed: Headers = [['accept-encoding', 'identity']]

/** One attempt: one request and its answer. `onBegun` is called when values are about to be handed out. */
export function exchange<P, A, B>(
  { options, transport, base, origin, authorizer, limits }: Wire,
  endpoint: Endpoint<P, A>,
  { method, path, query, body }: Call,
  call: CallOptions,
  auth: Headers,
  ready: Ready,
  told: Told<A, B>,
  onBegun: () => void,
): Observable<B> {
  const asked = { method, path, origin }
  const timeout = call.timeout ?? limits.timeout
  const accept: Headers = [['accept', endpoint.accept ?? 'application/json']]
  const contentType = typeof body === 'string' ? 'application/json' : endpoint.contentType
  const headers =
    body === undefined ? accept : [...accept, ['content-type', contentType ?? 'application/octet-stream'] as const]
  const streamed = endpoint.answers[200]?._tag === 'Stream'
  const request = {
    method,
    url: base + path + query,
    headers: [...headers, ...(streamed ? uncompressed : []), ...auth],
    ...(body === undefined ? {} : { body }),
    ...(streamed ? { ready } : {}),
  }
  const patience: Patience = {
    timeout,
    idle: call.idleTimeout ?? limits.idleTimeout,
    scheduler: limits.scheduler,
    body: ({ status, headers: sent }) => {
      const reader = readerFor(endpoint, status)
      // With a length it is no open connection, and only silence may show that it was cut off.
      const isOpen = reader?._tag === 'Stream' && reader.openEnded && header(sent, 'content-length') === undefined
      const idle = isOpen ? Infinity : limits.idleTimeout
      return { whole: reader?._tag === 'Stream' ? Infinity : timeout, idle: call.idleTimeout ?? idle }
    },
  }

  return new Observable((subscriber) => {
    const clean = cleaner(authorizer, auth)
    let sink: AnswerSink | undefined

    function open(head: Head): AnswerSink {
      const reader = readerFor(endpoint, head.status)
      if (reader === undefined) {
        return failureSink(errorBodyBytes, (text) =>
          subscriber.error(httpFailure(asked, head, text, limits.scheduler.now(), options, clean)),
        )
      }
      if (reader._tag === 'Stream') onBegun()
      return answerSink(reader, head, limits, told, subscriber)
    }

    function mismatch(thrown: unknown, head: Head | undefined): void {
      const named = head && options.correlationHeader ? header(head.headers, options.correlationHeader) : undefined
      const issues = issuesOf(thrown).map(({ path, expected, actual }) => ({
        path: clean(path),
        expected,
        actual: clean(actual),
      }))
      subscriber.error(new DecodeError({ ...asked, correlationId: named && clean(named), issues }))
    }

    let head: Head | undefined
    const guarded = (step: () => void): void => {
      try {
        step()
      } catch (thrown) {
        mismatch(thrown, head)
      }
    }
    receive(transport, request, asked, patience, clean)
      .pipe(boundTo(subscriber))
      .subscribe({
        next: (part) =>
          guarded(() => {
            if ('bytes' in part) sink?.push(part.bytes)
            else sink = open((head = part))
          }),
        error: (error: unknown) => subscriber.error(error),
        complete: () => guarded(() => sink?.end()),
      })
  })
}
