/** What a value must be: undefined when it is, else the words for what it should be. */
export type Check = (value: unknown) => string | undefined

/** One parameter of an endpoint: where it goes in the request, whether it must be there, what it must be. */
export interface Parameter {
  /** `body`: a field of the JSON body. `bytes`: the body itself. */
  readonly place: 'path' | 'query' | 'body' | 'bytes'
  readonly required: boolean
  readonly check: Check
}

const check =
  (fits: (value: unknown) => boolean, words: string): Check =>
  (value) =>
    fits(value) ? undefined : words

/**
 * A piece of the path: not empty, not `.` or `..` (every URL parser takes those for steps), no half of a surrogate pair
 * (it cannot be encoded). All else is percent-encoded.
 */
export const segment: Check = check(
  (value) => typeof value === 'string' && !/^\.{0,2}$|\p{Surrogate}/u.test(value),
  "a string that is not empty, '.' or '..'",
)

/** A string with something in it. */
export const text: Check = check(
  (value) => typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value),
  'a string that is not empty',
)

/** A boolean. */
export const flag: Check = check((value) => typeof value === 'boolean', 'true or false')

/** A whole number between two bounds, both of them included; without the second from the first up. */
export const integer = (least: number, most: number = Number.MAX_SAFE_INTEGER): Check =>
  check(
    (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most,
    `a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`}`,
  )

/** A whole number from 1 up. */
export const positiveInteger: Check = integer(1)

/** One of a closed set of values. */
export const oneOf = (...values: ReadonlyArray<string>): Check =>
  check((value) => typeof value === 'string' && values.includes(value), `one of ${values.join(', ')}`)

/** Required, in the path. */
export const inPath: Parameter = { place: 'path', required: true, check: segment }

/** Optional, in the query. */
export const inQuery = (check: Check): Parameter => ({ place: 'query', required: false, check })

/** Required, the body of the request as it is: bytes, at least one. An endpoint with it has no other body. */
export const asBody: Parameter = {
  place: 'bytes',
  required: true,
  check: check((value) => value instanceof Uint8Array && value.byteLength > 0, 'a Uint8Array that is not empty'),
}

/** In the JSON body, under its own name. */
export const inBody = (check: Check, required = false): Parameter => ({ place: 'body', required, check })
