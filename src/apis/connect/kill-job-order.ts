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

/** Decodes the receipt. */
export const KillJobOrder: t.Type<KillJobOrder> = struct<object, KillJobOrder>(
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
