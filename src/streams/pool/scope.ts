import { map, Subscription } from 'rxjs'
import { isApiError } from '../../core/index.ts'
import type { JobList, Reading } from '../job-source.ts'
import { answerOf } from '../link.ts'
import type { Pool } from './pool.ts'
import { type Turn, weightOf } from './turns.ts'
import type { WatchedJob } from './watched-job.ts'

/** How long a list is done without, in milliseconds: for all where it keeps failing, for a job that it does not show. */
export const rest = 60_000

// How often it may fail in a row before that.
const mostFailures = 3

/** Jobs that one list call shows, and that call: it is made when the first of them is due, and serves all. */
export class Scope<Ref, Job> implements Turn {
  due = 0
  tag = 0
  order = 0
  place = -1
  readonly name: string
  readonly #pool: Pool<Ref, Job>
  readonly #list: JobList<Ref, Job>
  readonly #jobs = new Set<WatchedJob<Ref, Job>>()
  #request: Subscription | undefined
  #failures = 0
  #restsUntil = 0

  constructor(pool: Pool<Ref, Job>, list: JobList<Ref, Job>, name: string) {
    this.#pool = pool
    this.#list = list
    this.name = name
  }

  /** Whether its list is any good. */
  get usable(): boolean {
    return this.#restsUntil <= this.#pool.agenda.now
  }

  /** For one job a look at it tells more than a list. */
  get requests(): number {
    return this.#only === undefined ? 1 : this.#pool.requests
  }

  add(job: WatchedJob<Ref, Job>): void {
    this.#jobs.add(job)
  }

  remove(job: WatchedJob<Ref, Job>): void {
    this.#jobs.delete(job)
    if (this.#jobs.size > 0) return
    this.#pool.agenda.drop(this)
    this.#pool.dissolve(this)
    this.#request?.unsubscribe()
  }

  /** One of its jobs is due then. */
  expect(due: number): void {
    if (this.#request === undefined && (this.place < 0 || due < this.due)) this.#pool.agenda.at(this, due)
  }

  dueAt(): number {
    let due = Number.POSITIVE_INFINITY
    if (this.#request === undefined) for (const job of this.#jobs) if (job.byList && job.due < due) due = job.due
    return due
  }

  go(): void {
    const { agenda } = this.#pool
    const only = this.#only
    if (only !== undefined) {
      agenda.drop(only)
      return only.go()
    }
    const asked = [...this.#jobs].filter((job) => job.listable)
    for (const job of asked) {
      agenda.drop(job)
      job.listed = true
    }
    const request = new Subscription()
    this.#request = request
    const refs = asked.map(({ ref }) => ref)
    const { keyOf } = this.#pool.source
    const read = answerOf('status', () => this.#list.read(this.name, refs)).pipe(
      map((rows) => new Map(rows.map((row) => [keyOf(row.ref), row]))),
    )
    request.add(
      agenda
        .run(1, read, () => 1)
        .subscribe({
          next: (rows) => this.#done(asked, this.#shows(rows)),
          error: (error: unknown) => this.#done(asked, this.#failed(error)),
        }),
    )
  }

  /** The one job that a list would be read for, if there is only one. */
  get #only(): WatchedJob<Ref, Job> | undefined {
    let only: WatchedJob<Ref, Job> | undefined
    for (const job of this.#jobs) {
      if (!job.byList) continue
      if (only !== undefined) return undefined
      only = job
    }
    return only
  }

  #done(asked: ReadonlyArray<WatchedJob<Ref, Job>>, tell: (job: WatchedJob<Ref, Job>) => void): void {
    for (const job of asked) {
      job.listed = false
      if (job.isWatched) tell(job)
    }
    this.#request = undefined
    const due = this.dueAt()
    const { agenda } = this.#pool
    // Each of its jobs has a right to be looked at, and this is one look for all of them.
    const served = asked.filter((job) => job.byList).length
    if (due < Number.POSITIVE_INFINITY) agenda.at(this, due, weightOf(due - agenda.now) / Math.max(served, 1))
  }

  #shows(rows: ReadonlyMap<string, Reading<Ref, Job>>): (job: WatchedJob<Ref, Job>) => void {
    this.#failures = 0
    return (job) => job.row(rows.get(job.key))
  }

  /** A list that cannot be had is no failure of its jobs, only one that passes is. */
  #failed(error: unknown): (job: WatchedJob<Ref, Job>) => void {
    if (!isApiError(error)) return (job) => job.failed(error)
    const wait = this.#pool.waitAfter(error, ++this.#failures)
    if (wait._tag === 'Left') {
      const { left } = wait
      if (!isApiError(left)) return (job) => job.failed(left)
      this.#restsUntil = Number.POSITIVE_INFINITY
      return (job) => job.plan(job.due)
    }
    if (this.#failures >= mostFailures) {
      this.#failures = 0
      this.#restsUntil = this.#pool.agenda.now + rest
    }
    return (job) => job.failed(error, wait.right)
  }
}
