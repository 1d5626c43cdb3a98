import type { SchedulerLike, Subscriber, Unsubscribable } from 'rxjs'
import { type ConnectionChange, type ConnectionSetup, ConnectionState, type StreamRetry } from '../connection.ts'
import { intervalOf, waitAfter } from '../intervals.ts'
import type { JobSnapshot, WatchOptions } from '../types.ts'

/** The job that is watched. */
export interface WatchedJob<Ref, Job> {
  readonly ref: Ref
  readonly scheduler: SchedulerLike
  leave(watcher: Watcher<Ref, Job>): void
}

/** One subscription to a watch: how often it asks for a read, and what is reported to it. */
export class Watcher<Ref, Job> implements ConnectionSetup, Unsubscribable {
  readonly retry: StreamRetry
  readonly #job: WatchedJob<Ref, Job>
  readonly #subscriber: Subscriber<JobSnapshot<Job>>
  readonly #options: WatchOptions<Ref, Job>
  readonly #connection: ConnectionState
  /** How long after the last read it asks for the next one, in milliseconds. */
  wait = 0

  constructor(
    job: WatchedJob<Ref, Job>,
    subscriber: Subscriber<JobSnapshot<Job>>,
    options: WatchOptions<Ref, Job>,
    retry: StreamRetry,
  ) {
    this.#job = job
    this.#subscriber = subscriber
    this.#options = options
    this.retry = retry
    this.#connection = new ConnectionState('status', this)
  }

  get scheduler(): SchedulerLike {
    return this.#job.scheduler
  }

  /** False while reads fail, or nothing may be read. */
  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  /** For its connection: reports a change. */
  report(change: ConnectionChange): void {
    this.#options.onConnection?.({ _tag: 'Connection', ref: this.#job.ref, ...change })
  }

  /** Notes an answer and decides the next wait. What a function of the caller throws ends this watch only. */
  answered({ job }: JobSnapshot<Job>, age: number, attempt: number, byDefault: () => number): void {
    const { pollInterval } = this.#options
    this.#connection.succeeded()
    try {
      this.wait = pollInterval === undefined ? byDefault() : waitAfter(intervalOf(pollInterval), job, age, attempt)
    } catch (thrown) {
      this.error(thrown)
    }
  }

  /** Counts a failure and decides the next wait; gives what ends this watch. */
  failed(error: unknown): { readonly error: unknown } | undefined {
    try {
      const wait = this.#connection.nextWait(error)
      if (wait === undefined) return { error }
      this.wait = Math.ceil(wait)
      return undefined
    } catch (thrown) {
      return { error: thrown }
    }
  }

  /** Reports that the read is tried again. */
  retrying(wait: number, error?: unknown): void {
    this.#connection.retrying(wait, error)
  }

  next(snapshot: JobSnapshot<Job>): void {
    this.#subscriber.next(snapshot)
  }

  error(error: unknown): void {
    this.#subscriber.error(error)
  }

  /** The last snapshot. */
  over(snapshot: JobSnapshot<Job>): void {
    this.#connection.succeeded()
    this.#subscriber.next(snapshot)
    this.#subscriber.complete()
  }

  /** Called by its subscription when it ends, however it does. */
  unsubscribe(): void {
    this.#job.leave(this)
  }
}
