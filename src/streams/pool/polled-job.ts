import { Subscription, type SchedulerLike, type Subscriber, type Unsubscribable } from 'rxjs'
import { phaseError } from '../check.ts'
import {
  type ConnectionChange,
  type ConnectionSetup,
  ConnectionState,
  firstValue,
  type StreamRetry,
} from '../connection.ts'
import { intervalOf, waitAfter } from '../intervals.ts'
import {
  type Connection,
  isFinal,
  type JobSnapshot,
  type JobSource,
  type ListedJob,
  type Phase,
  type PollInterval,
  type WatchOptions,
} from '../types.ts'
import type { QueueItem, RequestQueue } from './request-queue.ts'

/** How long a list is done without, in milliseconds: where it keeps failing, and for a job that it does not show. */
export const listCooldown = 60_000

// Polls that were asked for follow each other no sooner than this, in milliseconds.
const betweenPollNows = 500

// A status that nobody knows is read as rarely as an old job's.
const slowest = 15_000

/** What a poller needs of a source. */
export type PolledSource<Ref, Job> = Pick<
  JobSource<Ref, Job, unknown, never>,
  'status' | 'keyOf' | 'transient' | 'list' | 'limits' | 'requests'
>

/** A list that reads many jobs by one request. */
export interface Batch<Ref, Job> {
  /** Whether the list can be used now. */
  readonly isUsable: boolean
  /** How many jobs it has. */
  readonly size: number
  add(job: PolledJob<Ref, Job>): void
  remove(job: PolledJob<Ref, Job>): void
  /** One of its jobs is due then. */
  expect(due: number): void
  /** Notes a single read of a job that it shows as running. */
  verified(agrees: boolean): void
}

/** What a job needs of its poller. */
export interface PollContext<Ref, Job> {
  readonly source: PolledSource<Ref, Job>
  readonly queue: RequestQueue
  readonly scheduler: SchedulerLike
  readonly random: (() => number) | undefined
  /** For watches that have none of their own. */
  readonly interval: PollInterval<Job>
  /** Whether that is the default one: shorter where a list reads several jobs, longest for an unknown phase. */
  readonly isDefault: boolean
  batchOf(ref: Ref, last?: Job): Batch<Ref, Job> | undefined
  /** Applies what a failure of this job asks of all, and tells the others; until when nothing is read then. */
  pauseAfter(error: unknown, wait: number, job: PolledJob<Ref, Job>): number | undefined
  forget(job: PolledJob<Ref, Job>): void
  /** A watch is over. */
  unsubscribe(): void
}

/** One subscription to a watch: how often it asks for a read, and how it is told. */
export class Watcher<Ref, Job> implements ConnectionSetup, Unsubscribable {
  readonly retry: StreamRetry
  readonly #job: PolledJob<Ref, Job>
  readonly #subscriber: Subscriber<JobSnapshot<Job>>
  readonly #interval: PollInterval<Job> | undefined
  readonly #onConnection: ((connection: Connection<Ref>) => void) | undefined
  readonly #connection: ConnectionState
  /** How long after the last read it asks for the next one, in milliseconds. */
  wait = 0
  /** The last failure of a read. */
  failure: unknown
  #pausedUntil = 0

  constructor(
    job: PolledJob<Ref, Job>,
    subscriber: Subscriber<JobSnapshot<Job>>,
    { pollInterval, onConnection }: WatchOptions<Ref, Job>,
    retry: StreamRetry,
  ) {
    this.#job = job
    this.#subscriber = subscriber
    this.#interval = pollInterval === undefined ? undefined : intervalOf(pollInterval)
    this.#onConnection = onConnection
    this.retry = retry
    this.#connection = new ConnectionState('status', this)
  }

  get scheduler(): SchedulerLike {
    return this.#job.context.scheduler
  }

