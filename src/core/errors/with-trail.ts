import type { ApiError } from './api-error.ts'
import { AuthError } from './auth-error.ts'
import { DeadlineError } from './deadline-error.ts'
import { DecodeError } from './decode-error.ts'
import { HttpError } from './http-error.ts'
import { LogGapError } from './log-gap-error.ts'
import { NetworkError } from './network-error.ts'
import type { Trail } from './request-error.ts'
import { TimeoutError } from './timeout-error.ts'

/** What an error is made from are its own fields. */
const fields = <E extends ApiError>({ ...own }: E): Omit<E, 'toJSON'> => own

/** The same error with a trail. A copy, because one failure may end many streams, each with a trail of its own. */
export function withTrail(error: ApiError, trail: Trail): ApiError {
  switch (error._tag) {
    case 'HttpError':
      return new HttpError({ ...fields(error), trail })
    case 'NetworkError':
      return new NetworkError({ ...fields(error), trail })
    case 'TimeoutError':
      return new TimeoutError({ ...fields(error), trail })
    case 'DecodeError':
      return new DecodeError({ ...fields(error), trail })
    case 'AuthError':
      return new AuthError({ ...fields(error), trail })
    case 'LogGapError':
      return new LogGapError({ ...fields(error), trail })
    case 'DeadlineError':
      return new DeadlineError({ ...fields(error), last: error.last, trail })
  }
}
