import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach } from 'vitest'

/** One request as the server got it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface TestServer {
  readonly url: string
  /** All requests so far, the oldest first; live. */
  readonly seen: ReadonlyArray<Seen>
  /** Resolves when a client has gone away before its answer was complete. */
  readonly left: Promise<void>
  readonly close: () => Promise<void>
}

export type Handle = (seen: Seen, response: ServerResponse) => void

async function listen(handle: Handle): Promise<TestServer> {
  const seen: Array<Seen> = []
  let leave: () => void = () => undefined
  const left = new Promise<void>((resolve) => (leave = resolve))
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.once('close', () => {
      if (!response.writableFinished) leave()
    })
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: await text(request) }
    seen.push(one)
    handle(one, response)
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP address.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    left,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Starts real HTTP servers for one test file and closes each at the end of its test. */
export function servers(): (handle: Handle) => Promise<TestServer> {
  const open: Array<TestServer> = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()))
  })
  return async (handle) => {
    const server = await listen(handle)
    open.push(server)
    return server
  }
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