  /** Part of its connection: tells a change. */
  report(change: ConnectionChange): void {
    this.#guard(() => this.#onConnection?.({ _tag: 'Connection', ref: this.#job.ref, ...change }))
  }

  /** Notes an answer and decides the next wait. */
  answered({ job, phase }: JobSnapshot<Job>, age: number, attempt: number, byDefault: PollInterval<Job>): void {
    this.#connection.succeeded()
    this.#guard(() => {
      const own = this.#interval
      this.wait =
        own !== undefined
          ? waitAfter(own, job, age, attempt)
          : phase === 'unknown' && this.#job.context.isDefault
            ? slowest
            : waitAfter(byDefault, job, age, attempt) / this.#job.shared
    })
  }

  /** Counts a failure; milliseconds until the next try, or undefined where `failure` ends this watch. */
  nextWait(error: unknown): number | undefined {
    this.failure = error
    try {
      return this.#connection.nextWait(error)
    } catch (thrown) {
      this.failure = thrown
      return undefined
    }
  }

  /** Tells that the read is tried again, unless a pause that it is part of was told already. */
  retrying(wait: number, error: unknown, pausedUntil = 0): void {
    const isTold = this.#pausedUntil > this.#job.context.queue.now()
    this.#pausedUntil = Math.max(this.#pausedUntil, pausedUntil)
    if (!isTold) this.#connection.retrying(wait, error)
  }

  next(snapshot: JobSnapshot<Job>): void {
    this.#subscriber.next(snapshot)
  }

  error(error: unknown): void {
    this.#subscriber.error(error)
  }

  /** Tells the last snapshot. */
  over(snapshot: JobSnapshot<Job>): void {
    this.#connection.succeeded()
    this.#subscriber.next(snapshot)
    this.#subscriber.complete()
  }

  /** Called by its subscription when it ends, however it does. */
  unsubscribe(): void {
    this.#job.leave(this)
    this.#job.context.unsubscribe()
  }

  /** What a function of the caller throws ends this watch only. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (thrown) {
      this.error(thrown)
    }
  }
}

/** One job: when and how it is read, and for whom. */
export class PolledJob<Ref, Job> implements QueueItem {
  since = 0
  wait = 0
  readonly context: PollContext<Ref, Job>
  readonly ref: Ref
  readonly key: string
  /** When it was read by itself for the last time. */
  readAt: number
  /** True while a list is read that may show it. */
  isListed = false
  #watchers: ReadonlyArray<Watcher<Ref, Job>> = []
  #batch: Batch<Ref, Job> | undefined
  /** Until then it is polled by itself, because the last list did not contain it; 0 where the list did, or may. */
  #aloneUntil = 0
  #last: JobSnapshot<Job> | undefined
  #firstRead = 0
  #attempt = 0
  #request: Subscription | undefined
  #confirming: { readonly phase: Phase; readonly since: number } | undefined
  #isFailing = false
  #expectFinal = false
  #isVerifying = false
  #pollNowAt = Number.NEGATIVE_INFINITY
  #pollAgain = false

  constructor(context: PollContext<Ref, Job>, ref: Ref, key: string) {
    this.context = context
    this.ref = ref
    this.key = key
    this.readAt = context.queue.now()
  }

  get requests(): number {
    return this.context.source.requests ?? 1
  }

  get isWatched(): boolean {
    return this.#watchers.length > 0
  }

  get watchers(): ReadonlyArray<Watcher<Ref, Job>> {
    return this.#watchers
  }

  get due(): number {
    return this.since + this.wait
  }

  /** Whether nothing is read of it now and a list may read it next. */
  get isListable(): boolean {
    return this.#request === undefined && !this.isListed && this.#confirming === undefined
  }

