import type { Observable } from 'rxjs'
import { type CallOptions, type Client, client as coreClient, fetchTransport } from '../../core/index.ts'
import type { AcceleratorMetadata } from './accelerator.ts'
import type { AcceleratorSpecification } from './accelerator-specification.ts'
import {
  everyAccelerator,
  type GetAccelerator,
  type GetAccelerators,
  getInfrastructureascodeAccelerator,
} from './accelerators.ts'
import { errorDetail } from './error-body.ts'
import type { InfrastructureascodeJob } from './infrastructureascode-job.ts'
import { type GenesysJobs, genesysJobs } from './job-source.ts'
import {
  type AcceleratorInput,
  type GetJob,
  type GetJobs,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  postInfrastructureascodeJobs,
} from './jobs.ts'
import { addresses, type GenesysOptions } from './options.ts'
import { watchLimits } from './rate-limit.ts'
import { onceSubmitter, type SubmitOnceOptions } from './submit-once.ts'

/** The infrastructure as code API of Genesys Cloud. */
export interface Genesys {
  /** Create a job. Sent once: a failure does not say whether it arrived (see the history), so it is not repeated unless told. */
  readonly postInfrastructureascodeJobs: (
    input: AcceleratorInput,
    options?: CallOptions,
  ) => Observable<InfrastructureascodeJob>
  /**
   * Create a job, at most once, and find it where the answer was lost: looks at the history before and, where the POST
   * ended without a word of the service (no connection, a timeout, 408, 5xx, an answer that cannot be read), up to six
   * times in the half minute after it. It never posts again.
   *
   * It emits a job that the history shows only where it must be the one: the only new one of that accelerator, dry run
   * or not, in a history that reaches back to what was there before, while no other call of this client is in the same
   * doubt. Otherwise it fails with the error of the POST, whose `trail` says what the history showed, with the ids of
   * those that may be it. A history without it is no proof that it will not come. The history does not show parameters:
   * what somebody else submits to the same accelerator in the same seconds looks the same, and is left out only as far
   * as `submittedBy` tells. Costs one request more than a creation.
   */
  readonly submitOnce: (input: AcceleratorInput, options?: SubmitOnceOptions) => Observable<InfrastructureascodeJob>
  /** Get a job's status, with `details` its results and error information. */
  readonly getInfrastructureascodeJob: (job: GetJob, options?: CallOptions) => Observable<InfrastructureascodeJob>
  /** Get the history of jobs, always as a list. */
  readonly getInfrastructureascodeJobs: (
    filter?: GetJobs,
    options?: CallOptions,
  ) => Observable<ReadonlyArray<InfrastructureascodeJob>>
  /**
   * Search for accelerators that can be run: every one that fits, one emission each, in the order of the pages. A page
   * is asked for when those before it have been taken: `take(10)` costs one, and `toAsyncIterable` is never more than 256
   * accelerators and a page ahead of its loop.
   */
  readonly getInfrastructureascodeAccelerators: (
    filter?: GetAccelerators,
    options?: CallOptions,
  ) => Observable<AcceleratorMetadata>
  /** Get the complete specification of an accelerator, with its requirements and parameters. */
  readonly getInfrastructureascodeAccelerator: (
    accelerator: GetAccelerator,
    options?: CallOptions,
  ) => Observable<AcceleratorSpecification>
  /** The jobs as a source for watchJob, followJob and the operators. */
  readonly jobs: GenesysJobs
}

/**
 * A client that runs single endpoints, for bundles that want one operation only.
 *
 * @throws TypeError as {@link genesys} does
 *
 * @example
 * ```ts
 * import { accessToken, client, getInfrastructureascodeJob } from 'rxjobs/genesys'
 *
 * const job = client({ region: 'eu_central_1', auth: accessToken('a-token') }).run(getInfrastructureascodeJob, { jobId: '42' })
 * ```
 */
export function client(options: GenesysOptions): Client {
  return coreClient({ ...options, ...addresses(options), errorDetail, correlationHeader: 'ININ-Correlation-Id' })
}

/**
 * Genesys Cloud Infrastructure as Code: every operation as a cold, typed Observable, and the jobs as a source.
 *
 * Nothing is sent before a subscription. Tokens live in this value and are shared by all its calls.
 *
 * @throws TypeError for an unknown region, an address that cannot be right, plain http to another machine
 *
 * @example
 * ```ts
 * import { thenFetchErrors, thenWatch } from 'rxjobs'
 * import { clientCredentials, genesys } from 'rxjobs/genesys'
 *
 * const cx = genesys({ region: 'eu_central_1', auth: clientCredentials({ clientId: 'id', clientSecret: 'secret' }) })
 * const outcome = cx
 *   .postInfrastructureascodeJobs({ acceleratorId: 'queue-with-agents', parameters: [{ name: 'queue', value: 'Support' }] })
 *   .pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))
 * ```
 */
export function genesys(options: GenesysOptions): Genesys {
  const { transport, limits } = watchLimits(options.transport ?? fetchTransport(options.fetch))
  const api = client({ ...options, transport })
  return {
    postInfrastructureascodeJobs: (input, call) => api.run(postInfrastructureascodeJobs, input, call),
    submitOnce: onceSubmitter(api, options.scheduler),
    getInfrastructureascodeJob: (job, call) => api.run(getInfrastructureascodeJob, job, call),
    getInfrastructureascodeJobs: (filter = {}, call) => api.run(getInfrastructureascodeJobs, filter, call),
    getInfrastructureascodeAccelerators: (filter = {}, call) => everyAccelerator(api, filter, call),
    getInfrastructureascodeAccelerator: (accelerator, call) =>
      api.run(getInfrastructureascodeAccelerator, accelerator, call),
    jobs: genesysJobs({ client: api, limits, settle: options.settle, scheduler: options.scheduler }),
  }
}
