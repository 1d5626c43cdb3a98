import type { RateLimit } from '../types.ts'

// One more than a minute has, because times are whole milliseconds.
const minute = 60_001

// The part of the budget that may be spent at once. The rest is spread, so that a later job need not wait for the next minute.
const burst = 1 / 4

// A request without an answer for so many milliseconds gives up its place, so that others are not blocked by what hangs.
const slowAfter = 5_000

/** What was sent together, or may have been. */
export interface SentRequests {
  readonly begunAt: number
  /** How many requests these are. */
  count: number
  countUntil: number
  /** Whether they take one of the places of `maxConcurrent`. */
  readonly takesPlace: boolean
  isAnswered: boolean
}

/**
 * Allows so many requests in any sixty seconds, wherever they begin, and so many at a time.
 *
 * A request counts from its begin until a minute after its answer, so that the limit also holds by the service's clock. One without
 * an answer counts for two minutes.
 */
export class RateLimiter {
  readonly #requestsPerMinute: number
  readonly #maxConcurrent: number
  /** Those that count, the oldest first. */
  #sent: ReadonlyArray<SentRequests> = []
  #begunAt = 0
  #pausedUntil = 0
  #remaining = Number.POSITIVE_INFINITY
  #resetAt = 0

  constructor(requestsPerMinute: number, maxConcurrent: number) {
    this.#requestsPerMinute = requestsPerMinute
    this.#maxConcurrent = maxConcurrent
  }

  /** Those that have no answer yet. */
  get open(): ReadonlyArray<SentRequests> {
    return this.#sent.filter(({ isAnswered }) => !isAnswered)
  }

  /** How many requests count now. */
  used(now: number): number {
    this.#sent = this.#sent.filter(({ countUntil }) => countUntil > now)
    return sum(this.#sent)
  }

  /** Until when the service asked for no requests; undefined where so many may be sent. */
  pausedUntil(now: number, count = 1): number | undefined {
    const until = Math.max(this.#pausedUntil, this.#remaining < count ? this.#resetAt : 0)
    return until > now ? until : undefined
  }

  /** When a place is free: now, later, or Infinity where that depends on an answer. */
  placeFreeAt(now: number): number {
    const begun = this.open.filter(({ takesPlace }) => takesPlace).map(({ begunAt }) => begunAt)
    if (begun.length >= 2 * this.#maxConcurrent) return Number.POSITIVE_INFINITY
    return Math.max(now, (begun[begun.length - this.#maxConcurrent] ?? -slowAfter) + slowAfter)
  }

  /** When the rate may allow so many requests: now, or later. */
  availableAt(now: number, count: number): number {
    const used = this.used(now)
    const earliest = this.pausedUntil(now, count) ?? now
    const free = this.#requestsPerMinute - used
    if (free >= count && used < this.#requestsPerMinute * burst) return earliest
    const nextFreeAt = this.#sent.reduce((least, { countUntil }) => Math.min(least, countUntil), now + minute)
    if (free < count) return Math.max(earliest, nextFreeAt)
    const spread = Math.max(minute / this.#requestsPerMinute, (nextFreeAt - this.#begunAt) / (free + 1))
    return Math.max(earliest, this.#begunAt + spread)
  }

  begin(now: number, count: number, takesPlace: boolean): SentRequests {
    const sent = { begunAt: now, count, countUntil: now + 2 * minute, takesPlace, isAnswered: false }
    this.#sent = [...this.#sent, sent]
    this.#begunAt = now
    this.#remaining -= count
    return sent
  }

  /** Notes an answer: of the requests set aside, so many were sent. */
  answered(now: number, sent: SentRequests, count: number): void {
    if (sent.isAnswered) return
    this.#remaining += sent.count - count
    sent.isAnswered = true
    sent.count = count
    sent.countUntil = now + minute
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
    this.#remaining = remaining - sum(this.open)
    this.#resetAt = now + resetIn
  }
}

const sum = (sent: ReadonlyArray<SentRequests>): number => sent.reduce((total, { count }) => total + count, 0)
