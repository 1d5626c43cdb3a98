import * as t from 'io-ts'
import { type Open, open, struct } from '../../core/index.ts'

/** The statuses that the vendor documents. Three of them were added in 2024 without a new version: expect more. */
export type InfrastructureascodeJobStatus = Open<
  | 'Created'
  | 'Queued'
  | 'Running'
  | 'Complete'
  | 'InternalError'
  | 'Incomplete'
  | 'Failed'
  | 'RollbackFailed'
  | 'RollbackComplete'
>

/** Who submitted a job. */
export interface UserReference {
  readonly id?: string
  readonly selfUri?: string
}

/** What went wrong, in the vendor's words. */
export interface ErrorInfo {
  readonly message?: string
  readonly code?: string
}

/**
 * A CX infrastructure as code job, as the service sends it.
 *
 * `results`, `rollbackResults` and `errorInfo` are to be expected only of a job that was asked for with `details`.
 */
export interface InfrastructureascodeJob {
  readonly id?: string
  /** True for a job that only showed what it would do. */
  readonly dryRun: boolean
  readonly acceleratorId?: string
  /** ISO 8601. */
  readonly dateSubmitted?: string
  readonly submittedBy?: UserReference
  readonly status?: InfrastructureascodeJobStatus
  readonly errorInfo?: ErrorInfo
  /** The output of the terraform run. */
  readonly results?: string
  /** The output of rolling it back; not there for a job that succeeded. */
  readonly rollbackResults?: string
  readonly selfUri?: string
}

const userReference: t.Type<UserReference> = struct<object, UserReference>(
  'UserReference',
  {},
  { id: t.string, selfUri: t.string },
)

const errorInfo: t.Type<ErrorInfo> = struct<object, ErrorInfo>('ErrorInfo', {}, { message: t.string, code: t.string })

/** Decodes a job. Fields beyond the documented ones are kept. */
export const InfrastructureascodeJob: t.Type<InfrastructureascodeJob> = struct<
  Pick<InfrastructureascodeJob, 'dryRun'>,
  Omit<InfrastructureascodeJob, 'dryRun'>
>(
  'InfrastructureascodeJob',
  { dryRun: t.boolean },
  {
    id: t.string,
    acceleratorId: t.string,
    dateSubmitted: t.string,
    submittedBy: userReference,
    status: open(),
    errorInfo,
    results: t.string,
    rollbackResults: t.string,
    selfUri: t.string,
  },
)
