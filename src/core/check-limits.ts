import { checkOption, isFunction, isNotNegative, isPositive, isScheduler } from './check-option.ts'
import type { CallOptions, ClientOptions, ConnectionOptions } from './client-options.ts'

const units = [
  ['timeout', 'milliseconds'],
  ['idleTimeout', 'milliseconds'],
  ['maxBodyBytes', 'bytes'],
  ['maxLineBytes', 'bytes'],
] as const

const isRetry = (value: unknown): boolean =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value))

/** @throws TypeError for a limit that no call can keep */
export function checkLimits(options: Pick<ConnectionOptions, (typeof units)[number][0]> & CallOptions): void {
  for (const [name, unit] of units) checkOption(name, options[name], isPositive, `a positive number of ${unit}`)
  const { retry } = options
  checkOption('retry', retry, isRetry, 'a boolean or an object')
  if (typeof retry !== 'object') return
  checkOption('retry.attempts', retry.attempts, (n) => typeof n === 'number' && n >= 1, 'a number from 1 up')
  for (const name of ['base', 'cap', 'maxRetryAfter'] as const) {
    checkOption(`retry.${name}`, retry[name], isNotNegative, 'a number of milliseconds from 0 up')
  }
  checkOption('retry.random', retry.random, isFunction, 'a function')
}

/** @throws TypeError for options that no client can work with; the address is checked where it is read */
export function checkClientOptions(options: ClientOptions): void {
  checkLimits(options)
  checkOption('fetch', options.fetch, isFunction, 'a function')
  checkOption('transport', options.transport, isFunction, 'a function from a request to an Observable')
  checkOption('scheduler', options.scheduler, isScheduler, 'a scheduler of rxjs')
  const auth: unknown = options.auth
  if (!isFunction(auth)) {
    // Not what it was: that may be a key.
    throw new TypeError('auth must be what accessToken(…), clientCredentials(…) or fixedHeader(…) gives')
  }
}
