import { Observable, type SchedulerLike, type Subscriber, Subscription, type Unsubscribable } from 'rxjs'
import { clampTimer, elapsed, subscribeInto } from '../../core/index.ts'
import { ConnectionState, firstValue } from '../connection.ts'
import { adaptiveInterval, intervalOf, waitAfter } from '../intervals.ts'
import {
  isFinal,
  type JobSnapshot,
  type JobSource,
  type Phase,
  type PollInterval,
  type WatchOptions,
} from '../types.ts'

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
  readonly pollInterval?: number | PollInterval<Job> | undefined
  /** Where there is none at all. */
  readonly interval: PollInterval<Job>
}

/** One subscription to a watch: how often it asks for a read, and what is reported to it. */
export class Watcher<Ref, Job> extends ConnectionState implements Unsubscribable {
  readonly #job: PolledJob<Ref, Job>
  readonly subscriber: Subscriber<JobSnapshot<Job>>
  readonly #pollInterval: WatchOptions<Ref, Job>['pollInterval']
  /** How long after the last answer it asks for the next one, in milliseconds. */
  wait = 0

  constructor(
    job: PolledJob<Ref, Job>,
    { source, pollInterval }: PollContext<Ref, Job>,
    subscriber: Subscriber<JobSnapshot<Job>>,
    options: WatchOptions<Ref, Job>,
  ) {
    super('status', source, job.ref, options)
    this.#job = job
    this.subscriber = subscriber
    this.#pollInterval = options.pollInterval ?? pollInterval
  }

