import * as t from 'io-ts'
import {
  boundedArray,
  booleanParam,
  type Check,
  type Endpoint,
  enumParam,
  inBody,
  inPath,
  inQuery,
  json,
  noContent,
  type OpenEnum,
  openEnum,
  positiveIntegerParam,
  stringParam,
  struct,
} from '../../core/index.ts'

// ---- models

/** The statuses that the vendor documents. Three of them were added in 2024 without a new version: expect more. */
// biome-ignore format: a list
export type InfrastructureascodeJobStatus = OpenEnum<
  | 'Created' | 'Queued' | 'Running' | 'Complete' | 'InternalError' | 'Incomplete' | 'Failed' | 'RollbackFailed'
  | 'RollbackComplete'
>

/** The user who submitted a job. */
export interface UserReference {
  readonly id?: string
  readonly selfUri?: string
}

/** Why a job failed, as the service reports it. */
export interface ErrorInfo {
  readonly message?: string
  readonly code?: string
}

/**
 * A CX infrastructure as code job, as the service sends it.
 *
 * Expect `results`, `rollbackResults` and `errorInfo` only of a job that was requested with `details`.
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
  /** The output of the rollback; absent for a job that succeeded. */
  readonly rollbackResults?: string
  readonly selfUri?: string
}

const text = t.string
const errorInfo = struct<object, ErrorInfo>('ErrorInfo', {}, { message: text, code: text })
const submittedBy = struct<object, UserReference>('UserReference', {}, { id: text, selfUri: text })
const texts = {
  id: text,
  acceleratorId: text,
  dateSubmitted: text,
  results: text,
  rollbackResults: text,
  selfUri: text,
}

/** Decodes a job. Fields beyond the documented ones are kept. */
export const InfrastructureascodeJob: t.Type<InfrastructureascodeJob> = struct<
  Pick<InfrastructureascodeJob, 'dryRun'>,
  Omit<InfrastructureascodeJob, 'dryRun'>
>('InfrastructureascodeJob', { dryRun: t.boolean }, { ...texts, submittedBy, status: openEnum(), errorInfo })

// ---- endpoints

/** An input of an accelerator. Values are always strings. */
export interface AcceleratorParameter {
  readonly name: string
  readonly value: string
}

/** The accelerator to run, and its inputs. */
export interface AcceleratorInput {
  readonly acceleratorId: string
  /** True to see what would happen without changing anything. Default false. */
  readonly dryRun?: boolean
  readonly parameters?: ReadonlyArray<AcceleratorParameter>
}

/** Parameters of `getInfrastructureascodeJob`. */
export interface GetJob {
  readonly jobId: string
  /** Whether results and error information are included. Default false. */
  readonly details?: boolean
}

/** Parameters of `getInfrastructureascodeJobs`. The service's defaults changed in 2023: give those that matter. */
export interface GetJobs {
  /** How many jobs at most, from 1. Default 1. */
  readonly maxResults?: number
  /** Whether error messages are included. Default false. */
  readonly includeErrors?: boolean
  /** Default dateSubmitted (id before May 2023). */
  readonly sortBy?: OpenEnum<'id' | 'dateSubmitted' | 'submittedBy' | 'acceleratorId' | 'status'>
  /** Default desc (asc before May 2023). */
  readonly sortOrder?: 'asc' | 'desc'
  /** Only jobs of this accelerator. */
  readonly acceleratorId?: string
  /** Only jobs that this user submitted. */
  readonly submittedBy?: string
  /** Only jobs with this status. The service filters by these six alone. */
  readonly status?: OpenEnum<'Created' | 'Queued' | 'Running' | 'Complete' | 'Failed' | 'Incomplete'>
}

const jobs = boundedArray(InfrastructureascodeJob)
const isObject = (u: unknown): u is object => typeof u === 'object' && u !== null && !Array.isArray(u)

// The specification declares one object, its parameters imply several. An empty history may be [], null or {}.
const history: t.Type<ReadonlyArray<InfrastructureascodeJob>> = new t.Type(
  'JobHistory',
  jobs.is,
  (u, context) => {
    if (!isObject(u)) return jobs.validate(u ?? [], context)
    if ('entities' in u) return jobs.validate(u.entities ?? [], t.appendContext(context, 'entities', jobs))
    if (Object.keys(u).length === 0) return t.success([])
    const one = InfrastructureascodeJob.validate(u, context)
    return one._tag === 'Left' ? one : t.success([one.right])
  },
  t.identity,
)

const parameter = struct<AcceleratorParameter>('AcceleratorParameter', { name: text, value: text })
const parameters: Check = (value) =>
  Array.isArray(value) && value.every(parameter.is) ? undefined : 'a list of { name, value }, both strings'

const job = json(InfrastructureascodeJob)
const responses = { 200: job, 202: job }
const path = '/api/v2/infrastructureascode/jobs'
const string = inQuery(stringParam)
const sorting = { sortBy: string, sortOrder: inQuery(enumParam('asc', 'desc')) }

/** Create a job: run an accelerator, or see what it would do. 202 for a job that was submitted, 200 for one that is over. */
export const postInfrastructureascodeJobs: Endpoint<AcceleratorInput, InfrastructureascodeJob> = {
  name: 'postInfrastructureascodeJobs',
  method: 'POST',
  path,
  parameters: {
    acceleratorId: inBody(stringParam, true),
    dryRun: inBody(booleanParam),
    parameters: inBody(parameters),
  },
  responses,
}

/** Get a job's status, with `details` its results. 202 for a job in progress, 200 for one that is over. */
export const getInfrastructureascodeJob: Endpoint<GetJob, InfrastructureascodeJob> = {
  name: 'getInfrastructureascodeJob',
  method: 'GET',
  path: `${path}/{jobId}`,
  parameters: { jobId: inPath, details: inQuery(booleanParam) },
  responses,
}

/** Get the history of submitted jobs. Always a list: one object, an array and `{ entities }` are all accepted. */
export const getInfrastructureascodeJobs: Endpoint<GetJobs, ReadonlyArray<InfrastructureascodeJob>> = {
  name: 'getInfrastructureascodeJobs',
  method: 'GET',
  path,
  parameters: {
    maxResults: inQuery(positiveIntegerParam),
    includeErrors: inQuery(booleanParam),
    ...sorting,
    acceleratorId: string,
    submittedBy: string,
    status: string,
  },
  responses: { 200: json(history), 204: noContent([]) },
}
