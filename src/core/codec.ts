import * as t from 'io-ts'
import type { Issue } from './errors.ts'
import { describe } from './options.ts'

/** How many issues of one body are reported. */
const mostIssues = 20

// A service chooses the keys of a record, and one may be as long as its body.
const longestKey = 80

function step(key: string, most: number): string {
  if (/^\d{1,15}$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) && key.length <= longestKey ? `.${key}` : `[${describe(key, most)}]`
}

/**
 * Says where a value did not fit and what was there instead: `entries[3].timestamp`, `string`, `5`. At most 20 issues.
 *
 * @param most where values are cut, in characters. Default 80.
 *
 * @example
 * ```ts
 * import * as t from 'io-ts'
 * import { explain } from 'rxjobs/core'
 *
 * const decoded = t.array(t.string).decode(['a', 5])
 * decoded._tag === 'Left' && explain(decoded.left) // => [{ path: '[1]', expected: 'string', actual: '5' }]
 * ```
 */
export function explain(errors: t.Errors, most: number = longestKey): ReadonlyArray<Issue> {
  return errors.slice(0, mostIssues).map(({ context, value }) => ({
    path: context
      .map(({ key }) => (key === '' ? '' : step(key, most)))
      .join('')
      .replace(/^\./, ''),
    expected: context[context.length - 1]?.type.name ?? 'something else',
    actual: describe(value, most),
  }))
}

/** An enum that may grow: an editor offers the known values, the compiler allows any string. */
export type OpenEnum<Known extends string> = Known | (string & {})

/** A codec for an {@link OpenEnum}: any string, typed so that the known values are offered. */
export const openEnum = <Known extends string>(): t.Type<OpenEnum<Known>> => t.string

const codecOf = <A>(
  name: string,
  is: (u: unknown) => u is A,
  validate: (u: unknown, context: t.Context) => t.Validation<A>,
): t.Type<A> => new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : validate(u, context)), t.identity)

/** Accepts null beside what `codec` accepts, and keeps it. */
export const nullable = <A>(codec: t.Type<A>): t.Type<A | null> =>
  codecOf(
    `${codec.name} | null`,
    (u): u is A | null => u === null || codec.is(u),
    (u, context) => codec.validate(u, context),
  )

/**
 * A codec that tries a guard first and asks the whole codec only about what the guard turns down. The guard is the fast path of
 * valid bodies; the codec names path and value of the others. Both must accept the same values.
 */
export const guardFirst = <A>(guard: (u: unknown) => u is A, codec: t.Type<A>): t.Type<A> =>
  codecOf(codec.name, guard, (u, context) => codec.validate(u, context))

/** A codec for each field of an object. */
export type Fields<A> = { readonly [K in keyof A]-?: t.Type<Exclude<A[K], undefined>> }

type Plain = Record<string, unknown>
const isArray = (u: unknown): u is ReadonlyArray<unknown> => Array.isArray(u)
const isPlain = (u: unknown): u is Plain => typeof u === 'object' && u !== null && !isArray(u)

type Part = readonly [key: string, codec: t.Mixed]

function* partsOf(value: object, codec: t.Mixed): Generator<Part> {
  if (Array.isArray(value)) for (const index of value.keys()) yield [String(index), codec]
  else for (const key of Object.keys(value)) yield [key, codec]
}

/**
 * Decodes in place the parts of `copy` that do not fit as they are. It stops at the errors that are reported: each holds its whole
 * context, and a small body may have millions of wrong elements.
 */
function decodeParts<A>(
  u: unknown,
  copy: object | undefined,
  parts: Iterable<Part>,
  context: t.Context,
  is: (u: unknown) => u is A,
): t.Validation<A> {
  if (!copy) return t.failure(u, context)
  const errors: t.Errors = []
  for (const [key, codec] of parts) {
    const value: unknown = Reflect.get(copy, key)
    if (codec.is(value)) continue
    const decoded = codec.validate(value, t.appendContext(context, key, codec, value))
    if (decoded._tag === 'Right') Reflect.set(copy, key, decoded.right)
    else errors.push(...decoded.left.slice(0, mostIssues - errors.length))
    if (errors.length === mostIssues) break
  }
  if (errors.length > 0) return t.failures(errors)
  return is(copy) ? t.success(copy) : t.failure(u, context)
}

/**
 * A codec for an object with required and optional fields. Fields that it does not know are kept: services add them.
 *
 * A null in an optional field whose codec does not take null is read as absent, because serialisers differ in which of the two
 * they write. A valid object is returned as it is, without a copy.
 */
export function struct<Required extends object, Optional extends object = object>(
  name: string,
  required: Fields<Required>,
  optional?: Fields<Optional>,
): t.Type<Required & Partial<Optional>> {
  const must: ReadonlyArray<[string, t.Mixed]> = Object.entries(required)
  const may: ReadonlyArray<[string, t.Mixed]> = Object.entries(optional ?? {})

  const is = (u: unknown): u is Required & Partial<Optional> =>
    isPlain(u) &&
    must.every(([key, codec]) => codec.is(u[key])) &&
    may.every(([key, codec]) => u[key] === undefined || codec.is(u[key]))

  return codecOf(name, is, (u, context) => {
    const copy = isPlain(u) ? { ...u } : undefined
    const isAbsent = ([key, codec]: Part): boolean =>
      copy?.[key] === undefined || (copy[key] === null && !codec.is(null))
    for (const part of may) if (isAbsent(part)) delete copy?.[part[0]]
    return decodeParts(u, copy, [...must, ...may.filter((part) => !isAbsent(part))], context, is)
  })
}

/** A codec for an array, each element with `codec`. It stops at the 20th error, where io-ts's own would keep millions. */
export function boundedArray<A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> {
  const is = (u: unknown): u is ReadonlyArray<A> => isArray(u) && u.every(codec.is)
  return codecOf(`ReadonlyArray<${codec.name}>`, is, (u, context) => {
    const copy = isArray(u) ? [...u] : undefined
    return decodeParts(u, copy, partsOf(copy ?? [], codec), context, is)
  })
}

/** A codec for an object with any keys, the value of each with `codec`. It stops at the 20th error as {@link boundedArray}. */
export function boundedRecord<A>(codec: t.Type<A>): t.Type<Readonly<Record<string, A>>> {
  const is = (u: unknown): u is Readonly<Record<string, A>> => isPlain(u) && Object.values(u).every(codec.is)
  return codecOf(`{ [key]: ${codec.name} }`, is, (u, context) => {
    const copy = isPlain(u) ? { ...u } : undefined
    return decodeParts(u, copy, partsOf(copy ?? {}, codec), context, is)
  })
}

/** As {@link boundedArray}, and reads null as an empty array: a server written in Go writes the one or the other. */
export function arrayOrNull<A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> {
  const array = boundedArray(codec)
  return codecOf(array.name, array.is, (u, context) => (u === null ? t.success([]) : array.validate(u, context)))
}

/**
 * A codec for an id that a service writes as a number in one place and as a string in another. t.union would report a wrong id
 * once for each of its types.
 */
export const numberOrString: t.Type<number | string> = /* @__PURE__ */ codecOf(
  'number | string',
  (u): u is number | string => typeof u === 'number' || typeof u === 'string',
  (u, context) => t.failure(u, context),
)
