import type { FeedEntry } from 'rxjobs/sandbox'

export type Random = () => number

/** Some lines that a job writes, and how long it waits before. */
interface Step {
  readonly afterMs: number
  readonly lines: number
}

/** How a job writes its log. The text of each line follows from its number, so that nobody has to keep the log. */
export interface Profile {
  readonly name: string
  readonly step: (written: number, random: Random) => Step
  /** Seconds that a job lives, least and most. */
  readonly seconds: readonly [number, number]
  /** Only each line of that number has its number in its text; the others are all the same. Default 1. */
  readonly numbersEvery?: number
  /** How likely the log begins anew before some lines. Default 0. */
  readonly rotates?: number
  /** What follows the number. */
  readonly decoration: (line: number) => string
}

/** The longest line that the streams of a soak take. */
export const longestLine = 12_000

const some = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1))

const decorations = [
  '',
  ' ok',
  ' \u001b[32mgreen\u001b[0m',
  ' 日本語 – äöü',
  ' 😀😀',
  ' with blanks   ',
  '\ta\tb',
  ' "quoted" \\ {}',
]
const decorated = (line: number): string => `${decorations[line % decorations.length] ?? ''}${'·'.repeat(line % 40)}`

const steady: Profile = {
  name: 'steady',
  seconds: [20, 120],
  step: (_, random) => ({ afterMs: some(random, 20, 500), lines: some(random, 1, 10) }),
  decoration: decorated,
}

const varied: Profile = {
  name: 'rate that varies',
  seconds: [60, 180],
  step: (written, random) =>
    written % 2_000 < 1_500
      ? { afterMs: 100, lines: some(random, 5, 40) }
      : { afterMs: some(random, 1_000, 8_000), lines: some(random, 1, 60) },
  decoration: decorated,
}

/** Many more lines at once than a window has. */
const bursts: Profile = {
  name: 'bursts',
  seconds: [30, 120],
  step: (_, random) => ({ afterMs: some(random, 2_000, 60_000), lines: some(random, 500, 9_000) }),
  decoration: decorated,
}

/** Slower than the read timeout of a proxy. */
const slow: Profile = {
  name: 'slow',
  seconds: [60, 200],
  step: (_, random) => ({ afterMs: some(random, 10_000, 40_000), lines: some(random, 1, 2) }),
  decoration: decorated,
}

const heartbeats: Profile = {
  name: 'heartbeats',
  seconds: [40, 150],
  step: (_, random) => ({ afterMs: some(random, 100, 1_000), lines: some(random, 1, 3) }),
  numbersEvery: 40,
  decoration: () => '',
}

/** Lines of several characters a byte, of which some are cut by the service and some are longer than what is taken. */
const wide: Profile = {
  name: 'wide lines',
  seconds: [30, 120],
  step: (_, random) => ({ afterMs: some(random, 300, 3_000), lines: some(random, 1, 5) }),
  decoration: (line) =>
    line % 50 === 49 ? 'z'.repeat(longestLine) : 'wörd 日本 😀 '.repeat(line % 9 === 8 ? 450 : 40),
}

const rotated: Profile = { ...steady, name: 'rotated', rotates: 0.01 }

export const profiles: ReadonlyArray<Profile> = [steady, varied, bursts, slow, heartbeats, wide, rotated]

/** That many lines a second from the beginning of the soak to its end. */
export const endless = (linesPerSecond: number): Profile => ({
  name: `${linesPerSecond} lines a second`,
  seconds: [1e6, 1e6],
  step: (_, random) => ({ afterMs: 25, lines: some(random, 0, Math.round(linesPerSecond / 20)) }),
  decoration: decorated,
})

/** How long a job of that profile lives, in milliseconds. */
export const lifeOf = ({ seconds: [least, most] }: Profile, random: Random): number => some(random, least, most) * 1_000

const isNumbered = ({ numbersEvery = 1 }: Profile, line: number): boolean => line % numbersEvery === 0

export const textOf = (profile: Profile, line: number): string =>
  isNumbered(profile, line) ? `#${line}${profile.decoration(line)}` : 'still alive'

/** The lines from one number up to another, as a job writes them. */
export const linesOf = (profile: Profile, from: number, to: number): ReadonlyArray<FeedEntry> =>
  Array.from({ length: to - from }, (_, at) => ({
    source: (from + at) % 7 === 0 ? 'stderr' : 'stdout',
    data: textOf(profile, from + at),
  }))
