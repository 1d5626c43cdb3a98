/** How many lines a read added, and what was known of it before: milliseconds by the lines' times, and by the scheduler, and 1. */
interface Sample {
  readonly added: number
  readonly known: ReadonlyArray<number>
}

/** How many lines to ask for, and what they cost for each that is new. */
interface Guess {
  readonly size: number
  readonly cost: number
}

// How many reads are remembered.
const samples = 32

// What is added to a guess by time.
const margin = 1.025

// What a new line may cost before a narrow window is read first, to see how far the log went on.
const costly = 1.3

// How much wider the next window is where nothing else is known.
const widening = 16

const cheapest = (guesses: ReadonlyArray<Guess>): Guess =>
  guesses.reduce((a, b) => (b.cost < a.cost ? b : a), { size: 0, cost: Number.POSITIVE_INFINITY })

/** The size to ask for first where all of these are equally likely, one failure is still to come, and the largest is asked for next. */
function firstOf(sizes: ReadonlyArray<number>): Guess {
  const largest = Math.max(...sizes)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const failures = (size: number): number => sizes.filter((other) => other > size).length + 1
  return cheapest(sizes.map((size) => ({ size, cost: (size * sizes.length + largest * failures(size)) / total })))
}

/** Guesses how many lines of a log are new, from what the last reads added. */
export class Growth {
  readonly #samples: Array<Sample> = []
  #lastAt: number | undefined
  #known: ReadonlyArray<number> | undefined

  /** How many lines the last read added. */
  get last(): number {
    return this.#samples[this.#samples.length - 1]?.added ?? 0
  }

  /** Notes that a read at `now` added lines. `elapsed`: from the first to the last of them, for a read without a guess. */
  added(added: number, now: number, elapsed = 0): void {
    this.#samples.push({ added, known: this.#known ?? [elapsed, elapsed, 1] })
    if (this.#samples.length > samples) this.#samples.shift()
    this.#lastAt = now
  }

  /**
   * How many new lines to ask for at `now`, at least so many; 0 where a narrow window should tell first how far the log went on. As
   * many as in one of the last reads, as such or in proportion to the time: whichever of these varied least.
   *
   * @param elapsed how far the log's times went on since the last read, where a window showed that; else 0
   */
  guess(now: number, atLeast: number, elapsed: number): number {
    const known = [elapsed || Number.NaN, now - (this.#lastAt ?? now), 1]
    this.#known = known
    const seen = this.#samples.filter(({ added }) => atLeast === 0 || added > 0)
    const guesses = known.map((value, by) => {
      const ratio = by < 2 ? value * margin : 1
      const sizes = seen.map((then) => (then.added * ratio) / (then.known[by] ?? 0) + 1).filter(Number.isFinite)
      return { size: firstOf(sizes.filter((size) => size > atLeast)).size, cost: firstOf(sizes).cost }
    })
    const { size, cost } = cheapest(guesses.filter((guess) => guess.size > 0))
    return atLeast === 0 && cost > costly ? 0 : Math.ceil(size || widening * atLeast)
  }
}
