import { STATUS_CODES } from 'node:http'

/** A made-up answer. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const connectCodes: Readonly<Record<number, number>> = { 400: 25, 401: 24, 403: 22, 404: 4, 409: 163, 500: 1 }

const genesysCodes: Readonly<Record<number, string>> = {
  400: 'bad.request',
  401: 'bad.credentials',
  403: 'not.authorized',
  404: 'not.found',
  408: 'client.timeout',
  409: 'request.conflict',
  413: 'request.entity.too.large',
  429: 'too.many.requests',
  500: 'internal.server.error',
  503: 'service.unavailable',
  504: 'request.timeout',
}

/** An error of that status as the service under that path words it; plain text where it has no words for it. */
export function errorAnswer(path: string, status: number): Answer {
  const message = STATUS_CODES[status] ?? 'Error'
  const json = (body: object): Answer => ({ status, contentType: 'application/json', body: JSON.stringify(body) })
  if (path.startsWith('/oauth/')) return json({ error: 'server_error', error_description: message })
  const connectCode = connectCodes[status]
  if (path.startsWith('/__api__/') && connectCode !== undefined) {
    return json({ code: connectCode, error: message, payload: null })
  }
  const genesysCode = genesysCodes[status]
  if (path.startsWith('/api/v2/') && genesysCode !== undefined) {
    return json({ message, code: genesysCode, status, messageParams: {}, details: [], errors: [] })
  }
  return { status, contentType: 'text/plain; charset=utf-8', body: `${status} ${message}` }
}

/** A page of a proxy that stands before the service. */
export function pageAnswer(status: number): Answer {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>',
  }
}
