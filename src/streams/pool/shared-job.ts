import { map, type Observable, Subscription, tap } from 'rxjs'
import { subscribeInto } from '../../core/index.ts'
import { ConnectionState, firstValue } from '../connection.ts'
import { isApiError } from '../errors.ts'
import { isFinal, type JobList, type JobSnapshot, type ListedJob, type Phase, type PollInterval } from '../types.ts'
import { type PollContext, PolledJob, type Watcher } from './polled-job.ts'
import type { QueueItem, RequestQueue } from './request-queue.ts'

// How long a list is not used after it failed, was stale, or showed none of its jobs, in milliseconds.
const cooldown = 60_000

// After so many failures in a row a list is not used for a while.
const maxAttempts = 3

// So many milliseconds after another each job of a list is read by itself, or one job after each list, whichever is later.
const checkEvery = 45_000

/** What the jobs of a pool share. */
export interface PoolContext<Ref, Job> extends PollContext<Ref, Job> {
  readonly queue: RequestQueue
  readonly random: (() => number) | undefined
  readonly jobs: Map<string, SharedJob<Ref, Job>>
  readonly batches: Map<string, ListBatch<Ref, Job>>
  /** Applies what a failure asks of all; true where all watches know that nothing is read for now. */
  pause(error: unknown, wait: number): boolean
  /** A watch is over. */
  left(): void
}

/** A job of a pool: polled once for all who watch it, by itself or by a list that shows it. */
export class SharedJob<Ref, Job> extends PolledJob<Ref, Job> implements QueueItem {
  readonly key: string
  serves = 1
  since = 0
  /** Whether its list shows it; undefined while that is not known. */
  isShown: boolean | undefined
  readonly #pool: PoolContext<Ref, Job>
  #batch: ListBatch<Ref, Job> | undefined
  /** Whether the next read is its own, whatever its list shows. */
  #isAlone = false

  constructor(pool: PoolContext<Ref, Job>, ref: Ref, key: string) {
    super(pool, ref)
    this.#pool = pool
    this.key = key
    pool.jobs.set(key, this)
  }

  get kind(): 'call' | 'poll' {
    return this.#isAlone ? 'call' : 'poll'
  }

  get requests(): number {
    return this.#pool.source.requests ?? 1
  }

  get usesList(): boolean {
    return !this.#isAlone && this.isShown !== false && this.#batch?.isUsable === true
  }

  /** A late watch gets the last snapshot at once, and learns of a pause. */
  protected override joined(watcher: Watcher<Ref, Job>): void {
    const { now, queue } = this.#pool
    if (watcher.subscriber.closed) return
    if (this.watchers.length === 1) {
      // Others may begin now, too: one list may read them all.
      this.schedule(now())
    } else if (this.last !== undefined) {
      const due = this.tell(watcher, this.last)
      if (!this.isBusy && due < this.dueAt) this.schedule(due)
    }
    const pausedUntil = queue.limiter.pausedUntil(now())
    if (pausedUntil !== undefined) watcher.retrying(pausedUntil - now())
  }

  override pollNow(expectFinal?: boolean): void {
    this.#isAlone = true
    super.pollNow(expectFinal)
  }

  protected override schedule(at: number): void {
    try {
      this.#enter()
    } catch (thrown) {
      return this.end(({ subscriber }) => subscriber.error(thrown))
    }
    this.since = this.#pool.now()
    this.dueAt = at
    this.#enqueue()
  }

  #enqueue(): void {
    this.serves = this.usesList ? (this.#batch?.jobs.size ?? 1) : 1
    this.#pool.queue.add(this)
  }

  override leave(watcher: Watcher<Ref, Job>): void {
    super.leave(watcher)
    this.#pool.left()
  }

