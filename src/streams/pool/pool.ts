import type { Either } from 'fp-ts/lib/Either.js'
import { map, Observable, startWith, type Subscription } from 'rxjs'
import { type ApiError, isTransient } from '../../core/index.ts'
import { backoff } from '../../core/backoff.ts'
import { left, none, right, some } from '../../core/option.ts'
import { askedToWait } from '../../core/transient.ts'
import type { Cadence } from '../cadence.ts'
import type { JobSource, Reading } from '../job-source.ts'
import { growth } from '../link.ts'
import type { WatchOptions } from '../watch-options.ts'
import type { Agenda } from './agenda.ts'
import type { PoolStats } from './pool-stats.ts'
import { Scope } from './scope.ts'
import { WatchedJob } from './watched-job.ts'
import { Watcher } from './watcher.ts'

/** What a pool needs of a source. */
export type Pollable<Ref, Job> = Pick<
  JobSource<Ref, Job, unknown, never>,
  'status' | 'keyOf' | 'transient' | 'list' | 'limits' | 'requests' | 'scheduler'
>

/** What a pool is made of. */
export interface PoolSetup<Ref, Job> {
  readonly source: Pollable<Ref, Job>
  readonly agenda: Agenda
  /** For watches without a cadence of their own. */
  readonly cadence: Cadence<Job>
  readonly random: () => number
}

/** The jobs that are watched together, by key, and what they share: an agenda, lists, and what the service says of its limits. */
export class Pool<Ref, Job> {
  readonly source: Pollable<Ref, Job>
  readonly agenda: Agenda
  readonly cadence: Cadence<Job>
  readonly random: () => number
  /** The most requests that one look sends. */
  readonly requests: number
  readonly #jobs = new Map<string, WatchedJob<Ref, Job>>()
  readonly #scopes = new Map<string, Scope<Ref, Job>>()
  #watches = 0
  #users = 0
  #limits: Subscription | undefined

  constructor({ source, agenda, cadence, random }: PoolSetup<Ref, Job>) {
    this.source = source
    this.agenda = agenda
    this.cadence = cadence
    this.random = random
    this.requests = source.requests ?? 1
  }

  watch(ref: Ref, options: WatchOptions<Job, Ref>, nudge?: Observable<unknown>): Observable<Reading<Ref, Job>> {
    const key = this.source.keyOf(ref)
    return new Observable((subscriber) => {
      const job = this.#jobs.get(key) ?? new WatchedJob(this, ref, key)
      const watcher = new Watcher(subscriber, options, job)
      this.#jobs.set(key, job)
      this.#watches++
      this.enter()
      subscriber.add(watcher)
      if (nudge !== undefined) subscriber.add(nudge.subscribe({ next: () => job.hurry(), error: () => undefined }))
      job.join(watcher)
    })
  }

  /** A watch is over, or was left. */
  left(): void {
    this.#watches--
    this.leave()
  }

  /** Someone uses the pool: it listens to what the service says of its limits. */
  enter(): void {
    if (this.#users++ === 0) {
      this.#limits = this.source.limits?.subscribe({
        next: (limit) => this.agenda.budget.obey(this.agenda.now, limit),
        error: () => undefined,
      })
    }
    this.agenda.changes.next()
  }

  leave(): void {
    if (--this.#users === 0) this.#limits?.unsubscribe()
    this.agenda.changes.next()
  }

  forget(job: WatchedJob<Ref, Job>): void {
    this.#jobs.delete(job.key)
    this.agenda.drop(job)
  }

  dissolve(scope: Scope<Ref, Job>): void {
    this.#scopes.delete(scope.name)
  }

  /** The jobs that one list shows together with this one. */
  scopeOf(ref: Ref, last?: Job): Scope<Ref, Job> | undefined {
    const { list } = this.source
    const name = list?.scopeOf(ref, last)
    if (list === undefined || name?._tag !== 'Some') return undefined
    const scope = this.#scopes.get(name.value) ?? new Scope(this, list, name.value)
    this.#scopes.set(name.value, scope)
    return scope
  }

  /**
   * How long to wait after that many failures in a row, in whole milliseconds; or the error that ends the watches: one that
   * does not pass by itself, or what a function of the user's threw.
   */
  waitAfter(error: ApiError, failures: number): Either<unknown, number> {
    try {
      if (!isTransient(error) && this.source.transient?.(error) !== true) return left(error)
      return right(Math.ceil(askedToWait(error) ?? backoff({ ...growth, random: this.random }, failures)))
    } catch (thrown) {
      return left(thrown)
    }
  }

  get stats(): Observable<PoolStats> {
    const { agenda } = this
    return agenda.changes.pipe(
      startWith(undefined),
      map(() => {
        const { now, budget, lag, ready } = agenda
        const paused = budget.pausedUntil(now)
        return {
          requests: budget.used(now),
          inFlight: budget.calls,
          watches: this.#watches,
          jobs: this.#jobs.size,
          waiting: ready,
          lag,
          pausedUntil: paused === undefined ? none : some(agenda.timeOf(paused)),
        }
      }),
    )
  }
}
