import * as t from 'io-ts'
import { struct } from '../../core/index.ts'

/** The receipt for a kill. The job is not over yet: go on watching. Ids are numbers here, unlike in JobItem. */
export interface KillJobOrder {
  readonly guid?: string
  readonly app_id?: number | string
  readonly app_guid?: string
  readonly job_id?: number | string
  readonly job_key?: string
  readonly result?: string
}

const isId = (u: unknown): u is number | string => typeof u === 'number' || typeof u === 'string'

// Not t.union, which would report a wrong id once for each of its types, at a place that is not in the answer.
const id: t.Type<number | string> = new t.Type(
  'number | string',
  isId,
  (u, context) => (isId(u) ? t.success(u) : t.failure(u, context)),
  t.identity,
)

/** Decodes the receipt. */
export const KillJobOrder: t.Type<KillJobOrder> = struct<object, KillJobOrder>(
  'KillJobOrder',
  {},
  {
    guid: t.string,
    app_id: id,
    app_guid: t.string,
    job_id: id,
    job_key: t.string,
    result: t.string,
  },
)
