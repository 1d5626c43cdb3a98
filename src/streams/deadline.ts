import { type MonoTypeOperatorFunction, Observable, type SchedulerLike } from 'rxjs'
import type { ApiError } from '../core/index.ts'
import { longestWait } from '../core/retry-after.ts'

/** Fails with `error()` when the source has not ended `ms` after the subscription. Without `ms` the source as it is. */
export function failAfter<A>(
  ms: number | undefined,
  scheduler: SchedulerLike,
  error: () => ApiError,
): MonoTypeOperatorFunction<A> {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return (source) => source
  return (source) =>
    new Observable((subscriber) => {
      // First, so that a deadline and a value of the same instant are told in that order.
      const end = scheduler.schedule<number>(
        function (rest) {
          if (rest > 0) this.schedule(rest - longestWait, Math.min(rest, longestWait))
          else subscriber.error(error())
        },
        Math.min(ms, longestWait),
        ms - longestWait,
      )
      subscriber.add(end)
      subscriber.add(source.subscribe(subscriber))
    })
}
