import { map, type Observable, Subscription, tap } from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import { ConnectionState, firstValue } from '../connection.ts'
import { isApiError } from '../errors.ts'
import { waitAfter } from '../intervals.ts'
import { isFinal, type JobList, type JobSnapshot, type ListedJob, type Phase, type PollInterval } from '../types.ts'
import { type PollContext, PolledJob } from './polled-job.ts'
import type { QueueItem, RequestQueue } from './request-queue.ts'

// How long a list is not used after it failed, was stale, or showed none of its jobs, in milliseconds.
const cooldown = 60_000

// After so many failures in a row a list is not used for a while.
const maxAttempts = 3

// For how long a list may still show a job as running that is over, in milliseconds: it may come from a cache.
const mayLag = 5_000

// How often each job of a list is also read by itself, in milliseconds, from when on, and the part of the budget that this may take.
const checkEvery = 40_000
const checkAfter = 15_000
const checkShare = 1 / 2

/** How many of the requests that one read of a status may send were sent: more than one only for a job that is over. */
export const statusCost =
  (requests: number) =>
  ({ phase }: JobSnapshot<unknown>): number =>
    isFinal(phase) ? requests : 1

/** What the jobs of a pool share. */
export interface PoolContext<Ref, Job> extends RequestQueue, Omit<PollContext<Ref, Job>, keyof RequestQueue> {
  readonly jobs: Map<string, SharedJob<Ref, Job>>
  readonly batches: Map<string, ListBatch<Ref, Job>>
}

/** A job of a pool: polled once for all who watch it, by itself or by a list that shows it. */
export class SharedJob<Ref, Job> extends PolledJob<Ref, Job, PoolContext<Ref, Job>> implements QueueItem {
  readonly key: string
  readonly requests: number
  since = 0
  /** Whether its list shows it; undefined while that is not known. */
  isShown: boolean | undefined
  #batch: ListBatch<Ref, Job> | undefined

  constructor(pool: PoolContext<Ref, Job>, ref: Ref, key: string) {
    super(pool, ref)
    this.key = key
    this.requests = pool.source.requests ?? 1
    pool.jobs.set(key, this)
  }

  /** The list that reads it. */
  get list(): ListBatch<Ref, Job> | undefined {
    return this.kind === 'poll' && this.isShown !== false && this.#batch?.isUsable ? this.#batch : undefined
  }

  get serves(): number {
    return this.list?.jobs.size ?? 1
  }

  /** A late watch gets the last snapshot at once, and learns of a pause. */
  protected override joined(): void {
    const { context, last, watchers } = this
    // Others may begin now, too: one list may read them all.
    if (watchers.length === 1) this.schedule(context.now())
    this.each(watchers.slice(-1), (watcher) => {
      const due = last ? this.tell(watcher, last) : Number.POSITIVE_INFINITY
      if (watcher.subscriber.closed) return
      if (!this.isBusy && due < this.dueAt) this.schedule(due)
      const pausedUntil = context.pausedUntil()
      if (pausedUntil) watcher.retrying(pausedUntil - context.now())
    })
  }

  /** Goes to the list that shows it now, and has it read then. */
  protected override schedule(at: number): void {
    const { context, last } = this
    const { list } = context.source
    try {
      const scope = list?.scopeOf(this.ref, last?.job)
      if (scope !== this.#batch?.scope) {
        this.#batch?.remove(this)
        this.isShown = undefined
        this.#batch =
          list && scope !== undefined ? (context.batches.get(scope) ?? new ListBatch(context, list, scope)) : undefined
        this.#batch?.jobs.add(this)
      }
    } catch (thrown) {
      return this.each(this.watchers, ({ subscriber }) => subscriber.error(thrown))
    }
    this.since = context.now()
    this.dueAt = at
    context.add(this)
  }

  override send(): void {
    const { list } = this
    if (list) list.read()
    else super.send()
  }

  /** Reads it by itself now, although its list shows it. */
  check(): void {
    this.context.remove(this)
    this.kind = 'check'
    super.send()
  }

