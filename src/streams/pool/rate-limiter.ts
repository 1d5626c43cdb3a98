import type { RateLimit } from '../types.ts'

// One more than a minute has, because times are whole milliseconds.
const minute = 60_001

// The part of the budget that may be spent at once. The rest is spread, so that a later job need not wait for the next minute.
const burst = 1 / 4

// A request without an answer for so many milliseconds gives up its place, so that others are not blocked by what hangs.
const slowAfter = 5_000

/** A request that began. */
export interface RunningRequest {
  readonly begunAt: number
  readonly requests: number
  /** Whether it takes one of the places of `maxConcurrent`. */
  readonly takesPlace: boolean
}

/**
 * Allows so many requests in any sixty seconds, wherever they begin, and so many at a time.
 *
 * A request counts from its begin until a minute after its answer, so that the limit also holds by the service's clock. One
 * without an answer counts for two minutes.
 */
export class RateLimiter {
  readonly requestsPerMinute: number
  readonly #maxConcurrent: number
  readonly #running = new Set<RunningRequest>()
  /** When the requests of the last minute were answered. */
  readonly #answered: Array<number> = []
  #unanswered = 0
  #begunAt = 0
  #pausedUntil = 0
  #remaining = Number.POSITIVE_INFINITY
  #remainingUntil = 0

  constructor(requestsPerMinute: number, maxConcurrent: number) {
    this.requestsPerMinute = requestsPerMinute
    this.#maxConcurrent = maxConcurrent
  }

  /** How many requests wait for their answer, those of the last minute. */
  get inFlight(): number {
    return this.#running.size
  }

  /** How many requests count now. */
  used(now: number): number {
    for (const request of this.#running) if (request.begunAt + minute <= now) this.end(now, request, request.requests)
    const first = this.#answered.findIndex((at) => at + minute > now)
    if (first !== 0) this.#answered.splice(0, first < 0 ? this.#answered.length : first)
    return this.#unanswered + this.#answered.length
  }

  /** Until when the service asked for no requests; undefined where requests may be sent. */
  pausedUntil(now: number): number | undefined {
    const until = this.#remaining < 1 ? Math.max(this.#pausedUntil, this.#remainingUntil) : this.#pausedUntil
    return until > now ? until : undefined
  }

  /** When a place is free: now, later, or Infinity where that depends on an answer. */
  placeFreeAt(now: number): number {
    const begun = [...this.#running].filter(({ takesPlace }) => takesPlace).map(({ begunAt }) => begunAt)
    const fast = begun.filter((at) => at + slowAfter > now)
    if (begun.length >= 2 * this.#maxConcurrent) return Number.POSITIVE_INFINITY
    return fast.length < this.#maxConcurrent ? now : Math.min(...fast) + slowAfter
  }

  /** When the rate allows so many requests: now, later, or Infinity where that depends on an answer. */
  availableAt(now: number, requests: number): number {
    const used = this.used(now)
    const free = this.requestsPerMinute - used
    const earliest = Math.max(now, this.#pausedUntil, this.#remaining < requests ? this.#remainingUntil : 0)
    if (free < requests) {
      const [first] = this.#running
      const last = this.#answered[requests - free - 1] ?? first?.begunAt ?? Number.POSITIVE_INFINITY
      return Math.max(earliest, last + minute)
    }
    if (used < this.requestsPerMinute * burst) return earliest
    const spread = ((this.#answered[0] ?? now) + minute - this.#begunAt) / (free + 1)
    return Math.max(earliest, this.#begunAt + Math.max(minute / this.requestsPerMinute, spread))
  }

  begin(now: number, requests: number, takesPlace: boolean): RunningRequest {
    const request = { begunAt: now, requests, takesPlace }
    this.#running.add(request)
    this.#unanswered += requests
    this.#begunAt = now
    this.#remaining -= requests
    return request
  }

  /** Notes an answer: of the requests set aside, `sent` were sent. */
  end(now: number, request: RunningRequest, sent: number): void {
    if (!this.#running.delete(request)) return
    this.#unanswered -= request.requests
    this.#remaining += request.requests - sent
    for (let index = 0; index < sent; index++) this.#answered.push(now)
  }

  /** Nothing begins before then. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
  }

  /** Applies what the service says of its own limit, which others may use up, too. */
  applyLimit(now: number, { allowed, used, resetIn }: RateLimit): void {
    const remaining = allowed - used
    if (!(resetIn > 0) || !Number.isFinite(remaining)) return
    // Whether those in flight are in the service's count is not known.
    this.#remaining = remaining - this.#unanswered
    this.#remainingUntil = now + resetIn
  }
}
