import { type MonoTypeOperatorFunction, retry as rxRetry, type SchedulerLike, throwError, timer } from 'rxjs'
import { backoff } from './backoff.ts'
import { isApiError } from './errors/index.ts'
import { askedToWait, isTransient } from './transient.ts'

/** How a plain call is repeated. Streams have their own, longer patience. */
export interface RetryOptions {
  /** Attempts in all, the first among them. Default 3. */
  readonly attempts?: number
  /** Upper bound of the first wait in milliseconds, which then doubles. Default 300. */
  readonly base?: number
  /** Upper bound of each wait in milliseconds. Default 10 000. */
  readonly cap?: number
  /** A Retry-After beyond this, in milliseconds, ends the call with its error instead. Default 60 000. */
  readonly maxRetryAfter?: number
  /** A number from 0 up to 1 for the jitter. Default Math.random. */
  readonly random?: () => number
}

/** Repeats what fails in passing (law 5), as long as `repeatable()` says that nothing was handed out yet. */
export function retryTransient<A>(
  options: RetryOptions,
  scheduler: SchedulerLike,
  repeatable: () => boolean,
): MonoTypeOperatorFunction<A> {
  const { attempts = 3, base = 300, cap = 10_000, maxRetryAfter = 60_000, random = Math.random } = options
  return rxRetry({
    delay: (error: unknown, attempt) => {
      if (!isApiError(error) || !isTransient(error) || attempt >= attempts || !repeatable())
        return throwError(() => error)
      const asked = askedToWait(error)
      if (asked !== undefined && asked > maxRetryAfter) return throwError(() => error)
      return timer(asked ?? backoff({ base, cap, random }, attempt), scheduler)
    },
  })
}
