import type { Budget } from './budget.ts'
import { Heap, type Placed } from './heap.ts'

/** Something that wants to send requests at some time. */
export interface Turn extends Placed {
  /** When, in milliseconds of the pool's time. */
  due: number
  /** Its place among those that are due: see {@link Turns}. */
  tag: number
  order: number
  /** How many requests it may send. */
  readonly requests: number
  /** When it is due indeed, where that may be later than it was put for; Infinity for never. */
  dueAt?(): number
  /** Its turn has come: it sends what it wants, now and once. */
  go(): void
}

const byTime = (a: Turn, b: Turn): boolean => (a.due === b.due ? a.order < b.order : a.due < b.due)
const byTag = (a: Turn, b: Turn): boolean => (a.tag === b.tag ? byTime(a, b) : a.tag < b.tag)

/** The weight of a turn with nothing to wait for: a log read, a call. In milliseconds, as waits are. */
export const leastWeight = 500
const mostWeight = 15_000

/** The weight of a job that wants to be looked at after that wait: from half a second to fifteen, so that none crowds out another. */
export const weightOf = (wait: number): number => Math.min(Math.max(wait, leastWeight), mostWeight)

// The golden ratio: its multiples are spread evenly, however many there are.
const ratio = (Math.sqrt(5) - 1) / 2

/**
 * Who waits for what: in one heap by time until it is due, then in another until the budget has room.
 *
 * Of those that are due the one with the lowest tag goes first (self-clocked fair queueing): a turn that comes again moves
 * its weight back from the tag that was served last. So where the budget is too small for all, one that wants to look
 * every second gets five times as many looks as one that wants to look every five, and each comes: before it any other
 * at most fifty-one times. Weights are varied by a quarter, evenly and not at random, so that many turns that began
 * together do not stay together, as a crowd that everyone else waits for.
 */
export class Turns {
  readonly #budget: Budget
  readonly #waiting = new Heap<Turn>(byTime)
  readonly #ready = new Heap<Turn>(byTag)
  #tag = 0
  #orders = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** How many are due. */
  get ready(): number {
    return this.#ready.size
  }

  /** Puts a turn where it belongs, from wherever it was. Without a weight it does not go back behind any other. */
  put(turn: Turn, due: number, weight: number): void {
    this.take(turn)
    turn.due = due
    turn.order = this.#orders++
    turn.tag = Math.max(turn.tag, this.#tag) + Math.ceil(weight * (0.75 + ((turn.order * ratio) % 1) / 2))
    this.#waiting.add(turn)
  }

  take(turn: Turn): void {
    this.#waiting.remove(turn)
    this.#ready.remove(turn)
  }

  /** When something can happen next; Infinity where nothing can without an answer or someone new. */
  next(now: number): number {
    const { first } = this.#ready
    const opens = first === undefined ? Number.POSITIVE_INFINITY : this.#budget.opensAt(now, first.requests)
    return Math.min(opens, this.#waiting.first?.due ?? Number.POSITIVE_INFINITY)
  }

  /** Makes those ready that are due now. */
  collect(now: number): void {
    for (let turn = this.#waiting.first; turn !== undefined && turn.due <= now; turn = this.#waiting.first) {
      this.#waiting.remove(turn)
      if (this.#later(turn, now)) continue
      this.#ready.add(turn)
    }
  }

  /** The next one that may begin now, no longer among those that wait. */
  begin(now: number): Turn | undefined {
    for (let turn = this.#ready.first; turn !== undefined; turn = this.#ready.first) {
      if (this.#budget.opensAt(now, turn.requests) > now) return undefined
      this.#ready.remove(turn)
      if (this.#later(turn, now)) continue
      this.#tag = turn.tag
      return turn
    }
    return undefined
  }

  /** Puts a turn back that is not due any more. */
  #later(turn: Turn, now: number): boolean {
    turn.due = turn.dueAt?.() ?? turn.due
    if (turn.due <= now) return false
    if (turn.due < Number.POSITIVE_INFINITY) this.#waiting.add(turn)
    return true
  }
}
