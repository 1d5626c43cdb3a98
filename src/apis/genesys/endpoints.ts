import * as t from 'io-ts'
import {
  booleanParam,
  boundedArray,
  type Check,
  type Endpoint,
  endpoint,
  enumParam,
  explain,
  inBody,
  inQuery,
  type OpenEnum,
  positiveIntegerParam,
  stringParam,
  struct,
} from '../../core/index.ts'
import { AcceleratorList, AcceleratorSpecification, InfrastructureascodeJob as Job, JobHistory } from './models.ts'

// Every export of this file that is a value is an operation: `genesys` makes a method of each.

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

const parameterList = /* @__PURE__ */ boundedArray(
  /* @__PURE__ */ struct<AcceleratorParameter>('Parameter', { name: t.string, value: t.string }),
)
const areParameters: Check = (value) => {
  const decoded = parameterList.decode(value)
  if (decoded._tag === 'Right') return undefined
  return `a list of { name, value }, both strings (see parameters${explain(decoded.left)[0]?.path ?? ''})`
}

const acceleratorId = /* @__PURE__ */ inBody(stringParam, true)
const dryRun = /* @__PURE__ */ inBody(booleanParam)
const parameters = /* @__PURE__ */ inBody(areParameters)
const text = /* @__PURE__ */ inQuery(stringParam)
const count = /* @__PURE__ */ inQuery(positiveIntegerParam)
const flag = /* @__PURE__ */ inQuery(booleanParam)
const order = /* @__PURE__ */ inQuery(/* @__PURE__ */ enumParam('asc', 'desc'))
const newest = { maxResults: count, includeErrors: flag, sortBy: text, sortOrder: order }
const history = () => ({ ...newest, acceleratorId: text, submittedBy: text, status: text })
const paging = { pageSize: count, pageNumber: count, sortBy: text, sortOrder: order }
const search = { name: text, description: text, origin: text, type: text, classification: text, tags: text }
const catalogue = () => ({ ...paging, ...search })

/**
 * Create a job: run an accelerator, or see what it would do. 202 for a job that was submitted, 200 for one that is over. Sent once (G6):
 * a failure does not say whether the job was created, so retries must be asked for.
 */
export const postInfrastructureascodeJobs: Endpoint<AcceleratorInput, Job> = /* @__PURE__ */ endpoint(
  'postInfrastructureascodeJobs POST /api/v2/infrastructureascode/jobs',
  Job,
  { acceleratorId, dryRun, parameters },
  { permission: 'infrastructureascode:job:add', lookup: 'see getInfrastructureascodeJobs' },
)

/** Get a job's status, with `details` its results and error information. 202 for a job in progress, 200 for one that is over. */
export const getInfrastructureascodeJob: Endpoint<GetJob, Job> = /* @__PURE__ */ endpoint(
  'getInfrastructureascodeJob GET /api/v2/infrastructureascode/jobs/{jobId}',
  Job,
  { details: flag },
  { permission: 'infrastructureascode:job:view' },
)

/** Get the history of submitted jobs. Always a list: one object, an array and `{ entities }` are all accepted. */
export const getInfrastructureascodeJobs: Endpoint<GetJobs, ReadonlyArray<Job>> = /* @__PURE__ */ endpoint(
  'getInfrastructureascodeJobs GET /api/v2/infrastructureascode/jobs',
  JobHistory,
  /* @__PURE__ */ history(),
  { empty: [], permission: 'infrastructureascode:job:view' },
)

/** Get one page of the accelerators that can be run. `cx.getInfrastructureascodeAccelerators` goes through all pages. */
export const getInfrastructureascodeAccelerators: Endpoint<GetAccelerators, AcceleratorList> = /* @__PURE__ */ endpoint(
  'getInfrastructureascodeAccelerators GET /api/v2/infrastructureascode/accelerators',
  AcceleratorList,
  /* @__PURE__ */ catalogue(),
  { permission: 'infrastructureascode:accelerator:view' },
)

/** Get an accelerator's specification: its requirements, its inputs, its results. */
export const getInfrastructureascodeAccelerator: Endpoint<GetAccelerator, AcceleratorSpecification> =
  /* @__PURE__ */ endpoint(
    'getInfrastructureascodeAccelerator GET /api/v2/infrastructureascode/accelerators/{acceleratorId}',
    AcceleratorSpecification,
    { preferredLanguage: text },
    { permission: 'infrastructureascode:accelerator:view' },
  )
