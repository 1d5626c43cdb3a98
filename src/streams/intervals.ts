import {
  aFunction,
  aNumberFromZero,
  aPositiveNumber,
  type Check,
  checkOptions,
  clampTimer,
  describe,
  type OptionTable,
} from '../core/index.ts'
import type { PollInterval } from './types.ts'

/**
 * The wait that a `pollInterval` gives: 0 where it is negative, at most what a timer can hold.
 *
 * @throws TypeError where it gives no number
 */
export function waitAfter<Job>(interval: number | PollInterval<Job>, job: Job, age: number, attempt: number): number {
  const wait: unknown = typeof interval === 'number' ? interval : interval(job, age, attempt)
  if (typeof wait === 'number' && !Number.isNaN(wait)) return Math.ceil(clampTimer(wait))
  throw new TypeError(`pollInterval gave ${describe(wait)} after read ${attempt}; it must give milliseconds`)
}

// What both intervals have.
const waits: OptionTable = { max: aPositiveNumber, random: aFunction }

/** Options of {@link adaptiveInterval}. */
export interface AdaptiveIntervalOptions {
  /** The part of the job's age that a wait is at most. Default 0.05. */
  readonly share?: number
  /** The shortest wait in milliseconds. Default 500. */
  readonly min?: number
  /** The longest wait in milliseconds. Default 15 000, or `min` where that is longer. */
  readonly max?: number
  /** A number from 0 up to 1, for the jitter. Default Math.random. */
  readonly random?: () => number
}

/**
 * The default interval: reads a young job often and an old one rarely, so that the end is noticed after a small part of the time
 * that the job took. Anywhere between `min` and 5 % of the age (full jitter), at most `max`.
 *
 * @throws TypeError for invalid options, and for a `max` below `min`
 *
 * @example
 * ```ts
 * import { adaptiveInterval } from 'rxjobs'
 *
 * const interval = adaptiveInterval({ share: 0.1, random: () => 1 })
 * interval({}, 60_000, 1) // => 6000
 * interval({}, 1_000, 1) // => 500
 * ```
 */
export function adaptiveInterval(options: AdaptiveIntervalOptions = {}): PollInterval {
  checkOptions('adaptiveInterval', options, { share: aNumberFromZero, min: aPositiveNumber, ...waits })
  const { share = 0.05, min = 500, max = Math.max(15_000, min), random = Math.random } = options
  if (max < min) throw new TypeError(`adaptiveInterval: max must be at least min, was ${max}`)
  return (_job, age) => min + random() * (Math.min(max, Math.max(min, age * share)) - min)
}

/** Options of {@link exponentialInterval}. */
export interface ExponentialIntervalOptions {
  /** The first wait in milliseconds. Default 500. */
  readonly base?: number
  /** What each wait is multiplied with, from 1 up. Default 1.5. */
  readonly factor?: number
  /** The longest wait in milliseconds. Default 30 000. */
  readonly max?: number
  /** A number from 0 up to 1, for the jitter. Default Math.random. */
  readonly random?: () => number
}

const aFactor: Check = (value) => (typeof value === 'number' && value >= 1 ? undefined : 'a number from 1 up')

/**
 * Waits that grow with each read: half of `base · factor^(attempt - 1)`, at most `max`, and up to the other half as jitter.
 *
 * @throws TypeError for invalid options
 *
 * @example
 * ```ts
 * import { exponentialInterval } from 'rxjobs'
 *
 * exponentialInterval({ base: 1_000, factor: 2, random: () => 1 })({}, 0, 3) // => 4000
 * ```
 */
export function exponentialInterval(options: ExponentialIntervalOptions = {}): PollInterval {
  checkOptions('exponentialInterval', options, { base: aPositiveNumber, factor: aFactor, ...waits })
  const { base = 500, factor = 1.5, max = 30_000, random = Math.random } = options
  return (_job, _age, attempt) => {
    const full = Math.min(max, base * factor ** (attempt - 1))
    return full / 2 + (random() * full) / 2
  }
}
