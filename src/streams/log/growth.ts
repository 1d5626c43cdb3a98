/** How many lines a read added, and the measures known before it: milliseconds by the lines' times, by the scheduler, and 1. */
interface Sample {
  readonly added: number
  readonly known: ReadonlyArray<number>
}

/** How many lines to ask for, and how many lines are then likely to be read for each new one. */
interface Guess {
  readonly size: number
  readonly cost: number
}

// How many reads are remembered.
const samples = 32

// A guess in proportion to the time is multiplied by this.
const margin = 1.025

// Where more lines than this would be read for each new one, a narrow window is read first, to see how far the log went on.
const costly = 1.3

// How much wider the next window is where nothing else is known.
const widening = 16

const cheapest = (guesses: ReadonlyArray<Guess>): Guess =>
  guesses.reduce((a, b) => (b.cost < a.cost ? b : a), { size: 0, cost: Number.POSITIVE_INFINITY })

/** The size with the lowest cost, where all sizes are equally likely, and one that was too small is followed by the largest. */
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
   * many as one of the last reads added, unchanged or in proportion to the time, whichever varied least.
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
