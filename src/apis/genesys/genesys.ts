import { type Observable, Subject, tap } from 'rxjs'
import {
  bindOperations,
  type CallOptions,
  type Client,
  client as coreClient,
  type ErrorDetail,
  fetchTransport,
  field,
  type Headers,
  header,
  type Operations,
  textOf,
  type Transport,
} from '../../core/index.ts'
import type { RateLimit } from '../../streams/index.ts'
import { everyAccelerator } from './accelerators.ts'
import { clientOptions, type GenesysOptions } from './addresses.ts'
import type * as endpoints from './endpoints.ts'
import {
  type GetAccelerators,
  getInfrastructureascodeAccelerator,
  getInfrastructureascodeAccelerators,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  postInfrastructureascodeJobs,
} from './endpoints.ts'
import { type GenesysJobs, genesysJobs } from './job-source.ts'
import type { AcceleratorMetadata } from './models.ts'

/** The operations of the API, each an {@link Endpoint}. */
export type GenesysOperations = typeof endpoints

/** The operations of the API as one record, from which the methods of `genesys()` follow. */
// Written out: a bundler keeps all of a namespace that is used as a value.
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
  const [code, detail, correlationId] = ['code', 'message', 'contextId'].map((name) => textOf(field(body, name)))
  return code || detail ? { code, detail, correlationId, advice: advice.get(code) } : undefined
}

/** What to do about the vendor's error codes. */
const advice = new Map<unknown, string>([
  ['bad.credentials', 'is the token right, and not expired? clientCredentials renews it, accessToken does not'],
  ['not.found', 'is the id right, and of this region and organization?'],
])

/** How the answers of this service are read. */
const answers = { errorDetail, correlationHeader: 'ININ-Correlation-Id' }

/** The rate limit of the token, from the vendor's `inin-ratelimit-…` headers; undefined without them. */
function rateLimitOf(headers: Headers): RateLimit | undefined {
  const [used = Number.NaN, allowed = Number.NaN, reset = Number.NaN] = ['count', 'allowed', 'reset'].map((name) =>
    Number(/^\s*\d+\s*$/.exec(header(headers, `inin-ratelimit-${name}`) ?? '')?.[0]),
  )
  return used + allowed + reset >= 0 ? { used, allowed, resetIn: reset * 1_000 } : undefined
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
  return coreClient({ ...clientOptions('client', options), ...answers })
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
  const checked = clientOptions('genesys', options)
  const { transport: inner = fetchTransport(options.fetch) } = options
  const limits = new Subject<RateLimit>()
  const transport: Transport = (request) =>
    inner(request).pipe(
      tap((part) => {
        const limit = 'headers' in part && rateLimitOf(part.headers)
        if (limit) limits.next(limit)
      }),
    )
  const api = coreClient({ ...checked, ...answers, transport })
  return {
    ...bindOperations(api, operations),
    getInfrastructureascodeAccelerators: (params, call) => everyAccelerator(api, params, call),
    jobs: genesysJobs(api, limits.asObservable(), options),
  }
}
