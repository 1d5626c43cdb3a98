import { bounded } from '../../core/retry-after.ts'
import type { RateLimit } from '../job-source.ts'

// One more than a minute has, because times are whole milliseconds.
const minute = 60_001

// What may be spent at once. The rest is spread, so that a job that comes later need not wait for the next minute.
const atOnce = 1 / 4

/** What a budget allows. */
export interface Allowance {
  readonly requestsPerMinute: number
  readonly maxConcurrent: number
}

/**
 * Counts requests, so that no minute, wherever it begins, has more of them than allowed.
 *
 * A request counts from when it begins until a minute after its answer: wherever between the two the service counted it,
 * no minute of the service's has more, either. (A token bucket of the same rate lets through up to twice as many.)
 */
export class Budget {
  readonly #allowance: Allowance
  /** When the requests of the last minute were answered: a ring, the oldest at `#oldest`. */
  readonly #answered: Float64Array
  #oldest = 0
  #kept = 0
  #under = 0
  #calls = 0
  #begunAt = Number.NEGATIVE_INFINITY
  #pausedUntil = Number.NEGATIVE_INFINITY
  #left = Number.POSITIVE_INFINITY
  #leftUntil = Number.NEGATIVE_INFINITY

  constructor(allowance: Allowance) {
    this.#allowance = allowance
    this.#answered = new Float64Array(allowance.requestsPerMinute)
  }

  /** How many requests count now. */
  used(now: number): number {
    this.#forget(now)
    return this.#under + this.#kept
  }

  /** Calls without an answer yet. */
  get calls(): number {
    return this.#calls
  }

  /** Until when nothing may begin, because the service said so; undefined when it may. */
  pausedUntil(now: number): number | undefined {
    const until = this.#left < 1 ? Math.max(this.#pausedUntil, this.#leftUntil) : this.#pausedUntil
    return until > now ? until : undefined
  }

  /** When a call of that many requests may begin; Infinity where that depends on an answer. */
  opensAt(now: number, requests: number): number {
    const { requestsPerMinute, maxConcurrent } = this.#allowance
    if (this.#calls >= maxConcurrent) return Number.POSITIVE_INFINITY
    const free = requestsPerMinute - this.used(now)
    const served = this.#left < requests ? this.#leftUntil : Number.NEGATIVE_INFINITY
    const earliest = Math.max(now, this.#pausedUntil, served)
    const lacking = requests - free
    if (lacking > this.#kept) return Number.POSITIVE_INFINITY
    if (lacking > 0) return Math.max(earliest, this.#answer(lacking - 1) + minute)
    if (requestsPerMinute - free < requestsPerMinute * atOnce) return earliest
    const next = this.#kept > 0 ? this.#answer(0) : now
    const spread = (next + minute - this.#begunAt) / (free + 1)
    return Math.max(earliest, this.#begunAt + Math.max(minute / requestsPerMinute, spread))
  }

  begin(now: number, requests: number): void {
    this.#under += requests
    this.#calls++
    this.#begunAt = now
    this.#left -= requests
  }

  /** Notes an answer: of the requests set aside, `sent` were really sent. */
  end(now: number, requests: number, sent: number): void {
    this.#forget(now)
    this.#under -= requests
    this.#calls--
    this.#left += requests - sent
    for (let count = 0; count < sent; count++) {
      this.#answered[(this.#oldest + this.#kept++) % this.#answered.length] = now
    }
  }

  /** Nothing begins before then. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
  }

  /** Obeys what the service says of its own limit, which others may use up, too. */
  obey(now: number, { allowed, used, resetIn }: RateLimit): void {
    const left = allowed - used
    if (!(resetIn > 0) || !Number.isFinite(left)) return
    // Whether those under way are in the service's count is not known.
    this.#left = left - this.#under
    this.#leftUntil = now + bounded(resetIn)
  }

  /** Forgets what no longer counts. */
  #forget(now: number): void {
    while (this.#kept > 0 && this.#answer(0) + minute <= now) {
      this.#oldest = (this.#oldest + 1) % this.#answered.length
      this.#kept--
    }
    if (this.#leftUntil <= now) this.#left = Number.POSITIVE_INFINITY
  }

  #answer(index: number): number {
    return this.#answered[(this.#oldest + index) % this.#answered.length] ?? 0
  }
}