  protected override request(read: Observable<JobSnapshot<Job>>): Observable<JobSnapshot<Job>> {
    const request = { kind: this.kind, requests: this.requests, asked: [this] }
    return this.context
      .run(request, read, statusCost(this.requests))
      .pipe(tap(({ phase }) => this.#batch?.wasRead(this, isFinal(phase))))
  }

  /**
   * Takes what its list shows of it. A final row that tells all is as good as a read of its own. Where the row does not tell all, or
   * there is none, the job is read by itself: at once if that is news, else when it is due.
   */
  row(row: ListedJob<Ref, Job> | undefined): void {
    const isNews = this.isShown ?? row !== undefined
    this.isShown = row !== undefined && !(row.partial && isFinal(row.phase))
    if (row !== undefined && this.isShown) return this.accept(row)
    this.context.add(this)
    if (isNews) this.pollNow()
  }

  /** A list that reads several jobs is read up to four times as often: never more requests than one for each. */
  protected override interval(phase: Phase): number | PollInterval<Job> {
    const interval = super.interval(phase)
    return this.context.options.pollInterval ?? ((...read) => waitAfter(interval, ...read) / Math.min(4, this.serves))
  }

  protected override stop(): void {
    super.stop()
    this.context.jobs.delete(this.key)
    this.context.remove(this)
    this.#batch?.remove(this)
  }
}

/**
 * The jobs that one list may show. It is read when the first of them is due, and serves all.
 *
 * A list may be stale. So its jobs are also read by themselves, in turn: that is what it waits for in the queue. A list that shows a
 * job as running five seconds after such a read found it over is not used for a minute.
 */
export class ListBatch<Ref, Job> extends ConnectionState implements QueueItem {
  readonly kind = 'check'
  readonly requests: number
  since = 0
  dueAt: number
  readonly scope: string
  /** The one that was not read by itself for longest first. */
  readonly jobs: Set<SharedJob<Ref, Job>> = new Set()
  readonly #pool: PoolContext<Ref, Job>
  readonly #list: JobList<Ref, Job>
  readonly #reads = new Subscription()
  #skipUntil = 0
  /** A job that a read of its own found over, and when: the list is stale if it shows it as running for long after. */
  #over: { readonly job: SharedJob<Ref, Job>; readonly since: number } | undefined

  constructor(pool: PoolContext<Ref, Job>, list: JobList<Ref, Job>, scope: string) {
    super('status', pool.source, scope, { ...pool.options, retry: { maxAttempts } })
    this.scope = scope
    this.#pool = pool
    this.#list = list
    this.requests = pool.source.requests ?? 1
    this.dueAt = pool.now() + checkAfter
    pool.batches.set(scope, this)
  }

  get isUsable(): boolean {
    return this.jobs.size > 1 && this.#skipUntil <= this.#pool.now()
  }

  remove(job: SharedJob<Ref, Job>): void {
    this.jobs.delete(job)
    if (this.jobs.size > 0) return
    this.#reads.unsubscribe()
    this.#pool.remove(this)
    this.#pool.batches.delete(this.scope)
  }

  /** Reads all jobs that are not being read. */
  read(): void {
    const asked = [...this.jobs].filter(({ isBusy }) => !isBusy)
    for (const job of asked) {
      job.isBusy = true
      this.#pool.remove(job)
    }
    const refs = (this.#over ? [...asked, this.#over.job] : asked).map(({ ref }) => ref)
    const read = firstValue('status', () => this.#list.read(this.scope, refs))
    const rows = this.#pool
      .run({ kind: 'poll', requests: 1, asked }, read)
      .pipe(map((all) => new Map(all.map((row) => [this.#pool.source.keyOf(row.ref), row]))))
    subscribeInto(this.#reads, rows, {
      next: (byKey) => this.#answered(asked, byKey),
      error: (error: unknown) => this.#failed(asked, error),
    })
  }

  /** Notes that a job was read by itself. */
  wasRead(job: SharedJob<Ref, Job>, isOver: boolean): void {
    this.jobs.delete(job)
    this.jobs.add(job)
    if (isOver && job.isShown) this.#over ??= { job, since: this.#pool.now() }
  }

  #answered(asked: ReadonlyArray<SharedJob<Ref, Job>>, rows: ReadonlyMap<string, ListedJob<Ref, Job>>): void {
    this.succeeded()
    const over = this.#over && rows.get(this.#over.job.key)
    const isBehind = over !== undefined && !isFinal(over.phase)
    const isStale = isBehind && this.#over !== undefined && this.#pool.now() - this.#over.since > mayLag
    if (!isBehind || isStale) this.#over = undefined
    this.#each(asked, (job) => job.row(rows.get(job.key)))
    if (isStale || !asked.some(({ key }) => rows.has(key))) this.#skip()
    else if (this.isUsable) this.#pool.add(this)
  }

  /** A list that fails is no failure of its jobs: they wait where the list is tried again, and are read one by one where it is not. */
  #failed(asked: ReadonlyArray<SharedJob<Ref, Job>>, error: unknown): void {
    let wait: number | undefined
    try {
      wait = this.countFailure(error)
      if (!isApiError(error)) throw error
    } catch (thrown) {
      return this.#each(asked, (job) => job.failed(thrown))
    }
    if (wait === undefined) this.#skip()
    this.#each(asked, (job) => (wait === undefined ? this.#pool.add(job) : job.retry(Math.ceil(wait), error)))
  }

  #each(asked: ReadonlyArray<SharedJob<Ref, Job>>, run: (job: SharedJob<Ref, Job>) => void): void {
    for (const job of asked) job.isBusy = false
    for (const job of asked) if (this.jobs.has(job)) run(job)
  }

  /** The list is not used for a while; then it is tried again for all of its jobs. */
  #skip(): void {
    this.#skipUntil = this.#pool.now() + cooldown
    for (const job of this.jobs) job.isShown = undefined
  }

  /** Has one job read by itself. */
  send(): void {
    const { now, options } = this.#pool
    const wait = Math.max(checkEvery / this.jobs.size, 60_000 / (checkShare * options.requestsPerMinute))
    this.since = now()
    this.dueAt = this.since + wait
    if (!this.isUsable) return
    this.#pool.add(this)
    for (const job of this.jobs) if (!job.isBusy) return job.check()
  }
}
