import { isObservable } from 'rxjs'
import { isPromise, kindOf, show } from './show.ts'

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

/** @throws TypeError for what is no Observable, with the way from a promise to one */
export function checkObservable(caller: string, value: unknown): void {
  if (isObservable(value)) return
  const way = isPromise(value) ? 'a promise; give from(promise)' : kindOf(value)
  throw new TypeError(`${caller}: it takes an Observable, not ${way}`)
}

/**
 * Runs a check that was made for another function and tells what it finds in the name of the one that was called.
 *
 * @throws TypeError as the check does
 */
export function checkAs(caller: string, check: () => unknown): void {
  try {
    check()
  } catch (thrown) {
    throw thrown instanceof TypeError ? new TypeError(`${caller}: ${thrown.message}`, { cause: thrown }) : thrown
  }
}
