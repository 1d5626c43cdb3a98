/** Processor time of this process, in milliseconds: what others do on the machine is not in it. */
export function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** The middle of the values; NaN of none. */
export function median(values: ReadonlyArray<number>): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Used heap in bytes after a full collection. Needs `--expose-gc`, which the runner gives. */
export function heap(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** What was measured of one subject: the median, and the median of its ratios to the first subject of the same round. */
export interface Measured {
  readonly subject: string
  readonly value: number
  readonly ratio: number
}

/**
 * Measures subjects in turns, so that a change in the machine's pace meets them all: each round runs every one of them, in
 * another order than the round before. The first rounds warm up and are not counted.
 *
 * @param subjects the first one is what the others are compared with
 */
export async function inTurns(
  subjects: ReadonlyArray<readonly [subject: string, run: () => number | Promise<number>]>,
  { rounds, warmUp = 2 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<ReadonlyArray<Measured>> {
  const found = subjects.map((): Array<number> => [])
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const at = (turn + round + warmUp) % subjects.length
      const value = await subjects[at]?.[1]()
      if (round >= 0 && value !== undefined) found[at]?.push(value)
    }
  }
  const [base = []] = found
  return subjects.map(([subject], at) => {
    const values = found[at] ?? []
    const ratios = values.map((value, round) => value / (base[round] ?? Number.NaN))
    return { subject, value: median(values), ratio: median(ratios) }
  })
}
