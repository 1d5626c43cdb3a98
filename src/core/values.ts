import { isObservable } from 'rxjs'

// Values of which nothing is known: what they are, and how messages describe them.

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** True for an object that is no array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && !Array.isArray(value)

/** A field of an object; undefined of anything else, and where reading it throws. */
export const field = (value: unknown, name: string): unknown =>
  isObject(value) ? tryTo((): unknown => Reflect.get(value, name)) : undefined

/** True for what has a method of that name. */
export const hasMethod = (value: unknown, name: string): boolean => typeof field(value, name) === 'function'

/** True for what can be awaited. */
export const isPromise = (value: unknown): boolean => hasMethod(value, 'then')

/** A string that is not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** What a function gives; undefined where it throws. */
export function tryTo<A>(make: () => A): A | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** A text cut at a number of UTF-16 units, but not in the middle of a character. */
export const clip = (text: string, most = 80): string =>
  text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text

/** Without control characters, and without those that change the direction of writing. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_C}\u2028\u2029]+/gu, ' ')

// JSON.stringify gives undefined for what JSON does not have (functions, symbols), whatever its type says.
const stringify: (value: unknown) => string | undefined = JSON.stringify

/** A value for an error's message: as JSON, on one line, cut. */
export function describe(value: unknown, most?: number): string {
  if (isObservable(value)) return 'an Observable'
  if (isPromise(value)) return 'a promise'
  const text = typeof value === 'number' ? String(value) : tryTo(() => stringify(value))
  return clip(text ?? typeof value, most)
}

/** What kind of thing a value is, for messages where the value itself may be a secret. */
export function typeName(value: unknown): string {
  if (typeof value === 'string') return 'a string'
  if (Array.isArray(value)) return 'an array'
  const isPlain = isRecord(value) && !isObservable(value) && !isPromise(value)
  return isPlain ? `an object with the keys ${describe(Object.keys(value))}` : describe(value)
}
