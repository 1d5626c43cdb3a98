import type { IncomingMessage } from 'node:http'
import type { MeteredResponse } from './response.ts'

/** One request as the server saw it, from its head to the end of its answer. Live: it changes until it is closed. */
export interface Exchange {
  readonly method: string
  /** Path with query, as asked. */
  readonly path: string
  /** The scheme of the Authorization header (`Key`, `Bearer`, `Basic`), never what follows it; undefined without one. */
  readonly authorization: string | undefined
  /** Undefined until the head of the answer is sent. */
  readonly status: number | undefined
  /** Milliseconds since the epoch, with fractions. */
  readonly openedAt: number
  /** When the answer was complete or its socket was closed; undefined while it is open. */
  readonly closedAt: number | undefined
  /** Whether the socket closed before the answer was complete, whoever closed it. */
  readonly aborted: boolean
  /** Bytes of the answer's body, without head and chunk framing. */
  readonly bytesOut: number
}

export type ExchangeFilter = (exchange: Exchange) => boolean

/** Keeps what was asked of the sandbox. */
export interface Exchanges {
  readonly list: ReadonlyArray<Exchange>
  inFlight(filter?: ExchangeFilter): number
  closed(filter?: ExchangeFilter): Promise<Exchange>
  record(request: IncomingMessage, response: MeteredResponse): void
  close(): void
}

interface Waiting {
  readonly filter: ExchangeFilter
  readonly resolve: (exchange: Exchange) => void
  readonly reject: (error: Error) => void
}

/** Remembers the last `keeps` exchanges; open ones are counted even after they have left the list. */
export function createExchanges(keeps = 10_000): Exchanges {
  const list: Exchange[] = []
  const open = new Set<Exchange>()
  const waiting = new Set<Waiting>()
  const all: ExchangeFilter = () => true

  return {
    list,
    inFlight: (filter = all) => [...open].filter(filter).length,
    closed(filter = all) {
      const found = list.find((exchange) => exchange.closedAt !== undefined && filter(exchange))
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve, reject) => waiting.add({ filter, resolve, reject }))
    },
    record(request, response) {
      const exchange = observe(request, response)
      list.push(exchange)
      if (list.length > keeps) list.shift()
      open.add(exchange)
      response.once('close', () => {
        open.delete(exchange)
        for (const wait of [...waiting]) {
          if (!wait.filter(exchange)) continue
          waiting.delete(wait)
          wait.resolve(exchange)
        }
      })
    },
    close() {
      for (const wait of waiting) wait.reject(new Error('The sandbox was closed before such an exchange was.'))
      waiting.clear()
    },
  }
}

function observe(request: IncomingMessage, response: MeteredResponse): Exchange {
  let closed: Pick<Exchange, 'status' | 'closedAt' | 'aborted' | 'bytesOut'> | undefined
  let live: MeteredResponse | undefined = response
  const statusOf = ({ headersSent, statusCode }: MeteredResponse): number | undefined =>
    headersSent ? statusCode : undefined
  response.prependOnceListener('close', () => {
    if (live === undefined) return
    const { writableFinished, bodyBytes } = live
    closed = { status: statusOf(live), closedAt: now(), aborted: !writableFinished, bytesOut: bodyBytes }
    // Thousands of these are kept: none may hold on to its socket and buffers.
    live = undefined
  })
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    authorization: schemeOf(request.headers.authorization),
    openedAt: now(),
    get status() {
      return live === undefined ? closed?.status : statusOf(live)
    },
    get closedAt() {
      return closed?.closedAt
    },
    get aborted() {
      return closed?.aborted ?? false
    },
    get bytesOut() {
      return closed?.bytesOut ?? live?.bodyBytes ?? 0
    },
  }
}

/** Without a blank there is no scheme: the whole may be a key. */
function schemeOf(authorization: string | undefined): string | undefined {
  const end = authorization?.indexOf(' ') ?? -1
  return end < 0 ? undefined : authorization?.slice(0, end)
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
