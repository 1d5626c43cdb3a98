import { VirtualTimeScheduler } from 'rxjs'

/** Virtual time with a clock that somebody sets: timers run on as they do, the time of day jumps. */
export class SettableScheduler extends VirtualTimeScheduler {
  /** How many milliseconds the clock was set forward in all. */
  setBy = 0

  constructor() {
    super()
    this.now = () => this.frame + this.setBy
  }
}
