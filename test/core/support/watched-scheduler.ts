import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs'

/** The real clock, with a list of the timers that nobody has stopped. */
export class WatchedScheduler implements SchedulerLike {
  readonly running: Set<Subscription> = new Set()

  now(): number {
    return asyncScheduler.now()
  }

  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay: number, state: T): Subscription
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription {
    const action = asyncScheduler.schedule(work, delay, state)
    this.running.add(action)
    action.add(() => this.running.delete(action))
    return action
  }
}
