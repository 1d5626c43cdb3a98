import { type Observable, Subscription } from 'rxjs'
import { firstValue, type StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import type { ListedJob } from '../types.ts'
import type { PollQueue, QueueItem } from './request-queue.ts'

/** How long a list is done without, in milliseconds: one that fails or is stale, and for a job that it does not show. */
export const listCooldown = 60_000

// How often a list may fail in a row before its jobs are polled one by one for a while.
const maxFailures = 3

// So many milliseconds after another each job of a list is read by itself, or one job after each list, whichever is later.
const checkEvery = 45_000

/** A job that a list may show. */
export interface BatchJob<Ref, Job> extends QueueItem {
  readonly ref: Ref
  readonly key: string
  /** True while it is read, by itself or by its list. */
  isBusy: boolean
  /** Whether its next read is its list's. */
  readonly usesList: boolean
  /** Takes what its list shows of it. */
  row(row: ListedJob<Ref, Job> | undefined): void
  failed(error: unknown): void
  /** Reads it by itself now. */
  check(): void
  /** Decides anew whether its list reads it. */
  reschedule(): void
}

/** What a list needs of its poller. */
export interface BatchContext<Ref> {
  readonly source: { readonly keyOf: (ref: Ref) => string }
  readonly queue: PollQueue
  readonly retry: StreamRetry
}

/**
 * The jobs that one list shows, and its reads: one is sent when the first of its jobs is due, and serves all.
 *
 * A list may be stale. So its jobs are also read by themselves, in turn; when that finds a job over that the list shows as running, the
 * list is done without for a minute.
 */
export class ListBatch<Ref, Job> implements QueueItem {
  since: number
  wait: number = Number.POSITIVE_INFINITY
  readonly requests = 1
  readonly #read: (refs: ReadonlyArray<Ref>) => Observable<ReadonlyArray<ListedJob<Ref, Job>>>
  readonly #context: BatchContext<Ref>
  readonly #onEmpty: () => void
  readonly #jobs = new Set<BatchJob<Ref, Job>>()
  #request: Subscription | undefined
  #failures = 0
  #skipUntil = 0
  #checkAt: number
  #checked: BatchJob<Ref, Job> | undefined

  /** @param onEmpty called when its last job is removed */
  constructor(
    read: (refs: ReadonlyArray<Ref>) => Observable<ReadonlyArray<ListedJob<Ref, Job>>>,
    context: BatchContext<Ref>,
    onEmpty: () => void,
  ) {
    this.#read = read
    this.#context = context
    this.#onEmpty = onEmpty
    this.since = context.queue.now()
    this.#checkAt = this.since + checkEvery
  }

  /** For one job a read of its own tells more than a list. */
  get isUsable(): boolean {
    return this.serves > 1 && this.#skipUntil <= this.#context.queue.now()
  }

  get serves(): number {
    return this.#jobs.size
  }

  add(job: BatchJob<Ref, Job>): void {
    this.#jobs.add(job)
  }

  remove(job: BatchJob<Ref, Job>): void {
    this.#jobs.delete(job)
    if (this.serves > 1) return
    for (const last of this.#jobs) return last.reschedule()
    this.#context.queue.remove(this)
    this.#request?.unsubscribe()
    this.#onEmpty()
  }

  /** One of its jobs is due then. */
  expect(due: number): void {
    if (this.#request !== undefined || due >= this.since + this.wait) return
    this.#context.queue.add(this, due - this.since, this.since)
  }

  send(): void {
    const { queue } = this.#context
    this.wait = Number.POSITIVE_INFINITY
    const due = this.#nextDue()
    if (due > queue.now()) return this.expect(due)
    const asked = [...this.#jobs].filter((job) => !job.isBusy)
    for (const job of asked) {
      queue.remove(job)
      job.isBusy = true
    }
    const read = firstValue('status', () => this.#read(asked.map(({ ref }) => ref)))
    this.#request = new Subscription()
    this.#request.add(
      queue
        .run(this, read, () => 1)
        .subscribe({
          next: (rows) => this.#answered(asked, () => this.#show(asked, rows)),
          error: (error: unknown) => this.#answered(asked, () => this.#fail(asked, error)),
        }),
    )
  }

  /** Notes that a job was read by itself. */
  wasRead(job: BatchJob<Ref, Job>, isOver: boolean): void {
    if (job !== this.#checked) return
    this.#checked = undefined
    if (isOver) this.#skip()
  }

  #nextDue(): number {
    return Math.min(...[...this.#jobs].filter((job) => job.usesList).map(({ since, wait }) => since + wait))
  }

  #answered(asked: ReadonlyArray<BatchJob<Ref, Job>>, apply: () => void): void {
    for (const job of asked) job.isBusy = false
    try {
      apply()
    } catch (thrown) {
      for (const job of asked) job.failed(thrown)
    }
    this.#request = undefined
    this.since = this.#context.queue.now()
    const due = this.#nextDue()
    if (due === Number.POSITIVE_INFINITY) return
    this.expect(due)
    if (this.since < this.#checkAt) return
    this.#checkAt = this.since + checkEvery / this.serves
    this.#check()
  }

  #show(asked: ReadonlyArray<BatchJob<Ref, Job>>, rows: ReadonlyArray<ListedJob<Ref, Job>>): void {
    this.#failures = 0
    const byKey = new Map(rows.map((row) => [this.#context.source.keyOf(row.ref), row]))
    for (const job of asked) if (this.#jobs.has(job)) job.row(byKey.get(job.key))
  }

  /** A list that cannot be had is no failure of its jobs; only what passes by itself is. */
  #fail(asked: ReadonlyArray<BatchJob<Ref, Job>>, error: unknown): void {
    const isPassing = this.#context.retry.nextWait(error, ++this.#failures, false) !== undefined
    if (isPassing || !isApiError(error)) for (const job of asked) if (this.#jobs.has(job)) job.failed(error)
    if (!isPassing || this.#failures >= maxFailures) this.#skip()
  }

  /** Does without the list for a while: each of its jobs is polled by itself. */
  #skip(): void {
    this.#failures = 0
    this.#skipUntil = this.#context.queue.now() + listCooldown
    for (const job of this.#jobs) job.reschedule()
  }

  /** Has the job read by itself that was checked longest ago. */
  #check(): void {
    for (const job of this.#jobs) {
      this.#jobs.delete(job)
      this.#jobs.add(job)
      if (!job.usesList) continue
      this.#checked = job
      return job.check()
    }
  }
}