  /** Whether its next read is its list's. */
  get usesList(): boolean {
    if (!this.isListable || this.#isVerifying || this.#batch?.isUsable !== true) return false
    return this.#aloneUntil <= this.context.queue.now()
  }

  /**
   * By how much the default interval is shortened: a list that reads several jobs is read up to four times as often as one job,
   * which are never more requests than one for each.
   */
  get shared(): number {
    return this.context.isDefault && this.usesList ? Math.min(4, Math.max(1, this.#batch?.size ?? 1)) : 1
  }

  /** The first watcher makes the poller read the job; a later one is given the last snapshot at once. */
  join(watcher: Watcher<Ref, Job>): void {
    this.#watchers = [...this.#watchers, watcher]
    if (this.#watchers.length === 1) {
      this.#enter(this.ref)
      if (!this.isWatched) return
      return this.context.queue.limiter === undefined ? this.send() : this.schedule(0)
    }
    if (this.#last === undefined) return
    const now = this.context.queue.now()
    watcher.answered(this.#last, now - this.#firstRead, this.#attempt, this.context.interval)
    watcher.next(this.#last)
    if (this.#isSteady && this.#shortestWait < this.wait) this.schedule(this.#shortestWait, this.since)
  }

  /** The last watcher takes the job out of the poller. */
  leave(watcher: Watcher<Ref, Job>): void {
    if (!this.#watchers.includes(watcher)) return
    const wasDueFor = watcher.wait === this.wait
    this.#watchers = this.#watchers.filter((other) => other !== watcher)
    if (!this.isWatched) this.#stop()
    else if (wasDueFor && this.#isSteady) this.schedule(this.#shortestWait, this.since)
  }

  /** Reads it soon instead of when it is due. */
  pollNow(): void {
    this.#expectFinal = true
    if (!this.isListable) {
      this.#pollAgain = true
      return
    }
    const { queue } = this.context
    const at = Math.max(queue.now(), this.#pollNowAt + betweenPollNows)
    if (at >= this.due) return
    this.#pollNowAt = at
    queue.add(this, at - queue.now())
  }

  /** Reads it by itself, because its list says that it runs for long. */
  verify(): void {
    const { queue } = this.context
    this.#isVerifying = true
    queue.add(this, queue.now() - this.readAt, this.readAt)
  }

  /** One read of this job alone. */
  send(): void {
    const { source, queue } = this.context
    const options = this.#expectFinal ? { expectFinal: true } : undefined
    this.#expectFinal = false
    const read = firstValue('status', () => source.status(this.ref, options))
    const sent = (snapshot: JobSnapshot<Job>): number => (isFinal(snapshot.phase) ? this.requests : 1)
    this.#request = new Subscription()
    this.#request.add(
      queue.run(this, read, sent).subscribe({
        next: (snapshot) => this.#read(snapshot),
        error: (error: unknown) => this.failed(error),
      }),
    )
  }

  /**
   * Takes what its list shows. A final row that tells all is the end; one that does not, and none, are a reason to read the job
   * by itself, at once if that is news.
   */
  row(row: ListedJob<Ref, Job> | undefined): void {
    if (row !== undefined && !(row.partial && isFinal(row.phase))) {
      this.#aloneUntil = 0
      return this.#accept(row)
    }
    const isNews = this.#aloneUntil === 0
    this.#aloneUntil = this.context.queue.now() + listCooldown
    this.#expectFinal = true
    this.schedule(isNews ? this.context.queue.now() - this.since : this.wait, this.since)
  }

  /** Waits for the next try: as long as its list does where that failed. */
  failed(error: unknown, listWait?: number): void {
    this.#request = undefined
    const waits = new Map(this.#watchers.map((watcher) => [watcher, watcher.nextWait(error)]))
    const ended = this.#watchers.filter((watcher) => waits.get(watcher) === undefined)
    this.#watchers = this.#watchers.filter((watcher) => !ended.includes(watcher))
    if (this.isWatched) {
      this.#isFailing = true
      const wait = Math.ceil(listWait ?? Math.max(...this.#watchers.map((watcher) => waits.get(watcher) ?? 0)))
      const pausedUntil = this.context.pauseAfter(error, wait, this)
      this.schedule(wait)
      for (const watcher of this.#watchers) watcher.retrying(wait, error, pausedUntil)
    } else this.#stop()
    // Last: they may be subscribed to again.
    for (const watcher of ended) watcher.error(watcher.failure)
  }

  /** Sets when it is read next, by its list or by itself. */
  schedule(wait: number, since: number = this.context.queue.now()): void {
    const { queue } = this.context
    queue.remove(this)
    this.#isVerifying = false
    this.since = since
    this.wait = wait
    if (this.usesList) this.#batch?.expect(this.due)
    else queue.add(this, wait, since)
  }

  /** Its list can be used no more. */
  reschedule(): void {
    if (this.isWatched && this.isListable) this.schedule(this.wait, this.since)
  }

  #read(snapshot: JobSnapshot<Job>): void {
    const isVerifying = this.#isVerifying
    this.readAt = this.context.queue.now()
    if (isVerifying) this.#batch?.verified(!isFinal(snapshot.phase))
    this.#accept(snapshot)
  }

  #accept(read: JobSnapshot<Job>): void {
    // Before anybody is told: what follows may begin another request.
    this.#request?.unsubscribe()
    this.#request = undefined
    const { queue, interval } = this.context
    const now = queue.now()
    const wrong = phaseError(read)
    if (wrong !== undefined) return this.#end((watcher) => watcher.error(wrong))
    const confirmIn = this.#confirm(read, now)
    if (confirmIn === undefined) {
      return this.#end((watcher) => watcher.over(read))
    }
    const snapshot: JobSnapshot<Job> = isFinal(read.phase) ? { ...read, phase: 'running' } : read
    this.#last = snapshot
    this.#isFailing = false
    if (this.#attempt++ === 0) this.#firstRead = now
    this.#enter(this.ref, snapshot.job)
    for (const watcher of this.#watchers) watcher.answered(snapshot, now - this.#firstRead, this.#attempt, interval)
    for (const watcher of this.#watchers) watcher.next(snapshot)
    if (!this.isWatched) return
    this.schedule(Math.min(confirmIn, this.#shortestWait), now)
    if (!this.#pollAgain) return
    this.#pollAgain = false
    this.pollNow()
  }

  /** How long a final phase must still hold; undefined where it is the end, Infinity where the phase is not final. */
  #confirm({ phase, confirmAfter = 0 }: JobSnapshot<Job>, now: number): number | undefined {
    if (!isFinal(phase)) {
      this.#confirming = undefined
      return Number.POSITIVE_INFINITY
    }
    if (this.#confirming?.phase !== phase) this.#confirming = { phase, since: now }
    this.#expectFinal = true
    const rest = this.#confirming.since + confirmAfter - now
    return rest > 0 ? rest : undefined
  }

  get #shortestWait(): number {
    return Math.min(...this.#watchers.map(({ wait }) => wait))
  }

  /** Whether the next read is due because of what the watchers ask for. */
  get #isSteady(): boolean {
    return this.isWatched && this.isListable && !this.#isFailing && this.#last !== undefined
  }

  /** Goes to the list that shows it now. */
  #enter(ref: Ref, last?: Job): void {
    try {
      const batch = this.context.batchOf(ref, last)
      if (batch === this.#batch) return
      this.#batch?.remove(this)
      this.#batch = batch
      this.#aloneUntil = 0
      batch?.add(this)
    } catch (thrown) {
      this.#end((watcher) => watcher.error(thrown))
    }
  }

  #end(tell: (watcher: Watcher<Ref, Job>) => void): void {
    const watchers = this.#watchers
    this.#watchers = []
    this.#stop()
    for (const watcher of watchers) tell(watcher)
  }

  #stop(): void {
    this.context.forget(this)
    this.context.queue.remove(this)
    this.#request?.unsubscribe()
    this.#batch?.remove(this)
  }
}
