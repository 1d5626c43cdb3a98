import * as t from 'io-ts'
import { nullable, struct } from '../../core/index.ts'

/** An uploaded bundle, as the service sends it. */
export interface Bundle {
  /** What names it in a deploy and in the jobs that run it. */
  readonly id: string
  readonly content_guid?: string | null
  readonly created_time?: string | null
  /** Whether it is the one that is deployed. */
  readonly active?: boolean | null
  /** Bytes as the service counted them. */
  readonly size?: number | null
}

const maybe: t.Type<string | null> = nullable(t.string)

/** Decodes a bundle. Fields beyond these are kept. */
export const Bundle: t.Type<Bundle> = struct<Pick<Bundle, 'id'>, Omit<Bundle, 'id'>>(
  'Bundle',
  { id: t.string },
  { content_guid: maybe, created_time: maybe, active: nullable(t.boolean), size: nullable(t.number) },
)
