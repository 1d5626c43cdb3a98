import { Observable, type SchedulerLike, type Subscriber, Subscription, type Unsubscribable } from 'rxjs'
import { clampTimer, elapsed, subscribeInto } from '../../core/index.ts'
import { ConnectionState, firstValue } from '../connection.ts'
import { adaptiveInterval, waitAfter } from '../intervals.ts'
import {
  isFinal,
  type JobSnapshot,
  type JobSource,
  type Phase,
  type PollInterval,
  type WatchOptions,
} from '../types.ts'
import type { RequestKind } from './request-queue.ts'

// Polls that were asked for follow each other no sooner than this, in milliseconds.
const betweenPollNows = 500

// A status that nobody knows is read as rarely as an old job's.
const slowest = 15_000

/** What polls a job: by itself, or a pool. */
export interface PollContext<Ref, Job> {
  readonly source: JobSource<Ref, Job, unknown, never>
  readonly scheduler: SchedulerLike
  /** Milliseconds, by a clock that never goes back. */
  readonly now: () => number
  /** For watches that have none of their own. */
  readonly interval: PollInterval<Job>
  /** Called when a watch is over. */
  changed?(): void
}

/** One subscription to a watch. It is also the subscription's teardown: a closure would cost memory for each of thousands. */
export class Watcher<Ref, Job> extends ConnectionState implements Unsubscribable {
  readonly #job: PolledJob<Ref, Job>
  readonly subscriber: Subscriber<JobSnapshot<Job>>
  readonly options: WatchOptions<Ref, Job>
  /** How long after the last answer it asks for the next one, in milliseconds. */
  wait = 0

  constructor(job: PolledJob<Ref, Job>, subscriber: Subscriber<JobSnapshot<Job>>, options: WatchOptions<Ref, Job>) {
    super('status', job.context.source, job.ref, options)
    this.#job = job
    this.subscriber = subscriber
    this.options = options
  }

  unsubscribe(): void {
    this.#job.leave(this)
  }
}

/** One job: when it is read, and what its answers mean. By itself it is read for one watch, by a timer of its own. */
export class PolledJob<Ref, Job, Context extends PollContext<Ref, Job> = PollContext<Ref, Job>> {
  readonly ref: Ref
  readonly context: Context
  watchers: ReadonlyArray<Watcher<Ref, Job>> = []
  /** When the next read is due. */
  dueAt = 0
  /** Of the next read. Any but a poll is of this job alone, not of its list, and asks for all details: the job may be over. */
  kind: RequestKind = 'poll'
  /** True while it is read, and while the answer is reported. */
  isBusy = false
  last: JobSnapshot<Job> | undefined
  #answeredAt = 0
  #firstAnswerAt = 0
  #attempt = 0
  /** The timer, or the request: never both. */
  #pending: Subscription | undefined
  #phaseSince = 0
  #pollNowAt = -betweenPollNows

  constructor(context: Context, ref: Ref) {
    this.context = context
    this.ref = ref
  }

  /** Adds a watch. `pollNow` asks for a read at once. */
  watch(watcher: Watcher<Ref, Job>, pollNow?: Observable<unknown>): void {
    this.watchers = [...this.watchers, watcher]
    watcher.subscriber.add(watcher)
    watcher.subscriber.add(pollNow?.subscribe(() => this.pollNow()))
    if (!watcher.subscriber.closed) this.joined()
  }

  /** The first watch has it read. */
  protected joined(): void {
    this.send()
  }

  /** When the last watch leaves, the job is read no more. */
  leave(watcher: Watcher<Ref, Job>): void {
    const { watchers } = this
    this.watchers = watchers.filter((other) => other !== watcher)
    if (watchers.length > 0 && this.watchers.length === 0) this.stop()
    this.context.changed?.()
  }

  /** Reads it by itself, soon instead of when it is due. */
  pollNow(): void {
    this.kind = 'call'
    const at = Math.max(this.context.now(), this.#pollNowAt + betweenPollNows)
    if (this.isBusy || at >= this.dueAt) return
    this.#pollNowAt = at
    this.schedule(at)
  }

  /** Has it read then. */
  protected schedule(at: number): void {
    const { scheduler, now } = this.context
    this.dueAt = at
    this.#wait().add(scheduler.schedule(() => this.send(), clampTimer(Math.ceil(at - now()))))
  }

  /**
   * Ends the timer or request that is pending, and gives the subscription of the next one. That exists before the next one begins,
   * because a queueScheduler runs what is due before it returns.
   */
  #wait(): Subscription {
    this.#pending?.unsubscribe()
    this.#pending = new Subscription()
    return this.#pending
  }

