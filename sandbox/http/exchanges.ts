import type { IncomingMessage } from 'node:http'
import type { MeteredResponse } from './response.ts'

/** One request as the server saw it, from its head to the end of its response. Live: it changes until it is closed. */
export interface Exchange {
  readonly method: string
  /** Path with query, as requested. */
  readonly path: string
  /** The scheme of the Authorization header (`Key`, `Bearer`, `Basic`), never what follows it; undefined without one. */
  readonly authorization: string | undefined
  /** Undefined until the head of the response is sent. */
  readonly status: number | undefined
  /** Milliseconds since the epoch, with fractions. */
  readonly openedAt: number
  /** When the response was complete or its socket was closed; undefined while it is open. */
  readonly closedAt: number | undefined
  /** Whether the socket closed before the response was complete, on either side. */
  readonly aborted: boolean
  /** Bytes of the response's body, without head and chunk framing. */
  readonly bytesOut: number
}

export type ExchangeFilter = (exchange: Exchange) => boolean

interface Waiting {
  readonly filter: ExchangeFilter
  readonly resolve: (exchange: Exchange) => void
  readonly reject: (error: Error) => void
}

const all: ExchangeFilter = () => true

/** Records the requests that the sandbox gets. It keeps the last ones; open ones are counted even after they left the list. */
export class Exchanges {
  readonly #list: Exchange[] = []
  readonly #open = new Set<Exchange>()
  readonly #waiting = new Set<Waiting>()
  readonly #limit: number

  constructor(limit = 10_000) {
    this.#limit = limit
  }

  get list(): ReadonlyArray<Exchange> {
    return this.#list
  }

  inFlight(filter: ExchangeFilter = all): number {
    return [...this.#open].filter(filter).length
  }

  /** The first exchange that matches and is closed, or will be. */
  closed(filter: ExchangeFilter = all): Promise<Exchange> {
    const found = this.#list.find((exchange) => exchange.closedAt !== undefined && filter(exchange))
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => this.#waiting.add({ filter, resolve, reject }))
  }

  record(request: IncomingMessage, response: MeteredResponse): void {
    const exchange = observe(request, response)
    this.#list.push(exchange)
    if (this.#list.length > this.#limit) this.#list.shift()
    this.#open.add(exchange)
    response.once('close', () => {
      this.#open.delete(exchange)
      for (const wait of [...this.#waiting]) {
        if (!wait.filter(exchange)) continue
        this.#waiting.delete(wait)
        wait.resolve(exchange)
      }
    })
  }

  close(): void {
    for (const wait of this.#waiting) wait.reject(new Error('The sandbox was closed before such an exchange was.'))
    this.#waiting.clear()
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
    // Thousands of exchanges are kept: none may hold its socket and buffers.
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

/** Without a blank there is no scheme: the whole value may be a key. */
function schemeOf(authorization: string | undefined): string | undefined {
  const end = authorization?.indexOf(' ') ?? -1
  return end < 0 ? undefined : authorization?.slice(0, end)
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
