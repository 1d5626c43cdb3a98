import { catchError, map, mergeMap, type Observable, of, take, throwError } from 'rxjs'
import {
  aBoolean,
  aNumberFromZero,
  baseUrl,
  bindOperations,
  type CallOptions,
  checkOptions,
  type Client,
  type ConnectionOptions,
  connectionTable,
  client as coreClient,
  type Endpoint,
  endpoint,
  type ErrorDetail,
  fetchTransport,
  field,
  HttpError,
  inPath,
  type Operations,
  type OptionTable,
  type Parameter,
  type Transport,
} from '../../core/index.ts'
import { Cookies } from './cookies.ts'
import { anAuth, authOf, type ConnectCredentials } from './credentials.ts'
import type * as endpoints from './endpoints.ts'
import {
  buildContent,
  createContent,
  deployContent,
  getJob,
  getJobMetrics,
  getJobs,
  getTask,
  getVariants,
  jobDownloadLog,
  jobError,
  jobLogs,
  jobTailLog,
  killJob,
  renderContent,
  renderVariant,
  type TaskContent,
  uploadBundle,
} from './endpoints.ts'
import { type ConnectJobs, connectJobs } from './job-source.ts'
import { type ConnectTasks, connectTasks } from './task-source.ts'

/** How to reach a Posit Connect server. */
export type ConnectOptions = ConnectCredentials &
  ConnectionOptions & {
    /** The server's address, with its path prefix if it has one: `https://connect.example.com/rsc`; not that of its dashboard, which ends in `/connect`. */
    readonly server: string
    /** Where `clientCredentials` fetches tokens, without its `/oauth/token`. Default: the server. */
    readonly loginUrl?: string
    /** Milliseconds that a job must stay finished (status 1) to count as over without being finalized (status 2). Default 1000. */
    readonly confirmAfter?: number
    /**
     * Whether the client keeps the server's cookies in memory and sends them to that server alone: behind a load balancer a task is found
     * only with them. False for a fetch with cookies of its own. In a browser the browser does it, for pages of the server's own origin.
     * Default true.
     */
    readonly cookies?: boolean
  }

/** The content jobs API of Posit Connect, and the calls that lead to a job. */
export interface Connect extends Operations<typeof endpoints> {
  /**
   * Visits the content's page with the key, which starts an app that does not run; no operation of the API. With a `bundle_id` it is the
   * page of that bundle's draft. Gives the response's status; fails with a 5xx, as an app that cannot start has it. An app may take a
   * minute to start, on top of the client's `timeout`.
   */
  readonly visitContent: (content: TaskContent, options?: CallOptions) => Observable<number>
  /** The tasks as a source for watchJob, tailLog, followJob and the operators. */
  readonly tasks: ConnectTasks
  /** The jobs as a source for watchJob, tailLog, followJob and the operators. */
  readonly jobs: ConnectJobs
}

const places: OptionTable = { server: null, apiKey: null, auth: anAuth, loginUrl: null }
const ownTable: OptionTable = { confirmAfter: aNumberFromZero, cookies: aBoolean }

/** What to do about the vendor's error codes. */
const advice = new Map<unknown, string>([
  [4, 'is the guid that of the content, and the key (not the id) that of one of its jobs?'],
  // The load balancer sent the request to a node that does not have the task, or the node that had it is gone.
  [
    141,
    'a task is found with the session cookie of the answer to its deploy: start and poll it with one client, leave its cookies option on ' +
      "(in a browser: a page of the server's own origin); else the node that had the task is gone: see the jobs of the content",
  ],
])

/** Reads the vendor's envelope: `{ code: number, error: string, payload }`. */
function errorDetail(body: unknown): ErrorDetail | undefined {
  const [code, error] = [field(body, 'code'), field(body, 'error')]
  if (code === undefined && error === undefined) return undefined
  return {
    code: typeof code === 'number' ? code : undefined,
    detail: typeof error === 'string' ? error : undefined,
    advice: advice.get(code),
  }
}

type Clients = Readonly<Record<'api' | 'site', Client> & Record<'address', string>>

