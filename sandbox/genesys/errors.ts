import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { GenesysEnv } from './genesys.ts'

/** The optional fields of an ErrorBody. */
export interface GenesysErrorFields {
  readonly entityId?: string
  readonly messageParams?: Readonly<Record<string, string>>
  readonly retryAfterSeconds?: number
}

/** Thrown by a route to answer with an ErrorBody. */
export class GenesysError extends Error {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly fields: GenesysErrorFields

  constructor(status: ContentfulStatusCode, code: string, message: string, fields: GenesysErrorFields = {}) {
    super(message)
    this.name = 'GenesysError'
    this.status = status
    this.code = code
    this.fields = fields
  }
}

/** The ErrorBody for what a route threw; other errors than GenesysError are internal.server.error. */
export function answerError(thrown: Error, c: Context<GenesysEnv>): Response {
  const error =
    thrown instanceof GenesysError ? thrown : new GenesysError(500, 'internal.server.error', 'The server failed.')
  const { entityId, messageParams, retryAfterSeconds } = error.fields
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds))
  const body = {
    message: error.message,
    code: error.code,
    status: error.status,
    ...(entityId === undefined ? {} : { entityId }),
    messageParams: messageParams ?? {},
    contextId: c.get('correlationId'),
    details: [],
    errors: [],
  }
  return c.json(body, error.status)
}
