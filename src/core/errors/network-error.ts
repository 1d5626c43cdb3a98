import { type Cause, causeOf } from './cause.ts'
import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What a {@link NetworkError} is made from. */
export interface NetworkErrorInit extends Asked {
  /** Whatever was thrown. Its words are kept, the object is not. */
  readonly cause: unknown
}

/**
 * No answer, or not all of it: the connection failed, or the body ended early.
 *
 * `cause` is `{ name, message, code? }`: the words of what was thrown, so that a foreign error that holds its request
 * (and with it a key) goes no further.
 */
export class NetworkError extends RequestError {
  readonly _tag = 'NetworkError'
  override readonly name = 'NetworkError'
  override readonly cause: Cause

  constructor(init: NetworkErrorInit) {
    const cause = causeOf(init.cause)
    super(
      init,
      cause.code === undefined || cause.message.includes(cause.code)
        ? cause.message
        : `${cause.message} (${cause.code})`,
    )
    this.cause = cause
  }
}

/** True for a {@link NetworkError}, from any realm. */
export const isNetworkError = (value: unknown): value is NetworkError => tagOf(value) === 'NetworkError'
