import * as t from 'io-ts'
import {
  always,
  type Endpoint,
  flag,
  inBody,
  inPath,
  inQuery,
  json,
  list,
  oneOf,
  type Open,
  positiveInteger,
  struct,
  text,
} from '../../core/index.ts'
import { InfrastructureascodeJob } from './infrastructureascode-job.ts'

/** An input of an accelerator. Values are always strings. */
export interface AcceleratorParameter {
  readonly name: string
  readonly value: string
}

/** Which accelerator to run, and with what. */
export interface AcceleratorInput {
  readonly acceleratorId: string
  /** True to see what would happen without changing anything. Default false. */
  readonly dryRun?: boolean
  readonly parameters?: ReadonlyArray<AcceleratorParameter>
}

/** Which job to get. */
export interface GetJob {
  readonly jobId: string
  /** Whether results and error information come with it. Default false. */
  readonly details?: boolean
}

/** Which part of the history to get. The service's defaults changed in 2023, so say what matters. */
export interface GetJobs {
  /** How many jobs at most, from 1. Default 1. */
  readonly maxResults?: number
  /** Whether error messages come with them. Default false. */
  readonly includeErrors?: boolean
  /** Default dateSubmitted (id before May 2023). */
  readonly sortBy?: Open<'id' | 'dateSubmitted' | 'submittedBy' | 'acceleratorId' | 'status'>
  /** Default desc (asc before May 2023). */
  readonly sortOrder?: 'asc' | 'desc'
  /** Only jobs of this accelerator. */
  readonly acceleratorId?: string
  /** Only jobs that this user submitted. */
  readonly submittedBy?: string
  /** Only jobs in this state. The service filters by these six alone. */
  readonly status?: Open<'Created' | 'Queued' | 'Running' | 'Complete' | 'Failed' | 'Incomplete'>
}

const parameter: t.Type<AcceleratorParameter> = struct<AcceleratorParameter>('AcceleratorParameter', {
  name: t.string,
  value: t.string,
})
const parameters = list(parameter)

const job = json(InfrastructureascodeJob)

/** Create a job: run an accelerator, or see what it would do. 202 for a job that was submitted, 200 for one that is over. */
export const postInfrastructureascodeJobs: Endpoint<AcceleratorInput, InfrastructureascodeJob> = {
  name: 'postInfrastructureascodeJobs',
  method: 'POST',
  path: '/api/v2/infrastructureascode/jobs',
  parameters: {
    acceleratorId: inBody(text, true),
    dryRun: inBody(flag),
    parameters: inBody((value) => (parameters.is(value) ? undefined : 'a list of { name, value }, both strings')),
  },
  answers: { 200: job, 202: job },
}

/** Get a job's status, with `details` its results. 202 for a job in progress, 200 for one that is over. */
export const getInfrastructureascodeJob: Endpoint<GetJob, InfrastructureascodeJob> = {
  name: 'getInfrastructureascodeJob',
  method: 'GET',
  path: '/api/v2/infrastructureascode/jobs/{jobId}',
  parameters: { jobId: inPath, details: inQuery(flag) },
  answers: { 200: job, 202: job },
}

const hasNothing = (u: unknown): boolean => u === null || (typeof u === 'object' && Object.keys(u).length === 0)

/**
 * The history as a list, whichever way it came: the specification says one object, its parameters say several. An empty
 * one may be a list, null, or an object with nothing in it.
 */
const history: t.Type<ReadonlyArray<InfrastructureascodeJob>> = (() => {
  const jobs = list(InfrastructureascodeJob)
  const page = struct('JobHistory', {}, { entities: jobs })
  return new t.Type<ReadonlyArray<InfrastructureascodeJob>>(
    'JobHistory',
    jobs.is,
    (u, context) => {
      if (hasNothing(u)) return t.success([])
      if (Array.isArray(u)) return jobs.validate(u, context)
      if (typeof u !== 'object' || u === null || !('entities' in u)) {
        const one = InfrastructureascodeJob.validate(u, context)
        return one._tag === 'Left' ? one : t.success([one.right])
      }
      const decoded = page.validate(u, context)
      return decoded._tag === 'Left' ? decoded : t.success(decoded.right.entities ?? [])
    },
    t.identity,
  )
})()

/** Get the history of submitted jobs. Always a list: one object, an array and `{ entities }` are all accepted. */
export const getInfrastructureascodeJobs: Endpoint<GetJobs, ReadonlyArray<InfrastructureascodeJob>> = {
  name: 'getInfrastructureascodeJobs',
  method: 'GET',
  path: '/api/v2/infrastructureascode/jobs',
  parameters: {
    maxResults: inQuery(positiveInteger),
    includeErrors: inQuery(flag),
    sortBy: inQuery(text),
    sortOrder: inQuery(oneOf('asc', 'desc')),
    acceleratorId: inQuery(text),
    submittedBy: inQuery(text),
    status: inQuery(text),
  },
  answers: { 200: json(history), 204: always([]) },
}
