// Asking for too little costs a second, wider look; asking for too much costs the lines.
const margin = 1.1

/** How fast a log grows, by what the last look at it added. */
export class Growth {
  #added = 0
  /** Lines a millisecond. */
  #rate = 0
  #askedAt: number | undefined
  #interval = 0

  /** Notes a look, `now` in milliseconds. */
  asked(now: number): void {
    this.#interval = this.#askedAt === undefined ? 0 : now - this.#askedAt
    this.#askedAt = now
  }

  /** Notes what the look added. The first one shows what was there before, which says nothing about what comes. */
  added(lines: number): void {
    this.#added = lines
    this.#rate = this.#interval === 0 ? 0 : lines / this.#interval
  }

  /** How many lines the last look added. */
  get last(): number {
    return this.#added
  }

  /** How many lines are likely to be new since the look before the one just asked for, with a margin. */
  get likely(): number {
    return Math.ceil(this.#rate * this.#interval * margin)
  }
}
