import type { Editions } from './editions.ts'

/** What the two editions are called in figures. */
export const [firstEdition, secondEdition] = ['first edition', 'second edition'] as const

/** The bound that a figure of the second edition must keep. */
export type Mark = { readonly atMost: number } | { readonly atLeast: number }

/** One row of a table: what was measured, and the value of each subject. */
export interface Figure {
  readonly measure: string
  readonly unit?: string
  readonly mark?: Mark
  readonly values: Readonly<Record<string, number>>
}

/** What one run of a measure found. */
export interface Report {
  readonly title: string
  /** What is done and what the figures say, one paragraph each, in Markdown. */
  readonly text: ReadonlyArray<string>
  readonly figures: ReadonlyArray<Figure>
}

/** Hands a report to the runner. */
export function report(found: Report): void {
  process.stdout.write(JSON.stringify(found))
}

/** Processor time of this process in milliseconds; the work of other processes is not in it. */
export function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** The middle of the values; NaN for none. */
export function median(values: ReadonlyArray<number>): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The mean of the values; NaN for none. */
export const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, one) => sum + one, 0) / values.length

/** Pseudo-random numbers from 0 up to 1, the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * Measures subjects in turns, so that a change in the machine's speed affects all of them: each round runs every subject, in another
 * order than the round before. The first two rounds warm up and are not counted. No garbage is collected between turns: that would also discard
 * compiled code.
 *
 * @returns for each subject the median of its ratios to the first subject of the same round
 */
export async function ratios(
  subjects: Readonly<Record<string, () => number | Promise<number>>>,
  rounds: number,
): Promise<Readonly<Record<string, number>>> {
  const warmUp = 2
  const runs = Object.entries(subjects).map(([name, run]) => ({ name, run, values: new Array<number>() }))
  for (let round = 0; round < rounds + warmUp; round++) {
    for (let turn = 0; turn < runs.length; turn++) {
      const subject = runs[(turn + round) % runs.length]
      const value = await subject?.run()
      if (round >= warmUp && value !== undefined) subject?.values.push(value)
    }
  }
  const base = runs[0]?.values ?? []
  const ratio = (values: ReadonlyArray<number>): number =>
    median(values.map((value, round) => value / (base[round] ?? Number.NaN)))
  return Object.fromEntries(runs.map(({ name, values }) => [name, ratio(values)]))
}

/** Runs the same measurement of both editions. */
export async function ofBoth<A>(
  editions: Editions,
  run: (edition: Editions[number]) => A | Promise<A>,
): Promise<Readonly<Record<string, A>>> {
  const found: Record<string, A> = {}
  for (const edition of editions) found[edition.name] = await run(edition)
  return found
}
