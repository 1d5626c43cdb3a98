import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What an {@link AuthError} is made from. */
export interface AuthErrorInit extends Asked {
  /** HTTP status of the token endpoint's answer. */
  readonly status: number
  /** The OAuth 2 error code, such as `invalid_client`. */
  readonly code?: string | undefined
  /** The token endpoint's own words, as they were sent; in `message` without control characters, and cut. */
  readonly detail?: string | undefined
  /** How long the service asks to wait, in milliseconds, from Retry-After. */
  readonly retryAfter?: number | undefined
}

/** The service that hands out tokens refused to. An API that refuses a token answers with an HttpError of status 401. */
export class AuthError extends RequestError {
  readonly _tag = 'AuthError'
  override readonly name = 'AuthError'
  readonly status: number
  readonly code: string | undefined
  readonly detail: string | undefined
  readonly retryAfter: number | undefined

  constructor(init: AuthErrorInit) {
    super(init, ['no token', init.status, init.code, init.detail].filter((part) => part !== undefined).join(': '))
    this.status = init.status
    this.code = init.code
    this.detail = init.detail
    this.retryAfter = init.retryAfter
  }
}

/** True for an {@link AuthError}, from any realm. */
export const isAuthError = (value: unknown): value is AuthError => tagOf(value) === 'AuthError'
