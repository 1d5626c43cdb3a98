import { Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs'
import { type ApiError, isApiError } from '../../core/index.ts'
import { longestWait } from '../../core/retry-after.ts'
import { askedToWait } from '../../core/transient.ts'
import type { Budget } from './budget.ts'
import { type Turn, Turns } from './turns.ts'

// A service that refuses without saying for how long is left alone for so many milliseconds, then twice as many.
const firstPause = 1_000
const longestPause = 30_000

/** When which request begins: one timer, one budget. */
export class Agenda {
  readonly budget: Budget
  /** Emits when there may be something new to tell of it. */
  readonly changes: Subject<void> = new Subject<void>()
  readonly #turns: Turns
  readonly #scheduler: SchedulerLike
  readonly #origin: number
  #timer: Subscription | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #waking = false
  #lag = 0
  #refusals = 0

  constructor(scheduler: SchedulerLike, budget: Budget) {
    this.#scheduler = scheduler
    this.#origin = scheduler.now()
    this.budget = budget
    this.#turns = new Turns(budget)
  }

  /** Whole milliseconds since the pool was made: small numbers take no room beside the object that holds them. */
  get now(): number {
    return Math.floor(this.#scheduler.now() - this.#origin)
  }

  /** That time by the scheduler's clock. */
  timeOf(now: number): number {
    return now + this.#origin
  }

  /** How long after it was due the last request began. */
  get lag(): number {
    return this.#lag
  }

  /** How many turns are due and wait for the budget. */
  get ready(): number {
    return this.#turns.ready
  }

  /** Gives a turn its time, from then on by weight. Without a weight it does not go back behind any other. */
  at(turn: Turn, due: number, weight = 0): void {
    this.#turns.put(turn, due, weight)
    this.#arm()
  }

  drop(turn: Turn): void {
    this.#turns.take(turn)
    this.#arm()
  }

  /**
   * Sends what a turn may send now, and counts it until its first value or its end.
   *
   * @param sent how many of the turn's requests it took to get that value
   */
  run<A>(requests: number, source: Observable<A>, sent: (value: A) => number): Observable<A> {
    return new Observable((subscriber) => {
      let counted = false
      const count = (used: number): void => {
        if (counted) return
        counted = true
        this.budget.end(this.now, requests, used)
        this.#arm()
        this.changes.next()
      }
      subscriber.add(() => count(requests))
      subscriber.add(
        source.subscribe({
          next: (value) => {
            this.#refusals = 0
            count(sent(value))
            subscriber.next(value)
          },
          error: (error: unknown) => {
            if (isApiError(error)) this.#heed(error)
            count(requests)
            subscriber.error(error)
          },
          complete: () => subscriber.complete(),
        }),
      )
    })
  }

  /** What a service asks of one is for the whole pool. */
  #heed(error: ApiError): void {
    const refused = 'status' in error && error.status === 429
    if (refused) this.#refusals++
    const pause = refused ? Math.min(firstPause * 2 ** (this.#refusals - 1), longestPause) : 0
    const wait = askedToWait(error) ?? pause
    if (wait > 0) this.budget.pause(this.now + wait)
  }

  /** Sets the one timer to when something can happen next, or to nothing. */
  #arm(): void {
    if (this.#waking) return
    const { now } = this
    const at = this.#turns.next(now)
    // A timer that is too early costs less than setting it anew at each change.
    if (at >= this.#timerAt && at < Number.POSITIVE_INFINITY) return
    this.#timer?.unsubscribe()
    this.#timer = undefined
    this.#timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    // Whole milliseconds: no timer keeps less, and rounding must not make it fire too early again and again.
    const wait = Math.min(Math.ceil(Math.max(0, at - now)), longestWait)
    this.#timer = this.#scheduler.schedule(() => this.#wake(), wait)
  }

  #wake(): void {
    const { now } = this
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#waking = true
    this.#turns.collect(now)
    for (let turn = this.#turns.begin(now); turn !== undefined; turn = this.#turns.begin(now)) {
      this.#lag = now - turn.due
      this.budget.begin(now, turn.requests)
      turn.go()
    }
    this.#waking = false
    this.#arm()
    this.changes.next()
  }
}