  /** One read of this job alone. */
  send(): void {
    const { kind, last } = this
    const options = kind !== 'poll' || (last && isFinal(last.phase)) ? { expectFinal: true } : undefined
    const read = this.request(firstValue('status', () => this.context.source.status(this.ref, options)))
    this.kind = 'poll'
    this.isBusy = true
    subscribeInto(this.#wait(), read, {
      next: (snapshot) => this.accept(snapshot),
      error: (error: unknown) => this.failed(error),
    })
  }

  protected request(read: Observable<JobSnapshot<Job>>): Observable<JobSnapshot<Job>> {
    return read
  }

  /** Takes an answer. */
  accept(read: JobSnapshot<Job>): void {
    const { phase, confirmAfter = 0 } = read
    const now = this.context.now()
    if (phase !== this.last?.phase) this.#phaseSince = now
    const confirmIn = isFinal(phase) ? this.#phaseSince + confirmAfter - now : Number.POSITIVE_INFINITY
    if (!(confirmIn > 0)) return this.#end(read)
    this.last = read
    if (this.#attempt++ === 0) this.#firstAnswerAt = now
    this.#answeredAt = now
    this.#pending = undefined
    this.isBusy = true
    this.each(this.watchers, (watcher) => this.tell(watcher, read))
    this.isBusy = false
    if (this.watchers.length === 0) return
    this.schedule(now + Math.min(confirmIn, ...this.watchers.map(({ wait }) => wait)))
    // Asked for while it was read, or while its list was.
    if (this.kind === 'call') this.pollNow()
  }

  /** Gives a watch a snapshot, and asks it when the next read is due. A final phase that must still hold counts as running. */
  protected tell(watcher: Watcher<Ref, Job>, snapshot: JobSnapshot<Job>): number {
    const { job, phase } = snapshot
    const interval = watcher.options.pollInterval ?? this.interval(phase)
    const age = this.#answeredAt - this.#firstAnswerAt
    watcher.succeeded()
    watcher.wait = waitAfter(interval, job, age, this.#attempt)
    watcher.subscriber.next(isFinal(phase) ? { ...snapshot, phase: 'running' } : snapshot)
    return this.#answeredAt + watcher.wait
  }

  /** For watches that have none of their own. */
  protected interval(phase: Phase): number | PollInterval<Job> {
    return phase === 'unknown' ? slowest : this.context.interval
  }

  /** Takes a failure: waits for the next try, or ends the watches for which there is none. They may be subscribed to again at once. */
  failed(error: unknown): void {
    const { watchers } = this
    this.isBusy = true
    this.each(watchers, (watcher) => {
      const wait = watcher.countFailure(error)
      if (wait === undefined) throw error
      watcher.wait = Math.ceil(wait)
    })
    const failing = watchers.filter(({ subscriber }) => !subscriber.closed)
    const wait = Math.max(0, ...failing.map((watcher) => watcher.wait))
    if (this.watchers.length > 0) this.retry(wait, error, failing)
  }

  retry(wait: number, error: unknown, failing: ReadonlyArray<Watcher<Ref, Job>> = this.watchers): void {
    this.isBusy = false
    this.schedule(this.context.now() + wait)
    for (const watcher of failing) watcher.retrying(wait, error)
  }

  #end(snapshot: JobSnapshot<Job>): void {
    const { watchers } = this
    this.watchers = []
    this.stop()
    for (const watcher of watchers) {
      watcher.succeeded()
      watcher.subscriber.next(snapshot)
      watcher.subscriber.complete()
    }
  }

  /** What a function of the caller throws ends that watch only. */
  protected each(watchers: ReadonlyArray<Watcher<Ref, Job>>, run: (watcher: Watcher<Ref, Job>) => void): void {
    for (const watcher of watchers) {
      try {
        run(watcher)
      } catch (thrown) {
        watcher.subscriber.error(thrown)
      }
    }
  }

  protected stop(): void {
    this.#pending?.unsubscribe()
  }
}

/** The snapshots of a job that is polled by itself, the final one last: what a pool does, without a budget and lists. */
export function pollJob<Ref, Job>(
  source: JobSource<Ref, Job, unknown, never>,
  ref: Ref,
  options: WatchOptions<Ref, Job> & { readonly scheduler: SchedulerLike },
  pollNow?: Observable<unknown>,
  now: () => number = elapsed(options.scheduler),
): Observable<JobSnapshot<Job>> {
  const { scheduler, random } = options
  return new Observable((subscriber) => {
    const interval = adaptiveInterval(random && { random })
    const job = new PolledJob<Ref, Job>({ source, scheduler, now, interval }, ref)
    job.watch(new Watcher(job, subscriber, options), pollNow)
  })
}
