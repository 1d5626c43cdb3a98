import { Observable, type SchedulerLike } from 'rxjs'
import { type AnswerSink, answerSink, type Bounds, failureSink } from './answer-sink.ts'
import type { Authorizer } from './auth.ts'
import type { Answer } from './client.ts'
import type { CallOptions, ClientOptions } from './client-options.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { DecodeError } from './errors/index.ts'
import { errorBodyBytes, httpFailure } from './http-failure.ts'
import type { Ready } from './paced.ts'
import { Mismatch, type Reader } from './reader.ts'
import { receive } from './receive.ts'
import { redact } from './redact.ts'
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
  readonly authorizer: Authorizer
  readonly limits: Limits
}

/** The reader for a status; a success that the endpoint does not name is read as its 200 would be. */
function readerFor<P, A>(endpoint: Endpoint<P, A>, status: number): Reader<A> | undefined {
  return endpoint.answers[status] ?? (status >= 200 && status < 300 ? endpoint.answers[200] : undefined)
}

function openEnded<P, A>(endpoint: Endpoint<P, A>): boolean {
  const reader = endpoint.answers[200]
  return reader?._tag === 'Stream' && reader.openEnded
}

/** One attempt: one request and its answer. `onBegun` is called when values are about to be handed out. */
export function exchange<P, A>(
  { options, transport, base, authorizer, limits }: Wire,
  endpoint: Endpoint<P, A>,
  { method, path, query, body }: Call,
  call: CallOptions,
  auth: Headers,
  ready: Ready,
  onBegun: () => void,
): Observable<Answer<A>> {
  const asked = { method, path }
  const streamed = endpoint.answers[200]?._tag === 'Stream'
  const accept: Headers = [['accept', endpoint.accept ?? 'application/json']]
  const headers = body === undefined ? accept : [...accept, ['content-type', 'application/json'] as const]
  const request = {
    method,
    url: base + path + query,
    headers: [...headers, ...auth],
    ...(body === undefined ? {} : { body }),
    ...(streamed ? { ready } : {}),
  }
  const patience = {
    timeout: call.timeout ?? limits.timeout,
    idleTimeout: call.idleTimeout ?? (openEnded(endpoint) ? Infinity : limits.idleTimeout),
    streamed,
    scheduler: limits.scheduler,
  }

  return new Observable((subscriber) => {
    const clean = (text: string): string => redact(text, authorizer.secrets())
    let sink: AnswerSink | undefined

    function open(head: Head): AnswerSink {
      const reader = readerFor(endpoint, head.status)
      if (reader === undefined) {
        return failureSink(errorBodyBytes, (text) =>
          subscriber.error(httpFailure(asked, head, clean(text), limits.scheduler.now(), options)),
        )
      }
      if (streamed) onBegun()
      return answerSink(reader, head, limits, subscriber)
    }

    function mismatch(thrown: unknown, head: Head | undefined): void {
      if (!(thrown instanceof Mismatch)) throw thrown
      const correlationId =
        head && options.correlationHeader ? header(head.headers, options.correlationHeader) : undefined
      const issues = thrown.issues.map((issue) => ({ ...issue, actual: clean(issue.actual) }))
      subscriber.error(new DecodeError({ ...asked, correlationId, issues }))
    }

    let head: Head | undefined
    const guarded = (step: () => void): void => {
      try {
        step()
      } catch (thrown) {
        mismatch(thrown, head)
      }
    }
    return receive(transport, request, asked, patience).subscribe({
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
