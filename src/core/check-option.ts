import { show } from './show.ts'

/**
 * Checks an option that was given; one that is undefined has its default and is well.
 *
 * @param what what it must be, for the error
 * @throws TypeError that names the option and what it was
 */
export function checkOption(name: string, value: unknown, good: (value: unknown) => boolean, what: string): void {
  if (value !== undefined && !good(value)) throw new TypeError(`${name} must be ${what}, was ${show(value)}`)
}

export const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0

export const isNotNegative = (value: unknown): boolean => typeof value === 'number' && value >= 0

/** True for a whole number from 1 up, and for no bound at all. */
export const isCount = (value: unknown): boolean =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && isPositive(value))

export const isFunction = (value: unknown): boolean => typeof value === 'function'

/** True for what has the method that every scheduler of rxjs has. */
export const isScheduler = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'schedule' in value && isFunction(value.schedule)
