import { checkOption, isCount, isFunction, isPositive, isScheduler } from '../../core/check-option.ts'
import { meant } from '../../core/misspelt.ts'
import { kindOf, show } from '../../core/show.ts'
import { checkSource } from '../check-stream.ts'
import type { PoolOptions } from './pooled.ts'

const names: Readonly<Record<keyof PoolOptions, true>> = {
  requestsPerMinute: true,
  every: true,
  maxConcurrent: true,
  scheduler: true,
  random: true,
}

/** @throws TypeError for what is no source, and for what is no budget or one that can never work */
export function checkPool(source: { readonly requests?: number }, options: PoolOptions): void {
  checkSource('pooled', source)
  const { requests = 1 } = source
  const given: unknown = options
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `pooled: the budget must be an object, such as { requestsPerMinute: 300 }, not ${kindOf(given)}`,
    )
  }
  for (const name of Object.keys(given)) {
    const option = meant(name, Object.keys(names))
    if (option !== undefined) throw new TypeError(`pooled: there is no option "${name}"; is "${option}" meant?`)
  }
  const { requestsPerMinute } = options
  // One look must fit into it, and undefined is no budget.
  if (!(Number.isInteger(requestsPerMinute) && requestsPerMinute >= requests)) {
    const most = show(requestsPerMinute)
    throw new TypeError(`pooled: requestsPerMinute must be a whole number from ${requests} up, was ${most}`)
  }
  const check = (name: keyof PoolOptions, good: (value: unknown) => boolean, what: string): void =>
    checkOption(`pooled: ${name}`, options[name], good, what)
  check('every', isPositive, 'a positive number of milliseconds')
  check('maxConcurrent', isCount, 'a whole number from 1 up')
  check('scheduler', isScheduler, 'a scheduler of rxjs')
  check('random', isFunction, 'a function, such as Math.random')
}
