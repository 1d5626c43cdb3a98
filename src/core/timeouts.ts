import type { SchedulerLike, Subscription } from 'rxjs'
import { clampTimer } from './retry.ts'

/**
 * Milliseconds since now, by a clock that may be set meanwhile.
 *
 * rxjs's schedulers give the time of day. Set back, it would hold a timeout of seconds open for hours; here what passed between
 * two calls is nothing at worst. Set forward it counts, because that cannot be distinguished from a machine that slept.
 */
export function elapsed(scheduler: SchedulerLike): () => number {
  let last = scheduler.now()
  let passed = 0
  return () => {
    const now = scheduler.now()
    passed += Math.max(0, now - last)
    last = now
    return passed
  }
}

/**
 * Watches over one response with one timer, until `owner` ends. All times are in milliseconds.
 *
 * @param whole until the response is there
 * @param shortest the shortest silence that may be a fault later on: no wait is longer, so that no timer is ever too late
 * @param onTimeout gets the limit that was exceeded
 * @returns to be called with each part of the response: from then on the whole may take `whole` since the request, the silence
 *   before the next part `idle`
 */
export function watchdog(
  scheduler: SchedulerLike,
  owner: Subscription,
  whole: number,
  shortest: number,
  onTimeout: (after: number, waitingFor: 'response' | 'body') => void,
): (whole?: number, idle?: number) => void {
  const passed = elapsed(scheduler)
  const limits = { whole, idle: Infinity, heard: 0 }
  let timer: Subscription | undefined

  const stop = (): void => {
    timer?.unsubscribe()
    timer = undefined
  }
  const wait = (ms: number, due = passed() + ms): void => {
    timer ??= scheduler.schedule(() => {
      stop()
      watch(passed() - due)
    }, ms)
  }
  /** @param late by how much the timer fired late: the process did not run. What arrived meanwhile is read before a timeout is judged. */
  function watch(late = Infinity): void {
    const now = passed()
    const left = Math.min(limits.whole, limits.heard + limits.idle) - now
    const exceeded = now >= limits.whole ? limits.whole : limits.idle
    if (left === Infinity) stop()
    else if (left > 0) wait(clampTimer(Math.min(left, shortest)))
    else if (late > 0) wait(Math.min(late, exceeded), Infinity)
    else onTimeout(exceeded, exceeded === limits.whole ? 'response' : 'body')
  }
  owner.add(stop)
  watch()
  return (newWhole = limits.whole, idle = limits.idle) => {
    Object.assign(limits, { whole: newWhole, idle, heard: passed() })
    watch()
  }
}
