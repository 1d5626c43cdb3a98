/** A number of new lines, and the milliseconds in which they came: by the scheduler, and by the lines' own times; 0 where not known. */
interface Sample {
  readonly added: number
  readonly interval: number
  readonly elapsed: number
}

// How many reads are remembered.
const samples = 16

// What is added to a guess by the pace of a log.
const margin = 1.03

// How many times its lines a read may cost before a narrow window is read first, to see how far the log went on.
const costly = 1.06

// How much wider the next window is where nothing else is known, and by how much no guess exceeds what reads added so far.
const widening = 8
const fewLines = 16

/** Guesses how many lines of a log are new, from what the last reads added. */
export class Growth {
  readonly #samples: Array<Sample> = []
  #lastAt: number | undefined

  /** How many lines the last read added. */
  get last(): number {
    return this.#samples[this.#samples.length - 1]?.added ?? 0
  }

  /** Notes that a read at `now` added lines, whose times went on by `elapsed`; both in milliseconds. */
  added(added: number, now: number, elapsed: number): void {
    // The first read shows what was there before: only the lines' own times tell a pace.
    const interval = this.#lastAt === undefined ? 0 : Math.max(1, now - this.#lastAt)
    this.#samples.push({ added, interval, elapsed })
    if (this.#samples.length > samples) this.#samples.shift()
    this.#lastAt = now
  }

  /**
   * How many new lines to ask for at `now`, at least so many.
   *
   * @param elapsed how far the log's times went on since the last read, where a window showed that
   * @param roundTrip milliseconds that the last answer took
   */
  guess(now: number, atLeast: number, elapsed: number, roundTrip: number): number {
    const interval = now - (this.#lastAt ?? now)
    const known = this.#samples.filter((sample) => sample.interval > 0)
    const byPace = (by: 'interval' | 'elapsed', ms: number): Guess =>
      cheapest(
        this.#samples.flatMap((sample) => (sample[by] > 0 ? [(sample.added * ms * margin) / sample[by] + 1] : [])),
        atLeast,
      )
    const most = widening * Math.max(fewLines, atLeast, ...this.#samples.map(({ added }) => added))
    const bySize = cheapest(
      known.map(({ added }) => added),
      atLeast,
    )
    // Where an answer takes long, the log goes on too far meanwhile.
    const isQuick = roundTrip * 5 < interval
    const byTimes = elapsed > 0 ? byPace('elapsed', elapsed + roundTrip).lines : undefined
    if (byTimes !== undefined) return Math.min(byTimes, most)
    const byInterval = byPace('interval', interval)
    const { lines, waste } = bySize.waste <= byInterval.waste ? bySize : byInterval
    const canProbe = atLeast === 0 && isQuick && known.some((sample) => sample.elapsed > 0)
    return canProbe && waste > costly ? 0 : (lines ?? Math.max(fewLines, widening * atLeast))
  }
}

interface Guess {
  readonly lines: number | undefined
  readonly waste: number
}

const unknown: Guess = { lines: undefined, waste: Number.POSITIVE_INFINITY }

/** The first size to ask for, of the order of sizes with the lowest expected cost, where all past `sizes` are equally likely. */
function cheapest(sizes: ReadonlyArray<number>, atLeast: number): Guess {
  const sorted = sizes.map(Math.ceil).sort((a, b) => b - a)
  const likely = sorted.filter((size) => size >= atLeast)
  // costs[n]: the least cost of the n largest.
  const costs = [0]
  let best: number | undefined
  likely.forEach((_, at) => {
    const options = likely.slice(0, at + 1).map((size, upTo) => ({ size, cost: size * (at + 1) + (costs[upTo] ?? 0) }))
    const option = options.reduce((a, b) => (b.cost < a.cost ? b : a))
    costs.push(option.cost)
    best = option.size
  })
  const total = sorted.reduce((sum, size) => sum + size, 0)
  return best === undefined ? unknown : { lines: best, waste: (costs[costs.length - 1] ?? 0) / Math.max(1, total) }
}
