import * as t from 'io-ts'
import { struct } from '../../core/index.ts'
import { numberOrString } from './number-or-string.ts'

/** The receipt for a kill. The job is not over yet: go on watching. Ids are numbers here, unlike in JobItem. */
export interface KillJobOrder {
  readonly guid?: string
  readonly app_id?: number | string
  readonly app_guid?: string
  readonly job_id?: number | string
  readonly job_key?: string
  readonly result?: string
}

const fields: t.Type<KillJobOrder> = struct<object, KillJobOrder>(
  'KillJobOrder',
  {},
  {
    guid: t.string,
    app_id: numberOrString,
    app_guid: t.string,
    job_id: numberOrString,
    job_key: t.string,
    result: t.string,
  },
)

const isOne = ({ guid, app_id, app_guid, job_id, job_key, result }: KillJobOrder): boolean =>
  [guid, app_id, app_guid, job_id, job_key, result].some((field) => field !== undefined)

/** Decodes the receipt: any of its fields must be there, because another server's `{"ok":true}` has killed nothing. */
export const KillJobOrder: t.Type<KillJobOrder> = new t.Type(
  'KillJobOrder',
  (u): u is KillJobOrder => fields.is(u) && isOne(u),
  (u, context) => {
    const decoded = fields.validate(u, context)
    if (decoded._tag === 'Left' || isOne(decoded.right)) return decoded
    return t.failure(undefined, t.appendContext(context, 'job_key', t.string))
  },
  t.identity,
)
