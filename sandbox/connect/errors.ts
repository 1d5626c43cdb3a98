import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** The vendor's error codes that are used here. */
export type ConnectErrorCode = 1 | 4 | 5 | 24 | 25 | 26 | 28 | 39 | 121 | 135 | 141 | 148 | 163

/** HTTP status and message of each. */
const codes: Readonly<Record<ConnectErrorCode, readonly [ContentfulStatusCode, string]>> = {
  1: [500, 'Something failed inside the server.'],
  4: [404, 'There is no such object.'],
  5: [400, 'A name has 3 to 64 letters, digits, periods, dashes and underscores.'],
  24: [401, 'This needs an API key.'],
  25: [400, 'A parameter is not valid.'],
  26: [409, 'There is an object of that name already.'],
  28: [404, 'There is no bundle to deploy.'],
  39: [400, 'This content does not support that action.'],
  121: [400, 'The request is not valid JSON.'],
  135: [400, 'The bundle cannot be extracted.'],
  141: [404, 'There is no such task on this node; was the session cookie sent?'],
  148: [400, 'There is no such app mode.'],
  163: [409, 'The job is not active.'],
}

/** Thrown by a route to answer with the envelope `{code, error, payload}`. */
export class ConnectError extends Error {
  readonly code: ConnectErrorCode

  constructor(code: ConnectErrorCode, detail?: string) {
    super(detail ?? codes[code][1])
    this.name = 'ConnectError'
    this.code = code
  }
}

/** The envelope for what a route threw; other errors than ConnectError are code 1. */
export function answerError(thrown: Error, c: Context): Response {
  const error = thrown instanceof ConnectError ? thrown : new ConnectError(1, thrown.message)
  return c.json({ code: error.code, error: error.message, payload: null }, codes[error.code][0])
}

/** The answer for a route that the server does not have. It has no envelope, which tells it from code 4. */
export function answerNoRoute(c: Context): Response {
  return c.text('404 page not found', 404)
}