/** The clients of one server, with one key and one set of cookies: for paths below `/__api__`, and for pages of the site. */
function clientsOf(caller: string, options: ConnectOptions): Clients {
  checkOptions(caller, options, { ...places, ...ownTable, ...connectionTable }, 'server and apiKey')
  const { server, apiKey: _1, auth: _2, confirmAfter: _3, cookies: keepsCookies = true, ...connection } = options
  const { transport: inner = fetchTransport(options.fetch) } = options
  const address = baseUrl(`${caller}: server`, server, options.allowHttp).replace(/\/__api__(\/v1)?$/, '')
  const cookies = new Cookies()
  const transport: Transport = (request) => {
    const isBelow = (path: string): boolean => keepsCookies && request.url.startsWith(address + path)
    if (isBelow('/__api__/')) return cookies.exchange(inner, request)
    // Pages are made by whoever published the content: their cookies are not the session's. Tokens may come from elsewhere.
    return isBelow('/content/') ? cookies.send(inner, request) : inner(request)
  }
  const auth = authOf(caller, options, cookies)
  const { loginUrl = address } = options
  const site = coreClient({ ...connection, transport, baseUrl: address, loginUrl, auth, errorDetail })
  return { address, site, api: cookies.apiOf(site) }
}

const optional: Parameter = { ...inPath, required: false }

const visitContent: Endpoint<TaskContent, number> = /* @__PURE__ */ endpoint(
  'visitContent GET /content/{guid}/',
  // The status alone: the page itself may never end.
  { streaming: true, openEnded: true, start: ({ status }) => ({ first: [status], push: () => [], end: () => [] }) },
  { bundle_id: optional },
  // An app has a minute to start by default, and the response waits for it.
  { extraTime: () => 60_000 },
)

const visitDraft: typeof visitContent = { ...visitContent, path: '/content/{guid}/_bundle{bundle_id}/' }

/**
 * A client that runs single endpoints, for bundles with one operation only.
 *
 * @throws TypeError as {@link connect} does
 *
 * @example
 * ```ts
 * import { client, getJob } from 'rxjobs/connect'
 *
 * const job = client({ server: 'https://connect.example.com', apiKey: 'a-key' }).run(getJob, { guid: 'g', key: 'k' })
 * ```
 */
export function client(options: ConnectOptions): Client {
  return clientsOf('client', options).api
}

/** Renders a document; on a server that lacks the endpoint, its variant is looked for and rendered by the unversioned ones. */
function renderer(api: Client): Connect['renderContent'] {
  return (content, call) =>
    api.run(renderContent, content, call).pipe(
      catchError((error: unknown) => {
        if (!(error instanceof HttpError && error.missing === 'endpoint')) throw error
        const { guid, variant_key: wanted } = content
        return api.run(getVariants, { guid }, call).pipe(
          map((variants) => variants.find((one) => (wanted === undefined ? one.is_default : one.key === wanted))),
          mergeMap((one) => (one ? api.run(renderVariant, { variant_id: one.id }, call) : throwError(() => error))),
        )
      }),
    )
}

// Written out: a bundler keeps all of a namespace that is used as a value.
const ofJobs = { getJobs, getJob, jobLogs, jobTailLog, jobError, jobDownloadLog, getJobMetrics, killJob }
const ofContent = { createContent, uploadBundle, deployContent, buildContent, getVariants, renderVariant, getTask }

/**
 * Posit Connect's content jobs: every operation as a cold, typed Observable, and the jobs as a source.
 *
 * Nothing is sent before a subscription.
 *
 * @throws TypeError for a server that is no http(s) address, plain http to another machine, both of `apiKey` and `auth` or none, an API
 *   key that no header can hold, and an invalid or unknown option
 *
 * @example
 * ```ts
 * import { tailLog } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const lines = tailLog(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * ```
 */
export function connect(options: ConnectOptions): Connect {
  const { address, api, site } = clientsOf('connect', options)
  const { scheduler, confirmAfter = 1_000, maxLineLength = 2 ** 20 } = options
  return {
    ...bindOperations(api, ofJobs),
    ...bindOperations(api, ofContent),
    renderContent: renderer(api),
    visitContent: (content, call) =>
      site.run(content.bundle_id === undefined ? visitContent : visitDraft, content, call).pipe(
        take(1),
        catchError((error: unknown) =>
          error instanceof HttpError && error.status < 500 ? of(error.status) : throwError(() => error),
        ),
      ),
    tasks: connectTasks(api, scheduler),
    jobs: connectJobs(api, address, confirmAfter, maxLineLength, scheduler),
  }
}
