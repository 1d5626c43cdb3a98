import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a page may read beside the body and the few headers that it always may. */
const exposed = [
  'Content-Disposition',
  'Date',
  'Retry-After',
  'ININ-Correlation-Id',
  'inin-ratelimit-count',
  'inin-ratelimit-allowed',
  'inin-ratelimit-reset',
]

/**
 * Lets web pages of any origin ask, with any method and header, and without cookies. Answers a preflight request and then gives
 * true.
 */
export function allowOrigins(request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Expose-Headers', exposed.join(', '))
  const method = request.headers['access-control-request-method']
  if (request.method !== 'OPTIONS' || method === undefined) return false
  response.writeHead(204, {
    'Access-Control-Allow-Methods': method,
    'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? 'Authorization',
    'Access-Control-Max-Age': '600',
  })
  response.end()
  return true
}
