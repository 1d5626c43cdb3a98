import { Subscription } from 'rxjs'
import { isApiError } from '../../core/index.ts'
import type { Reading } from '../job-source.ts'
import { answerOf } from '../link.ts'
import { isFinal } from '../phase.ts'
import { judge, type Settling } from '../settling.ts'
import { Audience } from './audience.ts'
import type { Pool } from './pool.ts'
import { rest, type Scope } from './scope.ts'
import { leastWeight, type Turn, weightOf } from './turns.ts'
import type { Watcher } from './watcher.ts'

/** One job of a pool, and when and how it is looked at: a plain record in a heap while nothing happens. */
export class WatchedJob<Ref, Job> extends Audience<Ref, Job> implements Turn {
  due = 0
  tag = 0
  order = 0
  place = -1
  readonly ref: Ref
  readonly key: string
  /** Whether a list that is being read shows this job, too. */
  listed = false
  #scope: Scope<Ref, Job> | undefined
  /** Until when it is looked at by itself, because its list did not show it; 0 where the list did, or may be hoped to. */
  #hiddenUntil = 0
  #request: Subscription | undefined
  #settling: Settling | undefined
  #failures = 0

  constructor(pool: Pool<Ref, Job>, ref: Ref, key: string) {
    super(pool)
    this.ref = ref
    this.key = key
  }

  get requests(): number {
    return this.pool.requests
  }

  /** Whether nobody is looking at it just now, and the next look may be a list's. */
  get listable(): boolean {
    return this.#request === undefined && !this.listed && this.#settling === undefined
  }

  /** Whether its next look is its list's. */
  get byList(): boolean {
    return this.listable && this.#scope?.usable === true && this.#hiddenUntil <= this.pool.agenda.now
  }

  /** The first one makes the pool look. */
  join(watcher: Watcher<Ref, Job>): void {
    const isFirst = !this.isWatched
    const { now } = this.pool.agenda
    if (isFirst) this.#enter(this.pool.scopeOf(this.ref))
    this.enters(watcher)
    if (isFirst) this.plan(now)
    else if (this.#isSteady && this.wish < this.due) this.plan(Math.max(this.wish, now))
  }

  /** The last one to leave takes the job out of the pool. */
  leave(watcher: Watcher<Ref, Job>): void {
    this.pool.left()
    const { wish } = this
    if (!this.leaves(watcher)) return
    if (!this.isWatched) return this.#stop()
    if (this.#isSteady && this.due === wish) this.plan(this.wish)
  }

  /** Looks at it now, if nobody does. */
  hurry(): void {
    if (this.listable) this.pool.agenda.at(this, this.pool.agenda.now)
  }

  /** One look at this job alone. */
  go(): void {
    const { source, agenda } = this.pool
    const sent = ({ phase }: Reading<Ref, Job>): number => (isFinal(phase) ? this.requests : 1)
    const look = answerOf('status', () => source.status(this.ref))
    this.#request = new Subscription()
    this.#request.add(
      agenda.run(this.requests, look, sent).subscribe({
        next: (reading) => this.#accept(reading),
        error: (error: unknown) => this.failed(error),
      }),
    )
  }

  /** Takes what its list says. A row that looks final, or none, is a reason to look by itself. */
  row(row: Reading<Ref, Job> | undefined): void {
    if (row === undefined || isFinal(row.phase)) {
      const { now } = this.pool.agenda
      const isFirst = this.#hiddenUntil === 0
      this.#hiddenUntil = now + rest
      return isFirst ? this.plan(now, leastWeight) : this.plan(this.due)
    }
    this.#hiddenUntil = 0
    this.#accept(row)
  }

  /** Waits for the next look: as long as its list does where that failed, else with backoff. */
  failed(error: unknown, listWait?: number): void {
    this.#request = undefined
    if (!isApiError(error)) return this.#end((watcher) => watcher.error(error))
    const own = this.pool.waitAfter(error, ++this.#failures)
    if (own._tag === 'Left') return this.#end((watcher) => watcher.error(own.left))
    const wait = listWait ?? own.right
    for (const watcher of this.watchers) watcher.failed(error, wait)
    if (this.isWatched) this.plan(this.pool.agenda.now + wait, weightOf(wait))
  }

  /** Whether the next look is due because of what the watchers ask for. */
  get #isSteady(): boolean {
    return this.isWatched && this.isKnown && this.listable && this.#failures === 0
  }

  #accept(read: Reading<Ref, Job>): void {
    this.#request = undefined
    const { now } = this.pool.agenda
    const { reading, over, rest, settling } = judge(read, this.#settling, now)
    if (over) return this.#end((watcher) => watcher.over(reading))
    this.#settling = settling
    this.#failures = 0
    try {
      this.#enter(this.pool.scopeOf(this.ref, reading.job))
      this.hears(reading, now)
    } catch (error) {
      return this.#end((watcher) => watcher.error(error))
    }
    const due = Math.min(now + rest, this.wish)
    if (this.isWatched) this.plan(due, weightOf(due - now))
  }

  #enter(scope: Scope<Ref, Job> | undefined): void {
    if (scope === this.#scope) return
    this.#scope?.remove(this)
    this.#scope = scope
    this.#hiddenUntil = 0
    scope?.add(this)
  }

  /** Sets when it is looked at next, by its list or by itself. */
  plan(due: number, weight = 0): void {
    this.pool.agenda.drop(this)
    this.due = due
    if (this.byList) this.#scope?.expect(due)
    else this.pool.agenda.at(this, due, weight)
  }

  #end(tell: (watcher: Watcher<Ref, Job>) => void): void {
    const watchers = this.dismiss()
    this.#stop()
    for (const watcher of watchers) tell(watcher)
  }

  #stop(): void {
    this.pool.forget(this)
    this.#request?.unsubscribe()
    this.#scope?.remove(this)
  }
}
