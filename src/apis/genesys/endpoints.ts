import * as t from 'io-ts'
import {
  boundedArray,
  booleanParam,
  type Endpoint,
  enumParam,
  inBody,
  inPath,
  inQuery,
  json,
  noContent,
  type OpenEnum,
  positiveIntegerParam,
  stringParam,
  struct,
} from '../../core/index.ts'
import { AcceleratorList, AcceleratorSpecification, InfrastructureascodeJob } from './models.ts'

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

/** Parameters of `getInfrastructureascodeAccelerators`. */
export interface GetAccelerators {
  /** How many on a page. Default 25. */
  readonly pageSize?: number
  /** From 1. Default 1. */
  readonly pageNumber?: number
  readonly sortBy?: OpenEnum<'id' | 'name' | 'description' | 'origin' | 'type' | 'classification'>
  /** Default asc. */
  readonly sortOrder?: 'asc' | 'desc'
  readonly name?: string
  readonly description?: string
  /** In lower case here, unlike in the response. */
  readonly origin?: OpenEnum<'community' | 'partner' | 'genesys'>
  /** In lower case here, unlike in the response. */
  readonly type?: OpenEnum<'module' | 'accelerator' | 'blueprint'>
  readonly classification?: string
  readonly tags?: string
}

/** Parameters of `getInfrastructureascodeAccelerator`. */
export interface GetAccelerator {
  readonly acceleratorId: string
  /** The language of its texts. Default en-US. */
  readonly preferredLanguage?: OpenEnum<Language>
}

// biome-ignore format: a list
type Language =
  | 'ar' | 'cs' | 'da' | 'de' | 'en-US' | 'es' | 'fi' | 'fr' | 'it' | 'iw' | 'ko' | 'ja' | 'nl' | 'no' | 'pl' | 'pt-BR'
  | 'pt-PT' | 'sv' | 'th' | 'tr' | 'zh-CN' | 'zh-TW'

const jobs = boundedArray(InfrastructureascodeJob)
const jobPage = struct('JobHistory', {}, { entities: jobs })
const isEmpty = (u: unknown): boolean => u === null || (typeof u === 'object' && Object.keys(u).length === 0)

// The specification declares one object, its parameters imply several. An empty history may be [], null or {}.
const history: t.Type<ReadonlyArray<InfrastructureascodeJob>> = new t.Type(
  'JobHistory',
  jobs.is,
  (u, context) => {
    if (isEmpty(u)) return t.success([])
    if (Array.isArray(u)) return jobs.validate(u, context)
    if (typeof u === 'object' && u !== null && 'entities' in u) {
      const page = jobPage.validate(u, context)
      return page._tag === 'Left' ? page : t.success(page.right.entities ?? [])
    }
    const one = InfrastructureascodeJob.validate(u, context)
    return one._tag === 'Left' ? one : t.success([one.right])
  },
  t.identity,
)

const parameters = boundedArray(
  struct<AcceleratorParameter>('AcceleratorParameter', { name: t.string, value: t.string }),
)
const job = json(InfrastructureascodeJob)
const [text, flag, count] = [inQuery(stringParam), inQuery(booleanParam), inQuery(positiveIntegerParam)]
const sorting = { sortBy: text, sortOrder: inQuery(enumParam('asc', 'desc')) }
const acceleratorFilter = { name: text, description: text, origin: text, type: text, classification: text, tags: text }

/** Create a job: run an accelerator, or see what it would do. 202 for a job that was submitted, 200 for one that is over. */
export const postInfrastructureascodeJobs: Endpoint<AcceleratorInput, InfrastructureascodeJob> = {
  name: 'postInfrastructureascodeJobs',
  method: 'POST',
  path: '/api/v2/infrastructureascode/jobs',
  parameters: {
    acceleratorId: inBody(stringParam, true),
    dryRun: inBody(booleanParam),
    parameters: inBody((value) => (parameters.is(value) ? undefined : 'a list of { name, value }, both strings')),
  },
  responses: { 200: job, 202: job },
}

/** Get a job's status, with `details` its results. 202 for a job in progress, 200 for one that is over. */
export const getInfrastructureascodeJob: Endpoint<GetJob, InfrastructureascodeJob> = {
  name: 'getInfrastructureascodeJob',
  method: 'GET',
  path: '/api/v2/infrastructureascode/jobs/{jobId}',
  parameters: { jobId: inPath, details: flag },
  responses: { 200: job, 202: job },
}

/** Get the history of submitted jobs. Always a list: one object, an array and `{ entities }` are all accepted. */
export const getInfrastructureascodeJobs: Endpoint<GetJobs, ReadonlyArray<InfrastructureascodeJob>> = {
  name: 'getInfrastructureascodeJobs',
  method: 'GET',
  path: '/api/v2/infrastructureascode/jobs',
  parameters: {
    maxResults: count,
    includeErrors: flag,
    ...sorting,
    acceleratorId: text,
    submittedBy: text,
    status: text,
  },
  responses: { 200: json(history), 204: noContent([]) },
}

/** Get one page of the accelerators that can be run. `cx.getInfrastructureascodeAccelerators` goes through all pages. */
export const getInfrastructureascodeAccelerators: Endpoint<GetAccelerators, AcceleratorList> = {
  name: 'getInfrastructureascodeAccelerators',
  method: 'GET',
  path: '/api/v2/infrastructureascode/accelerators',
  parameters: { pageSize: count, pageNumber: count, ...sorting, ...acceleratorFilter },
  responses: { 200: json(AcceleratorList) },
}

/** Get an accelerator's specification: its requirements, its inputs, its results. */
export const getInfrastructureascodeAccelerator: Endpoint<GetAccelerator, AcceleratorSpecification> = {
  name: 'getInfrastructureascodeAccelerator',
  method: 'GET',
  path: '/api/v2/infrastructureascode/accelerators/{acceleratorId}',
  parameters: { acceleratorId: inPath, preferredLanguage: text },
  responses: { 200: json(AcceleratorSpecification) },
}

/** The operations of the API, each an {@link Endpoint}. */
export type GenesysOperations = {
  /** Create a job. Sent once (G6): a failure does not say whether the job was created, so retries must be asked for. */
  readonly postInfrastructureascodeJobs: typeof postInfrastructureascodeJobs
  /** Get a job's status, with `details` its results and error information. */
  readonly getInfrastructureascodeJob: typeof getInfrastructureascodeJob
  /** Get the history of jobs, always as a list. */
  readonly getInfrastructureascodeJobs: typeof getInfrastructureascodeJobs
  /** Get one page of the accelerators that can be run. */
  readonly getInfrastructureascodeAccelerators: typeof getInfrastructureascodeAccelerators
  /** Get the complete specification of an accelerator. */
  readonly getInfrastructureascodeAccelerator: typeof getInfrastructureascodeAccelerator
}

/** The operations of the API as one record, from which the methods of `genesys()` follow. */
export const operations: GenesysOperations = {
  postInfrastructureascodeJobs,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  getInfrastructureascodeAccelerators,
  getInfrastructureascodeAccelerator,
}
