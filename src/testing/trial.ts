import type { Observable } from 'rxjs'
import { judge } from './law.ts'
import type { LawService } from './law-setup.ts'
import { WatchedClock } from './watched-clock.ts'

/** How a stream ended, and whether the job was over at that moment. */
export type End = { readonly wasOver: boolean } & (
  | { readonly how: 'completed' }
  | { readonly how: 'failed'; readonly error: unknown }
)

/** What a trial sees of its service. */
export type Witness = Omit<LawService<unknown>, 'ref' | 'missing'>

// So often in a row nothing may be under way before a stream counts as waiting for something unknown: a request that is
// on the wire is seen by nobody for a few turns of an event loop.
const patience = 50

/** One subscription to a stream, under watch. */
export class Trial {
  readonly clock: WatchedClock
  readonly values: Array<unknown> = []
  /** Undefined while the stream goes on. */
  end: End | undefined
  /** True when it waits for a job that goes on, although nothing is in flight and no timer of its clock is set. */
  stalled = false
  readonly #service: Witness
  readonly #stop: () => void
  #passed = 0
  #idle = 0

  constructor(service: Witness, stream: Observable<unknown>, clock: WatchedClock) {
    this.#service = service
    this.clock = clock
    const subscription = stream.subscribe({
      next: (value) => this.values.push(value),
      error: (error: unknown) => (this.end = { how: 'failed', error, wasOver: service.isOver() }),
      complete: () => (this.end = { how: 'completed', wasOver: service.isOver() }),
    })
    this.#stop = () => subscription.unsubscribe()
  }

  leave(): void {
    this.#stop()
  }

  /** Lets time pass until it is so; false where the stream ends, stalls or takes too long before. */
  async until(so: () => boolean): Promise<boolean> {
    const { within = 600_000 } = this.#service
    while (!so()) {
      if (this.end !== undefined || this.stalled || this.#passed >= within) return false
      await this.#step()
    }
    return true
  }

  /** Lets it run to its end, whatever that is. */
  async run(): Promise<this> {
    await this.until(() => false)
    this.leave()
    return this
  }

  /** Time passes in ever longer steps: an hour takes some hundred of them, and a moment is still seen. */
  async #step(): Promise<void> {
    const step = Math.max(1, Math.floor(this.#passed / 20))
    this.#passed += step
    await this.#service.advance(step)
    const { inFlight, isOver } = this.#service
    const idle = this.end === undefined && !isOver() && inFlight() === 0 && this.clock.armed === 0
    this.#idle = idle ? this.#idle + 1 : 0
    this.stalled ||= this.#idle >= patience
  }
}

/** @throws LawSkipped for a stream that has not ended: what is not about ending cannot judge it */
export function endOf({ end, stalled }: Trial): End {
  judge(!stalled, 'the stream waits for something else than its clock (law 7)')
  judge(end !== undefined, 'the stream did not end (law 4)')
  return end
}
