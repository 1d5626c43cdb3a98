import { Subscription } from 'rxjs'
import { firstValue, StreamRetry } from '../connection.ts'
import { isApiError } from '../errors.ts'
import type { JobList, ListedJob } from '../types.ts'
import { type Batch, listCooldown, type PollContext, type PolledJob } from './polled-job.ts'
import type { QueueItem } from './request-queue.ts'

// How often a list may fail in a row before its jobs are polled one by one for a while.
const maxFailures = 3

// A job that only lists showed for so many milliseconds is read by itself, so that a stale list delays no end for longer than a minute.
const verifyAfter = 45_000

/** The jobs that one list shows, and its reads: one is sent when the first of its jobs is due, and serves all. */
export class ListBatch<Ref, Job> implements Batch<Ref, Job>, QueueItem {
  since: number
  wait: number = Number.POSITIVE_INFINITY
  readonly requests = 1
  readonly #name: string
  readonly #list: JobList<Ref, Job>
  readonly #context: PollContext<Ref, Job>
  readonly #retry: StreamRetry
  readonly #onEmpty: () => void
  readonly #jobs = new Set<PolledJob<Ref, Job>>()
  #request: Subscription | undefined
  #failures = 0
  #skipUntil = 0
  #contradictions = 0

  /** @param onEmpty called when its last job is removed */
  constructor(name: string, list: JobList<Ref, Job>, context: PollContext<Ref, Job>, onEmpty: () => void) {
    this.#name = name
    this.#list = list
    this.#context = context
    const { source, random } = context
    this.#retry = new StreamRetry(source, random === undefined ? {} : { random })
    this.#onEmpty = onEmpty
    this.since = context.queue.now()
  }

  /** For one job a read of its own tells more than a list. */
  get isUsable(): boolean {
    return this.#jobs.size > 1 && this.#skipUntil <= this.#context.queue.now()
  }

  get size(): number {
    return this.#jobs.size
  }

  get serves(): number {
    return this.#jobs.size
  }

  add(job: PolledJob<Ref, Job>): void {
    this.#jobs.add(job)
  }

  remove(job: PolledJob<Ref, Job>): void {
    this.#jobs.delete(job)
    if (this.#jobs.size > 1) return
    for (const last of this.#jobs) return last.reschedule()
    this.#context.queue.remove(this)
    this.#request?.unsubscribe()
    this.#onEmpty()
  }

  expect(due: number): void {
    if (this.#request !== undefined || due >= this.since + this.wait) return
    this.#context.queue.add(this, due - this.since, this.since)
  }

  verified(agrees: boolean): void {
    this.#contradictions = agrees ? 0 : this.#contradictions + 1
    // One job may have ended between the list and its own read; a second one says that the list is stale.
    if (this.#contradictions >= 2) this.#skip(listCooldown)
  }

  send(): void {
    const { queue, source } = this.#context
    const now = queue.now()
    const due = this.#jobsByList()
    const first = Math.min(...due.map((job) => job.due))
    this.wait = Number.POSITIVE_INFINITY
    if (first > now) return this.expect(first)
    const asked = [...this.#jobs].filter((job) => job.isListable).sort((a, b) => a.since - b.since)
    for (const job of asked) {
      queue.remove(job)
      job.isListed = true
    }
    const refs = asked.map(({ ref }) => ref)
    const read = firstValue('status', () => this.#list.read(this.#name, refs))
    this.#request = new Subscription()
    this.#request.add(
      queue
        .run(this, read, () => 1)
        .subscribe({
          next: (rows) => this.#guarded(asked, () => this.#show(asked, byKey(rows, source.keyOf))),
          error: (error: unknown) => this.#guarded(asked, () => this.#fail(asked, error)),
        }),
    )
  }

  #jobsByList(): ReadonlyArray<PolledJob<Ref, Job>> {
    return [...this.#jobs].filter((job) => job.usesList)
  }

  #guarded(asked: ReadonlyArray<PolledJob<Ref, Job>>, run: () => void): void {
    const gap = this.#context.queue.now() - this.since
    for (const job of asked) job.isListed = false
    try {
      run()
    } catch (thrown) {
      for (const job of asked) job.failed(thrown)
    }
    this.#request = undefined
    if (this.#jobs.size === 0) return
    this.since = this.#context.queue.now()
    const due = this.#jobsByList().map((job) => job.due)
    if (due.length > 0) this.expect(Math.min(...due))
    this.#verify(gap)
  }

  #show(asked: ReadonlyArray<PolledJob<Ref, Job>>, rows: ReadonlyMap<string, ListedJob<Ref, Job> | undefined>): void {
    this.#failures = 0
    for (const job of asked) if (job.isWatched) job.row(rows.get(job.key))
  }

  /** A list that cannot be had is no failure of its jobs; only what passes by itself is. */
  #fail(asked: ReadonlyArray<PolledJob<Ref, Job>>, error: unknown): void {
    const wait = isApiError(error) ? this.#retry.nextWait(error, ++this.#failures, false) : 0
    if (wait === undefined) {
      this.#skip(Number.POSITIVE_INFINITY)
      return
    }
    if (this.#failures >= maxFailures) {
      this.#failures = 0
      this.#skip(listCooldown)
    }
    for (const job of asked) if (job.isWatched) job.failed(error, wait)
  }

  /** Does without the list for a while: each of its jobs is polled by itself. */
  #skip(ms: number): void {
    this.#contradictions = 0
    this.#skipUntil = this.#context.queue.now() + ms
    for (const job of this.#jobs) job.reschedule()
  }

  /** Has some jobs read by themselves that only lists showed for long; at most a fifth of the budget goes to that. */
  #verify(gap: number): void {
    const { queue } = this.#context
    const { limiter } = queue
    if (limiter === undefined) return
    const before = queue.now() - verifyAfter
    const old = this.#jobsByList().filter(({ readAt }) => readAt <= before)
    const most = Math.max(1, Math.floor((limiter.requestsPerMinute * gap) / 300_000))
    for (const job of old.sort((a, b) => a.readAt - b.readAt).slice(0, most)) job.verify()
  }
}

/** The rows by key; undefined for a job with rows of different phases. */
function byKey<Ref, Job>(
  rows: ReadonlyArray<ListedJob<Ref, Job>>,
  keyOf: (ref: Ref) => string,
): ReadonlyMap<string, ListedJob<Ref, Job> | undefined> {
  const found = new Map<string, ListedJob<Ref, Job> | undefined>()
  for (const row of rows) {
    const key = keyOf(row.ref)
    found.set(key, found.has(key) && found.get(key)?.phase !== row.phase ? undefined : row)
  }
  return found
}
