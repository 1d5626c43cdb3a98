import * as t from 'io-ts'
import { mostIssues } from './explain.ts'

/** An enum that may grow: an editor offers the known values, the compiler allows any string. */
export type Open<Known extends string> = Known | (string & {})

/** A codec for an {@link Open} enum: any string, typed so that the known values are offered. */
export function open<Known extends string>(): t.Type<Open<Known>> {
  return t.string
}

/** Accepts null beside what `codec` accepts, and keeps it. */
export function nullable<A>(codec: t.Type<A>): t.Type<A | null> {
  return new t.Type(
    `${codec.name} | null`,
    (u): u is A | null => u === null || codec.is(u),
    (u, context) => (u === null ? t.success(null) : codec.validate(u, context)),
    t.identity,
  )
}

/**
 * A codec that tries a guard first and asks the whole codec only about what the guard turns down.
 *
 * The guard is the fast path of valid answers; the codec names path and value of the others. The two must accept the
 * same values, which a property test holds them to.
 */
export function guardFirst<A>(guard: (u: unknown) => u is A, codec: t.Type<A>): t.Type<A> {
  return new t.Type(
    codec.name,
    guard,
    (u, context) => (guard(u) ? t.success(u) : codec.validate(u, context)),
    t.identity,
  )
}

/** A codec for each field of an object. */
export type Fields<A> = { readonly [K in keyof A]-?: t.Type<Exclude<A[K], undefined>> }

type Plain = Record<string, unknown>
const isPlain = (u: unknown): u is Plain => typeof u === 'object' && u !== null && !Array.isArray(u)

type Part = readonly [key: string, codec: t.Mixed, value: unknown]

/**
 * Decodes the parts that do not fit as they are, until there are as many errors as anybody is told: each holds its whole
 * context, and a small answer may have millions of wrong elements.
 */
function decodeEach(parts: Iterable<Part>, context: t.Context, take: (key: string, value: unknown) => void): t.Errors {
  const errors: t.Errors = []
  for (const [key, codec, value] of parts) {
    if (codec.is(value)) continue
    const decoded = codec.validate(value, t.appendContext(context, key, codec, value))
    if (decoded._tag === 'Right') take(key, decoded.right)
    else errors.push(...decoded.left.slice(0, mostIssues - errors.length))
    if (errors.length === mostIssues) break
  }
  return errors
}

/**
 * A codec for an object with required and optional fields. Fields that it does not know are kept: services add them.
 *
 * A null in an optional field whose codec does not take null is read as absent, because serialisers differ in which of
 * the two they write. A valid object is returned as it is, without a copy.
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

  function validate(u: unknown, context: t.Context): t.Validation<Required & Partial<Optional>> {
    if (is(u)) return t.success(u)
    if (!isPlain(u)) return t.failure(u, context)
    const absent = may.filter(([key, codec]) => u[key] === undefined || (u[key] === null && !codec.is(null)))
    const without = new Set(absent.map(([key]) => key))
    const value: Plain = Object.fromEntries(Object.entries(u).filter(([key]) => !without.has(key)))
    const parts = [...must, ...may]
      .filter(([key]) => !without.has(key))
      .map(([key, codec]): Part => [key, codec, value[key]])
    const errors = decodeEach(parts, context, (key, fitting) => (value[key] = fitting))
    if (errors.length > 0) return t.failures(errors)
    return is(value) ? t.success(value) : t.failure(u, context)
  }

  return new t.Type(name, is, validate, t.identity)
}

/** A codec for an array, each element with `codec`. It stops at the 20th error, where io-ts's own would keep millions. */
export function list<A>(codec: t.Type<A>): t.Type<ReadonlyArray<A>> {
  const is = (u: unknown): u is ReadonlyArray<A> => Array.isArray(u) && u.every(codec.is)

  function* parts(values: ReadonlyArray<unknown>): Generator<Part> {
    for (const [index, value] of values.entries()) yield [String(index), codec, value]
  }
  function validate(u: unknown, context: t.Context): t.Validation<ReadonlyArray<A>> {
    if (is(u)) return t.success(u)
    if (!t.UnknownArray.is(u)) return t.failure(u, context)
    const values = [...u]
    const errors = decodeEach(parts(values), context, (index, fitting) => (values[Number(index)] = fitting))
    if (errors.length > 0) return t.failures(errors)
    return is(values) ? t.success(values) : t.failure(u, context)
  }

  return new t.Type(`ReadonlyArray<${codec.name}>`, is, validate, t.identity)
}

/** A codec for an object with any keys, the value of each with `codec`. It stops at the 20th error as {@link list} does. */
export function dictionary<A>(codec: t.Type<A>): t.Type<Readonly<Record<string, A>>> {
  const is = (u: unknown): u is Readonly<Record<string, A>> => isPlain(u) && Object.values(u).every(codec.is)

  function validate(u: unknown, context: t.Context): t.Validation<Readonly<Record<string, A>>> {
    if (is(u)) return t.success(u)
    if (!isPlain(u)) return t.failure(u, context)
    const value: Plain = { ...u }
    const parts = Object.entries(u).map(([key, one]): Part => [key, codec, one])
    const errors = decodeEach(parts, context, (key, fitting) => (value[key] = fitting))
    if (errors.length > 0) return t.failures(errors)
    return is(value) ? t.success(value) : t.failure(u, context)
  }

  return new t.Type(`{ [key]: ${codec.name} }`, is, validate, t.identity)
}
