import type { Observable } from 'rxjs'
import type { Connection } from '../streams/index.ts'
import { skipUnless } from './conformance-types.ts'
import { ObservedScheduler, observedScheduler } from './observed-scheduler.ts'
import type { ObservedService, SourceUnderTest, StreamUnderTest } from './conformance-types.ts'

/** How a stream ended, and whether the job was over at that moment. */
export type End = { readonly jobWasOver: boolean } & (
  | { readonly how: 'completed' }
  | { readonly how: 'failed'; readonly error: unknown }
)

type Service = Omit<ObservedService<unknown>, 'ref' | 'missing'>

// Steps in a row without a request or a timer after which a stream counts as stalled. A request that is on its way to the service is
// invisible for a few turns of the event loop.
const idleSteps = 50

/** One subscription to a stream, observed. */
export class Probe {
  readonly scheduler: ObservedScheduler
  readonly values: Array<unknown> = []
  /** Undefined while the stream goes on. */
  end: End | undefined
  /** True when the job goes on and the stream waits, although no request is in flight and no timer is set. */
  stalled = false
  readonly #service: Service
  readonly #unsubscribe: () => void
  #elapsed = 0
  #idle = 0

  constructor(
    service: Service,
    stream: Observable<unknown>,
    scheduler: ObservedScheduler = observedScheduler(service.scheduler),
  ) {
    this.#service = service
    this.scheduler = scheduler
    const subscription = stream.subscribe({
      next: (value) => this.values.push(value),
      error: (error: unknown) => (this.end = { how: 'failed', error, jobWasOver: service.isOver() }),
      complete: () => (this.end = { how: 'completed', jobWasOver: service.isOver() }),
    })
    this.#unsubscribe = () => subscription.unsubscribe()
  }

  unsubscribe(): void {
    this.#unsubscribe()
  }

  /** Lets time pass until the condition holds; false where the stream ends, stalls or takes too long before. */
  async until(condition: () => boolean): Promise<boolean> {
    const { within = 600_000 } = this.#service
    while (!condition()) {
      if (this.end !== undefined || this.stalled || this.#elapsed >= within) return false
      await this.#step()
    }
    return true
  }

  /** Lets the stream run until it ends, stalls or takes too long, and unsubscribes. */
  async run(): Promise<this> {
    await this.until(() => false)
    this.unsubscribe()
    return this
  }

  /** Steps grow with the time that has passed: an hour takes some hundred steps, and short events are still seen. */
  async #step(): Promise<void> {
    const step = Math.max(1, Math.floor(this.#elapsed / 20))
    this.#elapsed += step
    await this.#service.advance(step)
    const { inFlight, isOver } = this.#service
    const isIdle = this.end === undefined && !isOver() && inFlight() === 0 && this.scheduler.pending === 0
    this.#idle = isIdle ? this.#idle + 1 : 0
    this.stalled ||= this.#idle >= idleSteps
  }
}

/** @throws ConformanceSkipped for a stream that did not end: checks that are not about the end cannot judge it */
export function endOf({ end, stalled }: Probe): End {
  skipUnless(!stalled, 'the stream waits without a timer of the scheduler (G7)')
  skipUnless(end !== undefined, 'the stream did not end (G4)')
  return end
}

/** A connection event, and when it came. */
export type TimedConnection = Connection & { readonly at: number }

/** A stream before its first subscription. */
export interface UnstartedStream {
  /** The connection events of all subscriptions. */
  readonly connections: ReadonlyArray<TimedConnection>
  readonly subscribe: () => Probe
}

/** Makes the stream of a service. */
export function streamOf<Ref>(service: StreamUnderTest<Ref>, ref: Ref = service.ref): UnstartedStream {
  const scheduler = observedScheduler(service.scheduler)
  const connections: Array<TimedConnection> = []
  const onConnection = (connection: Connection): void => {
    connections.push({ ...connection, at: scheduler.now() })
  }
  const stream = service.stream(ref, { scheduler, onConnection })
  return { connections, subscribe: () => new Probe(service, stream, scheduler) }
}

/** All reading methods of a source, by name, each called and not subscribed to. */
export function readsOf<Ref, Job, Failure, Submitted>(
  { source }: Pick<SourceUnderTest<Ref, Job, Failure, Submitted>, 'source'>,
  ref: Ref,
): ReadonlyArray<readonly [name: string, read: Observable<unknown>]> {
  const { log } = source
  const reads: ReadonlyArray<readonly [string, Observable<unknown> | undefined]> = [
    ['status', source.status(ref)],
    ['log.read', log?.read(ref, 10)],
    ['log.after', log?.after?.(ref, 0)],
    ['log.stream', log?.stream?.(ref)],
    ['log.download', log?.download?.(ref)],
  ]
  return reads.flatMap(([name, read]) => (read === undefined ? [] : [[name, read] as const]))
}
