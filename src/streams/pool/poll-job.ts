import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import { clampTimer, elapsed } from '../../core/index.ts'
import { StreamRetry } from '../connection.ts'
import { adaptiveInterval } from '../intervals.ts'
import type { JobSnapshot, JobSource, WatchOptions } from '../types.ts'
import { PolledJob } from './polled-job.ts'
import type { PollQueue, QueueItem } from './request-queue.ts'

/** The queue of one item, without a rate limit. */
class TimerQueue implements PollQueue {
  readonly now: () => number
  readonly #scheduler: SchedulerLike
  #timer: Subscription | undefined

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
    this.now = elapsed(scheduler)
  }

  add(item: QueueItem, wait: number, since: number = this.now()): void {
    item.since = since
    item.wait = wait
    this.remove()
    // A queueScheduler runs what is due before it returns: the subscription is closed then.
    const timer = new Subscription()
    this.#timer = timer
    const rest = clampTimer(Math.ceil(since + wait - this.now()))
    timer.add(
      this.#scheduler.schedule(() => {
        timer.unsubscribe()
        item.send()
      }, rest),
    )
  }

  remove(): void {
    this.#timer?.unsubscribe()
  }

  run<A>(_item: QueueItem, source: Observable<A>): Observable<A> {
    return source
  }
}

/** The snapshots of a job that is polled by itself, the final one last: what a pool does, without a budget and lists. */
export function pollJob<Ref, Job>(
  source: JobSource<Ref, Job, unknown, never>,
  ref: Ref,
  options: WatchOptions<Ref, Job> & { readonly scheduler: SchedulerLike },
  pollNow?: Observable<unknown>,
): Observable<JobSnapshot<Job>> {
  const { scheduler, random } = options
  return new Observable((subscriber) => {
    const queue = new TimerQueue(scheduler)
    const interval = adaptiveInterval(random && { random })
    const job = new PolledJob<Ref, Job>({ source, queue, scheduler, interval, isDefault: true }, ref, source.keyOf(ref))
    job.watch(subscriber, options, new StreamRetry(source, options), pollNow)
  })
}
