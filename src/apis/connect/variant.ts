import * as t from 'io-ts'
import { nullable, struct } from '../../core/index.ts'
import { listOrNull } from './list-or-null.ts'
import { numberOrString } from './number-or-string.ts'

/** A variant of a document: one set of its parameters. Ids are numbers here, unlike in the versioned API. */
export interface Variant {
  readonly id: number | string
  readonly app_id?: number | string
  readonly key?: string
  readonly bundle_id?: number | string | null
  /** Every document has one default variant. */
  readonly is_default?: boolean
  readonly name?: string
}

/** Decodes a variant. */
export const Variant: t.Type<Variant> = struct<Pick<Variant, 'id'>, Omit<Variant, 'id'>>(
  'Variant',
  { id: numberOrString },
  {
    app_id: numberOrString,
    key: t.string,
    bundle_id: nullable(numberOrString),
    is_default: t.boolean,
    name: t.string,
  },
)

/** Decodes a content's variants; none where nothing is rendered. */
export const Variants: t.Type<ReadonlyArray<Variant>> = listOrNull(Variant)
