import type { ClientOptions } from './client-options.ts'
import { type Asked, HttpError } from './errors/index.ts'
import { retryAfter } from './retry-after.ts'
import { type Head, header } from './transport.ts'

/** As much of an error body as is read, in bytes. */
export const errorBodyBytes = 65_536

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The kind of thing a body without the service's envelope is, for the error's words. */
function describe({ status, headers }: Head, body: string): string | undefined {
  const location = header(headers, 'location')
  if (status >= 300 && status < 400 && location !== undefined) {
    return `redirected to ${location.split('?')[0]}, which is not followed with a key; give the final address`
  }
  const line = body.trim().split('\n', 1)[0] ?? ''
  return line === '' || line.startsWith('<') ? undefined : line.slice(0, 200)
}

/** The HttpError for an answer that is no success. `body` has our secrets taken out already. */
export function httpFailure(asked: Asked, head: Head, body: string, now: number, options: ClientOptions): HttpError {
  const { correlationHeader, errorDetail } = options
  const { status, headers } = head
  const parsed = parse(body)
  const said = errorDetail?.(parsed, headers)
  const lacks = errorDetail !== undefined && said === undefined
  return new HttpError({
    ...asked,
    status,
    code: said?.code,
    detail: said?.detail ?? describe(head, body),
    correlationId:
      said?.correlationId ?? (correlationHeader === undefined ? undefined : header(headers, correlationHeader)),
    retryAfter: retryAfter(headers, now),
    missing: status === 404 ? (lacks ? 'endpoint' : 'object') : undefined,
    body: parsed ?? body,
  })
}
