import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defer, lastValueFrom, type Observable, of, toArray } from 'rxjs'
import { type ApiError, isApiError } from 'rxjobs'
import type { ConnectionOptions, HttpRequest, Transport } from 'rxjobs/core'
import { type Connect, type ConnectOptions, connect, type JobRef } from 'rxjobs/connect'
import { clientCredentials, type Genesys, type GenesysOptions, genesys } from 'rxjobs/genesys'
import type { FedJob, Sandbox } from 'rxjobs/sandbox'
import { expect, onTestFinished } from 'vitest'

/** A client of the sandbox's Connect. */
export function connectTo(
  { connect: { server, apiKey } }: Sandbox,
  options: Omit<ConnectOptions, 'server' | 'apiKey' | 'auth'> = {},
): Connect {
  return connect({ server, apiKey, ...options })
}

/** A client of the sandbox's Genesys, which fetches its tokens there. */
export function genesysTo(
  { genesys: { baseUrl, loginUrl, clientId, clientSecret } }: Sandbox,
  options: ConnectionOptions & Pick<GenesysOptions, 'confirmAfter'> = {},
): Genesys {
  return genesys({ baseUrl, loginUrl, auth: clientCredentials({ clientId, clientSecret }), ...options })
}

/** A job of the sandbox that has written these lines. */
export function written(sandbox: Sandbox, ...lines: ReadonlyArray<string>): FedJob {
  const job = sandbox.connect.feed()
  job.write(lines.map((data) => ({ source: 'stdout', data })))
  return job
}

/** Where a job of the sandbox is found. */
export const jobPath = ({ guid, key }: JobRef): string => `/__api__/v1/content/${guid}/jobs/${key}`

/** The request lines that the sandbox has seen, without those that fetch tokens. */
export function asked({ exchanges }: Sandbox): ReadonlyArray<string> {
  return exchanges.map(({ method, path }) => `${method} ${path}`).filter((line) => line !== 'POST /oauth/token')
}

/** All that a stream emits until it completes. */
export const all = <A>(stream: Observable<A>): Promise<ReadonlyArray<A>> => lastValueFrom(stream.pipe(toArray()))

/** The ApiError that a stream ends with. */
export async function errorOf(stream: Observable<unknown>): Promise<ApiError> {
  const error: unknown = await lastValueFrom(stream, { defaultValue: undefined }).then(
    (value) => expect.unreachable(`there is no error, but ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  if (!isApiError(error)) throw error
  return error
}

/** The message of the TypeError that a call throws. */
export function refusal(call: () => unknown): string {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown.message
    throw thrown
  }
  return expect.unreachable('nothing was refused')
}

/** One answer as a test writes it: a status other than 200, headers, a body that is JSON unless it is a text. */
export interface Canned {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** A transport that answers by itself, at once, and keeps what it was asked. */
export function answering(answer: (request: HttpRequest, index: number) => Canned): {
  readonly transport: Transport
  readonly requests: ReadonlyArray<HttpRequest>
} {
  const requests: Array<HttpRequest> = []
  const transport: Transport = (request) =>
    defer(() => {
      const { status = 200, headers = {}, body = '' } = answer(request, requests.push(request) - 1)
      const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
      return of({ status, headers: Object.entries(headers) }, { bytes })
    })
  return { transport, requests }
}

/** An HTTP server of one test, closed when the test is over. Gives its address. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${portOf(server.address())}`
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : expect.unreachable('the server has no port')
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
