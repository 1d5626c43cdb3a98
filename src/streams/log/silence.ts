import { type SchedulerLike, Subscription } from 'rxjs'
import { boundTo } from '../../core/bound-to.ts'
import type { Ready } from '../../core/index.ts'

/** Notices when nothing was heard for a while. */
export interface Silence {
  /** Something was heard. */
  readonly heard: () => void
  /** Ends the watch. */
  readonly subscription: Subscription
}

/**
 * Calls `onSilent` each time that nothing was heard for `ms`. While `ready` says false the connection is held back by us:
 * its silence means nothing, and time counts anew from when it may go on.
 */
export function watchSilence(ms: number, scheduler: SchedulerLike, ready: Ready, onSilent: () => void): Silence {
  let last = scheduler.now()
  let held = false
  const heard = (): void => void (last = scheduler.now())
  const subscription = new Subscription()
  ready.pipe(boundTo(subscription)).subscribe((open) => {
    held = !open
    heard()
  })
  subscription.add(
    scheduler.schedule(function () {
      if (held) heard()
      // A clock may be set back.
      last = Math.min(last, scheduler.now())
      const left = last + ms - scheduler.now()
      if (left <= 0) onSilent()
      this.schedule(undefined, left > 0 ? left : ms)
    }, ms),
  )
  return { heard, subscription }
}
