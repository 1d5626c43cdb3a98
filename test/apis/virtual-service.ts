import { Observable, VirtualTimeScheduler } from 'rxjs'
import type { Chunk, Head, HttpRequest, Transport } from 'rxjobs/core'
import { type ObservedService, observedScheduler, type RequestKind } from 'rxjobs/testing'

/** One request to a virtual service. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: unknown
}

/** The answer of a virtual service. */
export interface Reply {
  readonly status?: number
  readonly body: unknown
  /** The answer is lost on its way. */
  readonly lost?: boolean
}

/** The behaviour of a virtual service. */
export interface Behaviour {
  readonly answer: (asked: Asked) => Reply
  /** The kind of a request. */
  readonly kindOf: (asked: Asked) => RequestKind
  /** Milliseconds beyond its latency that an answer waits. */
  readonly waits?: (asked: Asked) => number
}

/** What the conformance suite needs of a service, the transport to it, and its clock, which counts from 0. */
export type VirtualService = Pick<
  ObservedService<unknown>,
  'scheduler' | 'advance' | 'inFlight' | 'mostInFlight' | 'close'
> & {
  readonly transport: Transport
  /** How often the most frequent POST has come. */
  readonly posts: () => number
}

/** A request that is open, and its path. */
interface Open {
  readonly kind: RequestKind
  readonly about: string
}

const latency = 100

/** A service in virtual time that answers from a function. */
export function virtualService(
  behaviour: (now: () => number) => Behaviour,
): VirtualService & { readonly now: () => number } {
  const time = new VirtualTimeScheduler()
  const now = (): number => time.now()
  const { answer, kindOf, waits = () => 0 } = behaviour(now)
  const open = new Set<Open>()
  const most = new Map<RequestKind | undefined, number>()
  const posts = new Map<string, number>()

  const count = (kind: RequestKind | undefined, about?: string): number =>
    [...open].filter((one) => (kind ?? one.kind) === one.kind && (about ?? one.about) === one.about).length
  const note = (kind: RequestKind | undefined, about: string): unknown =>
    most.set(kind, Math.max(most.get(kind) ?? 0, count(kind, about)))

  const transport = ({ method, url: text, body }: HttpRequest): Observable<Head | Chunk> =>
    new Observable((subscriber) => {
      const url = new URL(text)
      const asked: Asked = { method, url, body: typeof body === 'string' ? JSON.parse(body) : body }
      const one: Open = { kind: kindOf(asked), about: url.pathname }
      if (method === 'POST') posts.set(url.pathname, (posts.get(url.pathname) ?? 0) + 1)
      open.add(one)
      note(one.kind, one.about)
      note(undefined, one.about)
      subscriber.add(() => open.delete(one))
      subscriber.add(
        time.schedule(() => {
          const reply = answer(asked)
          open.delete(one)
          if (reply.lost === true) return subscriber.error(new Error('connection reset'))
          subscriber.next({ status: reply.status ?? 200, headers: [] })
          subscriber.next({ bytes: new TextEncoder().encode(JSON.stringify(reply.body)) })
          subscriber.complete()
        }, latency + waits(asked)),
      )
    })

  return {
    now,
    transport,
    scheduler: observedScheduler(time),
    advance: (ms) => {
      const until = now() + ms
      const { maxFrames } = time
      time.maxFrames = until
      time.flush()
      time.maxFrames = maxFrames
      time.frame = Math.max(time.frame, until)
      return Promise.resolve()
    },
    inFlight: (kind) => count(kind),
    mostInFlight: (kind) => most.get(kind) ?? 0,
    posts: () => Math.max(0, ...posts.values()),
    close: () => undefined,
  }
}