  override send(): void {
    if (this.usesList && this.#batch?.send()) return
    this.#isAlone = false
    super.send()
  }

  protected override request(read: Observable<JobSnapshot<Job>>): Observable<JobSnapshot<Job>> {
    const sent = ({ phase }: JobSnapshot<Job>): number => (isFinal(phase) ? this.requests : 1)
    return this.#pool.queue.run(this, read, sent).pipe(tap(({ phase }) => this.#batch?.wasRead(this, isFinal(phase))))
  }

  /**
   * Takes what its list shows of it. A final row that tells all is as good as a read of its own. One that does not, and none, are a
   * reason for that: at once if it is news.
   */
  row(row: ListedJob<Ref, Job> | undefined): void {
    const isNews = this.isShown ?? row !== undefined
    this.isShown = row !== undefined && !(row.partial && isFinal(row.phase))
    if (row !== undefined && this.isShown) return this.accept(row)
    this.#enqueue()
    if (isNews) this.pollNow()
  }

  override retry(wait: number, error: unknown, failing?: ReadonlyArray<Watcher<Ref, Job>>): void {
    super.retry(wait, error, this.#pool.pause(error, wait) ? [] : failing)
  }

  /** A list that reads several jobs is read up to four times as often: never more requests than one for each. */
  protected override interval(phase: Phase): PollInterval<Job> {
    const interval = super.interval(phase)
    const times = Math.min(4, this.serves)
    return (job, age, attempt) => interval(job, age, attempt) / times
  }

  protected override stop(): void {
    super.stop()
    this.#pool.jobs.delete(this.key)
    this.#pool.queue.remove(this)
    this.#batch?.remove(this)
  }

  /** Goes to the list that shows it now. */
  #enter(): void {
    const { source, batches } = this.#pool
    const scope = source.list?.scopeOf(this.ref, this.last?.job)
    if (scope === this.#batch?.scope) return
    this.#batch?.remove(this)
    this.#batch = undefined
    this.isShown = undefined
    if (source.list === undefined || scope === undefined) return
    this.#batch = batches.get(scope) ?? new ListBatch(this.#pool, source.list, scope)
    this.#batch.jobs.add(this)
  }
}

/**
 * The jobs that one list may show. It is read when the first of them is due, and serves all.
 *
 * A list may be stale. So its jobs are also read by themselves, in turn; when that finds two jobs over, one after the other, that the
 * list shows as running, the list is done without for a minute.
 */
export class ListBatch<Ref, Job> {
  readonly scope: string
  readonly jobs: Set<SharedJob<Ref, Job>> = new Set()
  readonly #pool: PoolContext<Ref, Job>
  readonly #list: JobList<Ref, Job>
  readonly #reads = new Subscription()
  readonly #connection: ConnectionState
  #skipUntil = 0
  #checkAt: number
  #checked: SharedJob<Ref, Job> | undefined
  /** How many checks in a row found a job over. One may have ended since the list. */
  #doubts = 0

  constructor(pool: PoolContext<Ref, Job>, list: JobList<Ref, Job>, scope: string) {
    this.scope = scope
    this.#pool = pool
    this.#list = list
    this.#checkAt = pool.now() + checkEvery
    const options = { random: pool.random, retry: { maxAttempts } }
    this.#connection = new ConnectionState('status', pool.source, scope, options)
    pool.batches.set(scope, this)
  }

  get isUsable(): boolean {
    return this.jobs.size > 1 && this.#skipUntil <= this.#pool.now()
  }

  remove(job: SharedJob<Ref, Job>): void {
    this.jobs.delete(job)
    if (this.jobs.size > 0) return
    this.#reads.unsubscribe()
    this.#pool.batches.delete(this.scope)
  }

  /** Reads all jobs that are not being read. False where that is one: for it a read of its own tells more. */
  send(): boolean {
    const { queue, source } = this.#pool
    const asked = [...this.jobs].filter(({ isBusy }) => !isBusy)
    if (asked.length < 2) return false
    for (const job of asked) {
      job.isBusy = true
      queue.remove(job)
    }
    const refs = asked.map(({ ref }) => ref)
    const read = firstValue('status', () => this.#list.read(this.scope, refs))
    const request = queue.run({ kind: 'poll', requests: 1 }, read, () => 1)
    const rows = request.pipe(map((all) => new Map(all.map((row) => [source.keyOf(row.ref), row]))))
    subscribeInto(this.#reads, rows, {
      next: (byKey) => this.#answered(asked, byKey),
      error: (error: unknown) => this.#failed(asked, error),
    })
    return true
  }

  /** Notes that a job was read by itself. */
  wasRead(job: SharedJob<Ref, Job>, isOver: boolean): void {
    if (job !== this.#checked) return
    this.#checked = undefined
    this.#doubts = isOver ? this.#doubts + 1 : 0
    if (this.#doubts === 1) this.#checkAt = 0
    if (this.#doubts > 1) this.#skip()
  }

  #answered(asked: ReadonlyArray<SharedJob<Ref, Job>>, rows: ReadonlyMap<string, ListedJob<Ref, Job>>): void {
    this.#connection.succeeded()
    this.#each(asked, (job) => job.row(rows.get(job.key)))
    if (!asked.some(({ key }) => rows.has(key))) {
      this.#skip()
      for (const job of this.jobs) job.isShown = undefined
    }
    this.#check()
  }

  /** A list that cannot be had is no failure of its jobs: they wait for what passes by itself, and are read one by one else. */
  #failed(asked: ReadonlyArray<SharedJob<Ref, Job>>, error: unknown): void {
    let wait: number | undefined
    let failure = error
    try {
      wait = this.#connection.countFailure(error)
    } catch (thrown) {
      failure = thrown
    }
    if (wait === undefined) this.#skip()
    this.#each(asked, (job) => {
      if (!isApiError(failure)) job.failed(failure)
      else if (wait === undefined) this.#pool.queue.add(job)
      else job.retry(Math.ceil(wait), failure)
    })
  }

  #each(asked: ReadonlyArray<SharedJob<Ref, Job>>, run: (job: SharedJob<Ref, Job>) => void): void {
    for (const job of asked) job.isBusy = false
    for (const job of asked) if (this.jobs.has(job)) run(job)
  }

  #skip(): void {
    this.#skipUntil = this.#pool.now() + cooldown
  }

  /** Has the job read by itself that was checked longest ago. */
  #check(): void {
    const now = this.#pool.now()
    if (now < this.#checkAt) return
    const job = [...this.jobs].find(({ usesList }) => usesList)
    if (job === undefined) return
    this.#checkAt = now + checkEvery / this.jobs.size
    this.#checked = job
    this.jobs.delete(job)
    this.jobs.add(job)
    job.pollNow(false)
  }
}
