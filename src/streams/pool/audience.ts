import type { Reading } from '../job-source.ts'
import type { Pool } from './pool.ts'
import type { Watcher } from './watcher.ts'

const nobody: ReadonlyArray<never> = []

/**
 * Those who watch one job, what they were told, and when they want to hear again. A class to extend and not a part,
 * because a part is one more object a job; and the first watcher has a field of its own, because most jobs have one.
 */
export class Audience<Ref, Job> {
  protected readonly pool: Pool<Ref, Job>
  #first: Watcher<Ref, Job> | undefined
  #others: ReadonlyArray<Watcher<Ref, Job>> = nobody
  #told: Reading<Ref, Job> | undefined
  #firstSeen = 0
  #lookedAt = 0
  #attempt = 0

  constructor(pool: Pool<Ref, Job>) {
    this.pool = pool
  }

  get isWatched(): boolean {
    return this.#first !== undefined
  }

  /** All of them, as of now: who comes or goes while they are told changes nothing about it. */
  get watchers(): ReadonlyArray<Watcher<Ref, Job>> {
    return this.#first === undefined ? nobody : [this.#first, ...this.#others]
  }

  /** Whether there was an answer yet. */
  protected get isKnown(): boolean {
    return this.#attempt > 0
  }

  /** When the first of them wants to hear again: the lowest interval wins. */
  protected get wish(): number {
    return this.#lookedAt + this.#others.reduce((wait, other) => Math.min(wait, other.wait), this.#first?.wait ?? 0)
  }

  /** Lets a watcher in; tells it what the others know, if they know anything. */
  protected enters(watcher: Watcher<Ref, Job>): void {
    if (this.#first === undefined) this.#first = watcher
    else this.#others = [...this.#others, watcher]
    if (this.#told === undefined) return
    this.#ask(watcher, this.#told.job)
    watcher.next(this.#told)
  }

  /** Gives whether the watcher was there. */
  protected leaves(watcher: Watcher<Ref, Job>): boolean {
    const { watchers } = this
    if (!watchers.includes(watcher)) return false
    const [first, ...others] = watchers.filter((other) => other !== watcher)
    this.#first = first
    this.#others = others.length === 0 ? nobody : others
    return true
  }

  /** All of them leave; gives who they were. */
  protected dismiss(): ReadonlyArray<Watcher<Ref, Job>> {
    const { watchers } = this
    this.#first = undefined
    this.#others = nobody
    return watchers
  }

  /** Notes a reading, asks all for their wishes, and tells them. What is news is for each of them to judge. */
  protected hears(reading: Reading<Ref, Job>, now: number): void {
    this.#told = reading
    if (this.#attempt++ === 0) this.#firstSeen = now
    this.#lookedAt = now
    const { watchers } = this
    for (const watcher of watchers) this.#ask(watcher, reading.job)
    for (const watcher of watchers) watcher.next(reading)
  }

  #ask(watcher: Watcher<Ref, Job>, job: Job): void {
    watcher.answered(job, this.#lookedAt - this.#firstSeen, this.#attempt, this.pool.cadence)
  }
}
