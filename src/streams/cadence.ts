import { checkOption, isFunction, isNotNegative, isPositive } from '../core/check-option.ts'
import { bounded } from '../core/retry-after.ts'
import { show } from '../core/show.ts'

/**
 * How long to wait between two looks at a job, in milliseconds.
 *
 * @param job the job as last seen
 * @param age milliseconds since this stream first saw the job's status, by its scheduler
 * @param attempt how many looks there were so far, from 1
 */
export type Cadence<Job = unknown> = (job: Job, age: number, attempt: number) => number

/**
 * The wait that a cadence gives: none where it is negative, at most what a timer can hold.
 *
 * @throws TypeError where it gives no number: a stream must neither stop looking nor take its job for over because of it
 */
export function waitOf<Job>(cadence: Cadence<Job>, job: Job, age: number, attempt: number): number {
  const wait: unknown = cadence(job, age, attempt)
  if (typeof wait !== 'number' || Number.isNaN(wait)) {
    throw new TypeError(`the cadence gave ${show(wait)} after look ${attempt}; it must give milliseconds`)
  }
  return bounded(wait)
}

/** Where {@link proportional} differs from its defaults. */
export interface Proportion {
  /** The part of the job's age that a wait is at most. Default 0.05. */
  readonly share?: number
  /** The shortest wait in milliseconds. Default 500. */
  readonly min?: number
  /** The longest wait in milliseconds. Default 15 000, or `min` where that is longer. */
  readonly max?: number
  /** A number from 0 up to 1 for the jitter. Default Math.random. */
  readonly random?: () => number
}

/**
 * The default cadence: looks often at a young job and ever less at an old one, so that the lag stays a small share of
 * the time the job took. Anywhere between `min` and 5 % of the age (full jitter), never above `max`.
 *
 * @throws TypeError for options that give no wait: `min` not above 0, or `max` below `min`
 *
 * @example
 * ```ts
 * import { proportional } from 'rxjobs'
 *
 * const cadence = proportional({ share: 0.1, random: () => 1 })
 * cadence({}, 60_000, 1) // => 6000
 * cadence({}, 1_000, 1) // => 500
 * ```
 */
export function proportional({
  share = 0.05,
  min = 500,
  max = Math.max(15_000, min),
  random = Math.random,
}: Proportion = {}): Cadence {
  checkOption('proportional: share', share, isNotNegative, 'a number from 0 up')
  checkOption('proportional: min', min, isPositive, 'a positive number of milliseconds')
  checkOption('proportional: max', max, (value) => isPositive(value) && max >= min, 'at least min')
  checkOption('proportional: random', random, isFunction, 'a function')
  return (_job, age) => min + random() * (Math.min(max, Math.max(min, age * share)) - min)
}

/**
 * The same wait each time, in milliseconds, without jitter.
 *
 * @throws TypeError for what is no positive number
 *
 * @example
 * ```ts
 * import { every } from 'rxjobs'
 *
 * every(2_000)({}, 60_000, 7) // => 2000
 * ```
 */
export function every(ms: number): Cadence {
  if (!isPositive(ms)) throw new TypeError(`every: the wait must be a positive number of milliseconds, was ${show(ms)}`)
  return () => ms
}

/** How {@link exponential} grows. */
export interface Growth {
  /** The first wait in milliseconds. Default 500. */
  readonly base?: number
  /** What each wait is multiplied with. Default 1.5. */
  readonly factor?: number
  /** The longest wait in milliseconds. Default 30 000. */
  readonly max?: number
  /** A number from 0 up to 1 for the jitter. Default Math.random. */
  readonly random?: () => number
}

/**
 * Waits that grow with each look: half of `base · factor^(attempt - 1)`, at most `max`, plus up to the other half.
 *
 * @throws TypeError for options that give no wait, or ever shorter ones: `base` or `max` not above 0, `factor` below 1
 *
 * @example
 * ```ts
 * import { exponential } from 'rxjobs'
 *
 * exponential({ base: 1_000, factor: 2, random: () => 1 })({}, 0, 3) // => 4000
 * ```
 */
export function exponential({ base = 500, factor = 1.5, max = 30_000, random = Math.random }: Growth = {}): Cadence {
  checkOption('exponential: base', base, isPositive, 'a positive number of milliseconds')
  checkOption('exponential: factor', factor, (value) => isPositive(value) && factor >= 1, 'a number from 1 up')
  checkOption('exponential: max', max, isPositive, 'a positive number of milliseconds')
  checkOption('exponential: random', random, isFunction, 'a function')
  return (_job, _age, attempt) => {
    const full = Math.min(max, base * factor ** (attempt - 1))
    return full / 2 + (random() * full) / 2
  }
}
