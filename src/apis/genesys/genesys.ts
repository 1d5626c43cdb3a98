import type { Observable } from 'rxjs'
import {
  bindOperations,
  type CallOptions,
  type Client,
  client as coreClient,
  type ErrorDetail,
  fetchTransport,
  type Operations,
} from '../../core/index.ts'
import {
  type AcceleratorMetadata,
  everyAccelerator,
  type GetAccelerators,
  getInfrastructureascodeAccelerator,
  getInfrastructureascodeAccelerators,
} from './accelerators.ts'
import { addresses, type GenesysOptions } from './addresses.ts'
import { type GenesysJobs, genesysJobs } from './job-source.ts'
import { getInfrastructureascodeJob, getInfrastructureascodeJobs, postInfrastructureascodeJobs } from './jobs.ts'
import { watchLimits } from './rate-limit.ts'

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

/** The infrastructure as code API of Genesys Cloud: each operation as a method, and the jobs as a source. */
export interface Genesys extends Omit<Operations<GenesysOperations>, 'getInfrastructureascodeAccelerators'> {
  /**
   * Search for accelerators that can be run: all that match, one emission each, in the order of the pages. The next page is
   * requested when the elements before it were taken: `take(10)` costs one request, and `toAsyncIterable` is at most 256
   * accelerators and a page ahead of its loop.
   */
  readonly getInfrastructureascodeAccelerators: (
    params?: GetAccelerators,
    options?: CallOptions,
  ) => Observable<AcceleratorMetadata>
  /** The jobs as a source for watchJob, followJob and the operators. */
  readonly jobs: GenesysJobs
}

/**
 * Reads the vendor's ErrorBody: `{ message, code, status, contextId, … }`. The contextId is the correlation id where a proxy
 * dropped the header.
 */
function errorDetail(body: unknown): ErrorDetail | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(body, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [code, detail] = [text('code'), text('message')]
  return code || detail ? { code, detail, correlationId: text('contextId') } : undefined
}

/**
 * A client that runs single endpoints, for small bundles.
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
  return clientFor(options, addresses('client', options))
}

function clientFor(options: GenesysOptions, where: ReturnType<typeof addresses>): Client {
  const { region: _region, host: _host, confirmAfter: _confirmAfter, ...connection } = options
  return coreClient({ ...connection, ...where, errorDetail, correlationHeader: 'ININ-Correlation-Id' })
}

/**
 * Genesys Cloud Infrastructure as Code: each operation as a cold, typed Observable, and the jobs as a source.
 *
 * Nothing is sent before a subscription. All calls share one token, which is renewed when needed.
 *
 * @throws TypeError for an unknown region, an invalid address, plain http to another machine, an unknown option
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
  const where = addresses('genesys', options)
  const { transport, limits } = watchLimits(options.transport ?? fetchTransport(options.fetch))
  const api = clientFor({ ...options, transport }, where)
  return {
    ...bindOperations(api, operations),
    getInfrastructureascodeAccelerators: (params, call) => everyAccelerator(api, params, call),
    jobs: genesysJobs(api, limits, options),
  }
}
