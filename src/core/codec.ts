import * as t from 'io-ts'
import type { Issue } from './errors.ts'
import { clip, describe, isRecord } from './values.ts'

/** How many issues of one body are reported. */
const mostIssues = 20

/**
 * Says where a value did not fit and what was there instead: `entries[3].timestamp`, `string`, `5`. At most 20 issues.
 *
 * @param most where values and paths are cut, in characters: a service chooses the keys of a record. Default 80.
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
export function explain(errors: t.Errors, most = 80): ReadonlyArray<Issue> {
  return errors.slice(0, mostIssues).map(({ context, value }) => {
    const path = context.map(({ key }) => (/^\d+$/.test(key) ? `[${key}]` : key && `.${key}`)).join('')
    const expected = context.at(-1)?.type.name ?? ''
    return { path: clip(path.replace(/^\./, ''), most), expected, actual: describe(value, most) }
  })
}

/** An enum that may grow: an editor offers the known values, the compiler allows any string. */
export type OpenEnum<Known extends string> = Known | (string & {})

/** A codec for an {@link OpenEnum}: any string, typed so that the known values are offered. */
export const openEnum = <Known extends string>(): t.Type<OpenEnum<Known>> => t.string

/** A codec of its guard, and of how to read what the guard does not accept. */
export const codecOf = <A>(
  name: string,
  is: (u: unknown) => u is A,
  validate: (u: unknown, context: t.Context) => t.Validation<NoInfer<A>>,
): t.Type<A> => new t.Type(name, is, (u, context) => (is(u) ? t.success(u) : validate(u, context)), t.identity)

/** Accepts null beside what `codec` accepts, and keeps it. */
export const nullable = <A>(codec: t.Type<A>): t.Type<A | null> =>
  codecOf(`${codec.name} | null`, (u): u is A | null => u === null || codec.is(u), codec.validate)

/** A codec for each field of an object. */
export type Fields<A> = { readonly [K in keyof A]-?: t.Type<Exclude<A[K], undefined>> }

const isArray = (u: unknown): u is ReadonlyArray<unknown> => Array.isArray(u)

type Part = readonly [key: string, codec: t.Mixed, mayBeAbsent?: boolean]

const fits = (value: unknown, [, codec, mayBeAbsent = false]: Part): boolean =>
  (mayBeAbsent && value === undefined) || codec.is(value)

/** The parts of an array or of a record, each with the same codec. */
function* partsOf(value: object, codec: t.Mixed): Generator<Part> {
  for (const key of isArray(value) ? value.keys() : Object.keys(value)) yield [String(key), codec]
}

/**
 * A codec for what has parts. What fits is returned as it is. Of anything else the parts that do not fit are decoded in a copy. It
 * stops at the errors that are reported: each holds its whole context, and a small body may have millions of wrong elements.
 *
 * @param parts undefined for a value of another kind
 */
const partwise = <A>(
  name: string,
  is: (u: unknown) => u is A,
  parts: (u: unknown) => Iterable<Part> | undefined,
): t.Type<A> =>
  codecOf(name, is, (u, context) => {
    const all = parts(u)
    if (!all) return t.failure(u, context)
    const copy: object = isArray(u) ? [...u] : { ...(isRecord(u) && u) }
    const errors: t.Errors = []
    for (const part of all) {
      const [key, codec, mayBeAbsent] = part
      const value: unknown = Reflect.get(copy, key)
      if (fits(value, part)) continue
      const decoded = codec.validate(value, t.appendContext(context, key, codec, value))
      if (decoded._tag === 'Right') Reflect.set(copy, key, decoded.right)
      else if (mayBeAbsent && value === null) Reflect.deleteProperty(copy, key)
      else errors.push(...decoded.left.slice(0, mostIssues - errors.length))
      if (errors.length === mostIssues) break
    }
    return errors.length === 0 && is(copy) ? t.success(copy) : t.failures(errors)
  })

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
  const more = Object.entries<t.Mixed>(optional ?? {}).map(([key, codec]): Part => [key, codec, true])
  const fields: ReadonlyArray<Part> = [...Object.entries<t.Mixed>(required), ...more]
  const is = (u: unknown): u is Required & Partial<Optional> =>
    isRecord(u) && fields.every((part) => fits(u[part[0]], part))
  return partwise(name, is, (u) => (isRecord(u) ? fields : undefined))
}

/** A codec for an array, each element with `codec`. It stops at the 20th error, where io-ts's own would keep millions. */
export const boundedArray = <A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> =>
  partwise(
    `ReadonlyArray<${codec.name}>`,
    (u): u is ReadonlyArray<A> => isArray(u) && u.every(codec.is),
    (u) => (isArray(u) ? partsOf(u, codec) : undefined),
  )

/** A codec for an object with any keys, the value of each with `codec`. It stops at the 20th error as {@link boundedArray}. */
export const boundedRecord = <A>(codec: t.Type<A>): t.Type<Readonly<Record<string, A>>> =>
  partwise(
    `{ [key]: ${codec.name} }`,
    (u): u is Readonly<Record<string, A>> => isRecord(u) && Object.values(u).every(codec.is),
    (u) => (isRecord(u) ? partsOf(u, codec) : undefined),
  )

/** As {@link boundedArray}, and reads null as an empty array: a server written in Go writes the one or the other. */
export function arrayOrNull<A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> {
  const array = boundedArray(codec)
  return codecOf(array.name, array.is, (u, context) => (u === null ? t.success([]) : array.validate(u, context)))
}

const isId = (u: unknown): u is number | string => typeof u === 'number' || typeof u === 'string'

/**
 * A codec for an id that a service writes as a number in one place and as a string in another. t.union would report a wrong id
 * once for each of its types.
 */
export const numberOrString: t.Type<number | string> = /* @__PURE__ */ codecOf('number | string', isId, t.failure)
