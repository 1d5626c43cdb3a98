import type { ApiError } from './api-error.ts'
import { AuthError } from './auth-error.ts'
import { DeadlineError } from './deadline-error.ts'
import { DecodeError } from './decode-error.ts'
import { HttpError } from './http-error.ts'
import { LogGapError } from './log-gap-error.ts'
import { NetworkError } from './network-error.ts'
import type { Trail } from './request-error.ts'
import { TimeoutError } from './timeout-error.ts'

/** The same error with a trail. A copy, because one failure may end many streams, each with a trail of its own. */
export function withTrail(error: ApiError, trail: Trail): ApiError {
  switch (error._tag) {
    case 'HttpError':
      return new HttpError({ ...error, trail })
    case 'NetworkError':
      return new NetworkError({ ...error, trail })
    case 'TimeoutError':
      return new TimeoutError({ ...error, trail })
    case 'DecodeError':
      return new DecodeError({ ...error, trail })
    case 'AuthError':
      return new AuthError({ ...error, trail })
    case 'LogGapError':
      return new LogGapError({ ...error, trail })
    case 'DeadlineError':
      return new DeadlineError({ ...error, trail })
  }
}
