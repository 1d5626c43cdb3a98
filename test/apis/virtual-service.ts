import { Observable, VirtualTimeScheduler } from 'rxjs'
import type { Chunk, Head, HttpRequest, Transport } from 'rxjobs'
import { type LawService, type RequestKind, watchedClock } from 'rxjobs/testing'

/** One request to a virtual service. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly body: unknown
}

/** What a virtual service makes of a request, when it answers. */
export interface Reply {
  readonly status?: number
  readonly body: unknown
  /** The answer is lost on its way. */
  readonly lost?: boolean
}

/** How a virtual service behaves. */
export interface Behaviour {
  readonly answer: (asked: Asked) => Reply
  /** What a request is for. */
  readonly kindOf: (asked: Asked) => RequestKind
  /** Milliseconds beyond its latency that an answer waits. */
  readonly waits?: (asked: Asked) => number
}

/** What the laws ask of any service, the transport to it, and its clock, which counts from 0. */
export type VirtualService = Pick<
  LawService<unknown>,
  'scheduler' | 'advance' | 'inFlight' | 'mostInFlight' | 'close'
> & {
  readonly transport: Transport
  /** How often the most frequent POST has come. */
  readonly posts: () => number
}

/** An object of the service: two requests for two objects are not two looks at one. */
interface Open {
  readonly kind: RequestKind
  readonly about: string
}

const latency = 100

/** A service in virtual time that answers from a function, as the laws want to see it. */
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
    scheduler: watchedClock(time),
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
