import { isObservable } from 'rxjs'

const longest = 80

// JSON.stringify gives undefined for what JSON does not have (functions, symbols), whatever its type says.
const stringify: (value: unknown) => string | undefined = JSON.stringify

/** True for what can be awaited, whoever made it. */
export const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

function words(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (isObservable(value)) return 'an Observable'
  if (isPromise(value)) return 'a promise'
  try {
    return stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}

/** What kind of thing a value is, for an error's words where the value itself may be a secret. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || isObservable(value) || isPromise(value)) {
    return typeof value === 'string' ? 'a string' : show(value)
  }
  return Array.isArray(value) ? 'an array' : `an object with the keys ${show(Object.keys(value))}`
}

/** A value for an error's words: as JSON, on one line, cut at 80 characters. */
export function show(value: unknown): string {
  const shown = words(value)
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown
}
