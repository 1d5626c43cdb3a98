import fc from 'fast-check'
import type * as t from 'io-ts'
import { explain } from 'rxjobs/core'
import { expect } from 'vitest'

/** Valid values for each documented field of an object. */
export type FieldValues = Readonly<Record<string, fc.Arbitrary<unknown>>>

/** What a codec makes of a value; the paths that did not fit where it refuses. */
export function decoded(codec: t.Mixed, value: unknown): unknown {
  const result = codec.decode(value)
  return result._tag === 'Right' ? result.right : { refused: explain(result.left).map(({ path }) => path) }
}

/** Objects with any of the fields, each valid, and with fields that no document knows. */
export function valid(fields: FieldValues, required: ReadonlyArray<string> = []): fc.Arbitrary<object> {
  const unknown = fc.dictionary(fc.stringMatching(/^new_[a-z]{1,9}$/), fc.jsonValue(), { maxKeys: 3 })
  const known = fc.record({ ...fields }, { requiredKeys: [...required] })
  return fc.tuple(known, unknown).map(([some, more]) => ({ ...some, ...more }))
}

/** Objects that are almost valid, and values that are not at all. */
export function near(fields: FieldValues): fc.Arbitrary<unknown> {
  const spoilt = Object.entries(fields).map(([name, field]): [string, fc.Arbitrary<unknown>] => [
    name,
    fc.oneof({ weight: 12, arbitrary: field }, { weight: 1, arbitrary: fc.constant(null) }, fc.jsonValue()),
  ])
  return fc.oneof({ weight: 4, arbitrary: valid(Object.fromEntries(spoilt)) }, fc.jsonValue())
}

/**
 * What every codec here must obey: what its guard takes is decoded as it is, without a copy; what it decodes its guard
 * takes; it changes nothing; a refusal says where.
 */
export function expectAgreement(codec: t.Mixed, values: fc.Arbitrary<unknown>): void {
  fc.assert(
    fc.property(values, (value) => {
      const before = structuredClone(value)
      const result = codec.decode(value)
      expect(value).toEqual(before)
      if (result._tag === 'Right') expect(codec.is(result.right)).toBe(true)
      else expect(explain(result.left)).not.toEqual([])
      if (codec.is(value)) expect(result._tag === 'Right' && result.right === value).toBe(true)
    }),
    { numRuns: 500 },
  )
}

/** Every value is decoded as it is. */
export function expectKept(codec: t.Mixed, values: fc.Arbitrary<unknown>): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(decoded(codec, value)).toEqual(value)
    }),
  )
}

/** Each field takes its own kind of value only: one of a kind that none has is refused at its place. */
export function expectTyped(codec: t.Mixed, fields: FieldValues, rest: object = {}): void {
  for (const name of Object.keys(fields)) {
    expect(decoded(codec, { ...rest, [name]: [] })).toEqual({ refused: [name] })
  }
}
