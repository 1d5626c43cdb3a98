import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription, VirtualTimeScheduler } from 'rxjs'

/** Virtual time with a clock that somebody sets: timers run on as they do, the time of day jumps. */
export class SettableScheduler extends VirtualTimeScheduler {
  /** How many milliseconds the clock was set forward in all. */
  setBy = 0

  constructor() {
    super()
    this.now = () => this.frame + this.setBy
  }
}

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
