import type { SchedulerLike } from 'rxjs'

/**
 * Milliseconds since now, by a clock that may be set meanwhile.
 *
 * rxjs's schedulers tell the time of day. Set back, it would hold a timeout of seconds open for hours; here what passed
 * between two looks is nothing at worst. Set forward it counts, because a machine that slept is not to be told from that.
 */
export function stopwatch(scheduler: SchedulerLike): () => number {
  let last = scheduler.now()
  let passed = 0
  return () => {
    const now = scheduler.now()
    passed += Math.max(0, now - last)
    last = now
    return passed
  }
}
