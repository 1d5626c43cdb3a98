import { type Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import { firstValue, type StreamRetry } from '../connection.ts'
import { waitAfter } from '../intervals.ts'
import {
  isFinal,
  type JobSnapshot,
  type JobSource,
  type ListedJob,
  type Phase,
  type PollInterval,
  type WatchOptions,
} from '../types.ts'
import { type BatchJob, type ListBatch, listCooldown } from './list-batch.ts'
import type { PollQueue } from './request-queue.ts'
import { type WatchedJob, Watcher } from './watcher.ts'

// Polls that were asked for follow each other no sooner than this, in milliseconds.
const betweenPollNows = 500

// A status that nobody knows is read as rarely as an old job's.
const slowest = 15_000

/** What a job needs of what polls it. What is optional only a pool has. */
export interface PollContext<Ref, Job> {
  readonly source: Pick<JobSource<Ref, Job, unknown, never>, 'status' | 'requests'>
  readonly queue: PollQueue
  readonly scheduler: SchedulerLike
  /** For watches that have none of their own. */
  readonly interval: PollInterval<Job>
  /** Whether that is the default one: shorter where a list reads several jobs, longest for an unknown phase. */
  readonly isDefault: boolean
  /** The list that shows a job. */
  batchOf?(ref: Ref, last?: Job): ListBatch<Ref, Job> | undefined
  /** Applies what a failure asks of all; true where all watches know that nothing is read for now. */
  pause?(error: unknown, wait: number): boolean
  forget?(key: string): void
  /** A watch is over. */
  unsubscribe?(): void
}

/** One job: when and how it is read, and for which watches. */
export class PolledJob<Ref, Job> implements BatchJob<Ref, Job>, WatchedJob<Ref, Job> {
  since = 0
  wait = 0
  isBusy = false
  readonly ref: Ref
  readonly key: string
  readonly #context: PollContext<Ref, Job>
  watchers: ReadonlyArray<Watcher<Ref, Job>> = []
  #batch: ListBatch<Ref, Job> | undefined
  /** Until then it is read by itself, because the last list did not show it; 0 where the list did, or may. */
  #aloneUntil = 0
  #last: JobSnapshot<Job> | undefined
  #firstRead = 0
  #attempt = 0
  #request: Subscription | undefined
  #confirming: { readonly phase: Phase; readonly since: number } | undefined
  #expectFinal = false
  #pollNowAt = -betweenPollNows
  #pollAgain = false

  constructor(context: PollContext<Ref, Job>, ref: Ref, key: string) {
    this.#context = context
    this.ref = ref
    this.key = key
  }

  get requests(): number {
    return this.#context.source.requests ?? 1
  }

  get scheduler(): SchedulerLike {
    return this.#context.scheduler
  }

  get usesList(): boolean {
    return !this.isBusy && this.#listed > 1
  }

  /** How many jobs the list has that reads it; 1 where it is read by itself. */
  get #listed(): number {
    return this.#batch?.isUsable && this.#aloneUntil <= this.#context.queue.now() ? this.#batch.serves : 1
  }

  /**
   * Adds a watch. The first one has the job read; a later one gets the last snapshot at once.
   *
   * @param pollNow asks for a read at once
   */
  watch(
    subscriber: Subscriber<JobSnapshot<Job>>,
    options: WatchOptions<Ref, Job>,
    retry: StreamRetry,
    pollNow: Observable<unknown> | undefined,
  ): Watcher<Ref, Job> {
    const watcher = new Watcher(this, subscriber, options, retry)
    subscriber.add(watcher)
    if (pollNow !== undefined) {
      const error = (thrown: unknown): void => subscriber.error(thrown)
      subscribeInto(subscriber, pollNow, { next: () => this.pollNow(), error })
    }
    if (!subscriber.closed) this.#join(watcher)
    return watcher
  }

  #join(watcher: Watcher<Ref, Job>): void {
    this.watchers = [...this.watchers, watcher]
    if (this.watchers.length === 1) {
      this.#enter()
      // A pool waits for others that begin now: one list may read them all.
      return this.#context.batchOf === undefined ? this.send() : this.#schedule(0)
    }
    if (this.#last === undefined) return
    const isSteady = !this.isBusy && this.watchers[0]?.isOpen
    this.#tell([watcher], this.#last)
    if (isSteady && watcher.wait < this.wait) this.#schedule(watcher.wait, this.since)
  }

  /** The last watcher takes the job out of the poller. */
  leave(watcher: Watcher<Ref, Job>): void {
    this.#context.unsubscribe?.()
    if (!this.watchers.includes(watcher)) return
    this.watchers = this.watchers.filter((other) => other !== watcher)
    if (this.watchers.length === 0) this.#stop()
  }

  /** Reads it soon instead of when it is due. */
  pollNow(): void {
    this.#expectFinal = true
    this.#pollAgain = this.isBusy
    if (this.isBusy) return
    const { queue } = this.#context
    const at = Math.max(queue.now(), this.#pollNowAt + betweenPollNows)
    if (at >= this.since + this.wait) return
    this.#pollNowAt = at
    queue.add(this, at - queue.now())
  }

  check(): void {
    const { queue } = this.#context
    queue.add(this, queue.now() - this.since, this.since)
  }

  /** One read of this job alone. */
  send(): void {
    if (this.watchers.length === 0) return
    const { source, queue } = this.#context
    const options = this.#expectFinal ? { expectFinal: true } : undefined
    this.#expectFinal = false
    this.isBusy = true
    const read = firstValue('status', () => source.status(this.ref, options))
    this.#request = new Subscription()
    this.#request.add(
      queue
        .run(this, read, ({ phase }) => (isFinal(phase) ? this.requests : 1))
        .subscribe({
          next: (snapshot) => {
            this.#batch?.wasRead(this, isFinal(snapshot.phase))
            this.#accept(snapshot)
          },
          error: (error: unknown) => this.failed(error),
        }),
    )
  }

  /**
   * A final row that tells all is as good as a read of its own. One that does not, and none, are a reason to read the job by itself, at
   * once if that is news.
   */
  row(row: ListedJob<Ref, Job> | undefined): void {
    if (row !== undefined && !(row.partial && isFinal(row.phase))) {
      this.#aloneUntil = 0
      return this.#accept(row)
    }
    const now = this.#context.queue.now()
    const wait = this.#aloneUntil === 0 ? now - this.since : this.wait
    this.#aloneUntil = now + listCooldown
    this.#expectFinal = true
    this.#schedule(wait, this.since)
  }

  /** Waits for the next try. */
  failed(error: unknown): void {
    this.#request = undefined
    this.isBusy = false
    const ends = this.watchers.map((watcher) => [watcher, watcher.failed(error)] as const)
    this.watchers = ends.filter(([, end]) => end === undefined).map(([watcher]) => watcher)
    if (this.watchers.length > 0) {
      const wait = Math.max(...this.watchers.map((watcher) => watcher.wait))
      this.#schedule(wait)
      if (!this.#context.pause?.(error, wait)) for (const watcher of this.watchers) watcher.retrying(wait, error)
    } else this.#stop()
    // Last: they may be subscribed to again.
    for (const [watcher, end] of ends) if (end !== undefined) watcher.error(end.error)
  }

  reschedule(): void {
    if (!this.isBusy) this.#schedule(this.wait, this.since)
  }

  /** Sets when it is read next, by its list or by itself. */
  #schedule(wait: number, since: number = this.#context.queue.now()): void {
    const { queue } = this.#context
    queue.remove(this)
    this.since = since
    this.wait = wait
    if (this.watchers.length === 0) return
    if (this.usesList) this.#batch?.expect(since + wait)
    else queue.add(this, wait, since)
  }

  #accept(read: JobSnapshot<Job>): void {
    this.#request?.unsubscribe()
    this.#request = undefined
    const now = this.#context.queue.now()
    const confirmIn = this.#confirm(read, now)
    if (confirmIn === undefined) return this.#end((watcher) => watcher.over(read))
    const snapshot: JobSnapshot<Job> = isFinal(read.phase) ? { ...read, phase: 'running' } : read
    this.#last = snapshot
    if (this.#attempt++ === 0) this.#firstRead = now
    this.isBusy = true
    this.#enter(snapshot.job)
    this.#tell(this.watchers, snapshot)
    this.isBusy = false
    this.#schedule(Math.min(confirmIn, ...this.watchers.map(({ wait }) => wait)), now)
    if (this.#pollAgain) this.pollNow()
  }

  #tell(watchers: ReadonlyArray<Watcher<Ref, Job>>, snapshot: JobSnapshot<Job>): void {
    const { queue, interval, isDefault } = this.#context
    const age = queue.now() - this.#firstRead
    const byDefault = (): number => {
      if (isDefault && snapshot.phase === 'unknown') return slowest
      // A list that reads several jobs is read up to four times as often: never more requests than one for each.
      return waitAfter(interval, snapshot.job, age, this.#attempt) / (isDefault ? Math.min(4, this.#listed) : 1)
    }
    for (const watcher of watchers) watcher.answered(snapshot, age, this.#attempt, byDefault)
    for (const watcher of watchers) watcher.next(snapshot)
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

  /** Goes to the list that shows it now. */
  #enter(last?: Job): void {
    try {
      const batch = this.#context.batchOf?.(this.ref, last)
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
    const { watchers } = this
    this.watchers = []
    this.#stop()
    for (const watcher of watchers) tell(watcher)
  }

  #stop(): void {
    this.#context.forget?.(this.key)
    this.#context.queue.remove(this)
    this.#request?.unsubscribe()
    this.#batch?.remove(this)
  }
}