  /** Decides the next wait, and emits. What a function of the caller throws ends this watch only. */
  next(snapshot: JobSnapshot<Job>, age: number, attempt: number, byDefault: PollInterval<Job>): void {
    this.succeeded()
    try {
      this.wait = waitAfter(intervalOf(this.#pollInterval ?? byDefault), snapshot.job, age, attempt)
      this.subscriber.next(snapshot)
    } catch (thrown) {
      this.subscriber.error(thrown)
    }
  }

  /** Counts a failure: decides the next wait, or ends and gives false. */
  failed(error: unknown): boolean {
    try {
      const wait = this.countFailure(error)
      if (wait === undefined) throw error
      this.wait = Math.ceil(wait)
      return true
    } catch (thrown) {
      this.subscriber.error(thrown)
      return false
    }
  }

  /** The last snapshot. */
  over(snapshot: JobSnapshot<Job>): void {
    this.succeeded()
    this.subscriber.next(snapshot)
    this.subscriber.complete()
  }

  /** Called by its subscription when that ends, however it does: this is less for each of thousands than a closure. */
  unsubscribe(): void {
    this.#job.leave(this)
  }
}

/** One job: when it is read, and what its answers mean. By itself it is read for one watch, by a timer of its own. */
export class PolledJob<Ref, Job> {
  readonly ref: Ref
  readonly #context: PollContext<Ref, Job>
  watchers: ReadonlyArray<Watcher<Ref, Job>> = []
  /** When the next read is due. */
  dueAt = 0
  /** True while it is read, and while the answer is reported. */
  isBusy = false
  last: JobSnapshot<Job> | undefined
  #answeredAt = 0
  #firstAnswerAt = 0
  #attempt = 0
  #request: Subscription | undefined
  #timer: Subscription | undefined
  #confirming: { readonly phase: Phase; readonly since: number } | undefined
  #expectFinal = false
  #pollNowAt = -betweenPollNows
  #pollAgain = false

  constructor(context: PollContext<Ref, Job>, ref: Ref) {
    this.#context = context
    this.ref = ref
  }

  /** Adds a watch. `pollNow` asks for a read at once. */
  watch(
    subscriber: Subscriber<JobSnapshot<Job>>,
    options: WatchOptions<Ref, Job>,
    pollNow?: Observable<unknown>,
  ): void {
    const watcher = new Watcher(this, this.#context, subscriber, options)
    subscriber.add(watcher)
    this.watchers = [...this.watchers, watcher]
    if (pollNow !== undefined) {
      const error = (thrown: unknown): void => subscriber.error(thrown)
      subscribeInto(subscriber, pollNow, { next: () => this.pollNow(), error })
    }
    this.joined(watcher)
  }

  protected joined({ subscriber }: Watcher<Ref, Job>): void {
    if (!subscriber.closed) this.send()
  }

  /** The last one takes the job out of the poller. */
  leave(watcher: Watcher<Ref, Job>): void {
    if (!this.watchers.includes(watcher)) return
    this.watchers = this.watchers.filter((other) => other !== watcher)
    if (this.watchers.length === 0) this.stop()
  }

  /** Reads it by itself, soon instead of when it is due. */
  pollNow(expectFinal = true): void {
    this.#expectFinal ||= expectFinal
    this.#pollAgain = this.isBusy
    if (this.isBusy) return
    const at = Math.max(this.#context.now(), this.#pollNowAt + betweenPollNows)
    if (at >= this.dueAt) return
    this.#pollNowAt = at
    this.schedule(at)
  }

  /** Has it read then. */
  protected schedule(at: number): void {
    const { scheduler, now } = this.#context
    this.dueAt = at
    this.#timer?.unsubscribe()
    // A queueScheduler runs what is due before it returns: the subscription is closed then.
    const timer = new Subscription()
    this.#timer = timer
    timer.add(scheduler.schedule(() => this.send(), clampTimer(Math.ceil(at - now()))))
  }

  /** One read of this job alone. */
  send(): void {
    const options = this.#expectFinal ? { expectFinal: true } : undefined
    this.#expectFinal = false
    this.isBusy = true
    this.#request = new Subscription()
    const read = firstValue('status', () => this.#context.source.status(this.ref, options))
    subscribeInto(this.#request, this.request(read), {
      next: (snapshot) => this.accept(snapshot),
      error: (error: unknown) => this.failed(error),
    })
  }

  protected request(read: Observable<JobSnapshot<Job>>): Observable<JobSnapshot<Job>> {
    return read
  }

  /** Takes an answer. */
  accept(read: JobSnapshot<Job>): void {
    this.#request?.unsubscribe()
    this.#request = undefined
    const now = this.#context.now()
    const confirmIn = this.#confirmIn(read, now)
    if (confirmIn === undefined) return this.end((watcher) => watcher.over(read))
    const snapshot: JobSnapshot<Job> = isFinal(read.phase) ? { ...read, phase: 'running' } : read
    this.last = snapshot
    if (this.#attempt++ === 0) this.#firstAnswerAt = now
    this.#answeredAt = now
    this.isBusy = true
    for (const watcher of this.watchers) this.tell(watcher, snapshot)
    this.isBusy = false
    if (this.watchers.length === 0) return
    this.schedule(now + Math.min(confirmIn, ...this.watchers.map(({ wait }) => wait)))
    if (this.#pollAgain) this.pollNow()
  }

  /** Gives a watch a snapshot; when that asks for the next read. */
  protected tell(watcher: Watcher<Ref, Job>, snapshot: JobSnapshot<Job>): number {
    const byDefault = this.interval(snapshot.phase)
    watcher.next(snapshot, this.#answeredAt - this.#firstAnswerAt, this.#attempt, byDefault)
    return this.#answeredAt + watcher.wait
  }

  /** For watches that have none of their own. */
  protected interval(phase: Phase): PollInterval<Job> {
    return phase === 'unknown' ? () => slowest : this.#context.interval
  }

  /** Takes a failure: waits for the next try, or ends the watches for which there is none. They may be subscribed to again at once. */
  failed(error: unknown): void {
    this.#request = undefined
    this.isBusy = true
    const failing = this.watchers.filter((watcher) => watcher.failed(error))
    this.isBusy = false
    if (failing.length > 0) this.retry(Math.max(...failing.map(({ wait }) => wait)), error, failing)
    else if (this.watchers.length > 0) this.schedule(this.#context.now())
  }

  retry(wait: number, error: unknown, failing: ReadonlyArray<Watcher<Ref, Job>> = this.watchers): void {
    this.schedule(this.#context.now() + wait)
    for (const watcher of failing) watcher.retrying(wait, error)
  }

  /** How long a final phase must still hold; undefined where it is the end, Infinity where the phase is not final. */
  #confirmIn({ phase, confirmAfter = 0 }: JobSnapshot<Job>, now: number): number | undefined {
    if (!isFinal(phase)) {
      this.#confirming = undefined
      return Number.POSITIVE_INFINITY
    }
    if (!this.#confirming || this.#confirming.phase !== phase) this.#confirming = { phase, since: now }
    this.#expectFinal = true
    const rest = this.#confirming.since + confirmAfter - now
    return rest > 0 ? rest : undefined
  }

  end(tell: (watcher: Watcher<Ref, Job>) => void): void {
    const { watchers } = this
    this.watchers = []
    this.stop()
    for (const watcher of watchers) tell(watcher)
  }

  protected stop(): void {
    this.#request?.unsubscribe()
    this.#timer?.unsubscribe()
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
    const interval = adaptiveInterval(random && { random })
    new PolledJob({ source, scheduler, now: elapsed(scheduler), interval }, ref).watch(subscriber, options, pollNow)
  })
}
