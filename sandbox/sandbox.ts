import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { connectApp, visitApp } from './connect/app.ts'
import { type Connect, createConnect } from './connect/connect.ts'
import {
  type ConnectSettings,
  connectDefaults,
  type LogSettings,
  logDefaults,
  type TailSettings,
  tailDefaults,
} from './connect/settings.ts'
import { type FedJob, feedJob, type JobRef, type JobScript, startJob } from './connect/start.ts'
import { FaultGate } from './faults/faults.ts'
import type { FaultPlan, Faults } from './faults/rules.ts'
import { genesysApp, oauthApp } from './genesys/app.ts'
import { createGenesys, type Genesys, genesysDefaults, type GenesysSettings } from './genesys/genesys.ts'
import { allowOrigins } from './http/cors.ts'
import { type Exchange, type ExchangeFilter, Exchanges } from './http/exchanges.ts'
import { listen } from './http/server.ts'
import { Workplace } from './process/workplace.ts'
import { Clock, Timers } from './time.ts'

/** How a sandbox starts. Behaviour that the services' contracts do not state is a setting. */
export interface SandboxOptions {
  /** Default 0, which means any free port. */
  readonly port?: number
  /** The Connect API key. Default: random. */
  readonly apiKey?: string
  /** The Genesys OAuth client. Default: random. */
  readonly clientId?: string
  readonly clientSecret?: string
  readonly tail?: TailSettings
  readonly log?: LogSettings
  readonly connect?: ConnectSettings
  readonly genesys?: GenesysSettings
  /** Whether web pages of other origins may ask. Connect itself does not allow it by default. Default false. */
  readonly cors?: boolean
  /** Failures to inject. Default: none. */
  readonly faults?: FaultPlan
}

/** The Connect side. */
export interface ConnectSandbox {
  /** The server URL to give to a client, without `/__api__`. */
  readonly server: string
  readonly apiKey: string
  /** Starts a real process as a job, without a bundle or a deploy. */
  start(job: JobScript): Promise<JobRef>
  /** Starts a job without a process, whose log the caller writes. It runs until it is finished or killed. */
  feed(job?: { readonly guid?: string; readonly tag?: string }): FedJob
  /**
   * Replaces the cluster's node that has that task by a new one: its open responses break off, its tasks are forgotten, its
   * cookie leads to any node. Jobs go on. Throws where no node has such a task.
   */
  loseNode(taskId: string): void
}

/** The Genesys side. */
export interface GenesysSandbox {
  readonly baseUrl: string
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** The resources that jobs have created and not rolled back, as `jobId/type.label`. */
  resources(): ReadonlyArray<string>
  /** Makes every issued token invalid: the next request with it gets 401. */
  expireTokens(): void
}

/** A running sandbox: both services on one loopback origin. */
export interface Sandbox {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly connect: ConnectSandbox
  readonly genesys: GenesysSandbox
  readonly faults: Faults
  /** The last 10 000 requests, the oldest first. Live. */
  readonly exchanges: ReadonlyArray<Exchange>
  /** How many exchanges are open now. */
  inFlight(filter?: ExchangeFilter): number
  /** The first exchange that matches and is closed, past or future. Rejects when the sandbox is closed before. */
  closed(filter?: ExchangeFilter): Promise<Exchange>
  /** Ends every process, socket and timer, and removes every file. May be called again. */
  close(): Promise<void>
}

/**
 * Starts a local server that speaks both APIs and runs real processes. It listens on 127.0.0.1 only and lives until
 * `close`. When its process dies before, its children and files are removed all the same. Rejects when the port is taken, and
 * with a TypeError for an unknown option.
 *
 * @example
 * ```ts
 * import { startSandbox } from 'rxjobs/sandbox'
 *
 * const sandbox = await startSandbox()
 * const job = await sandbox.connect.start({ script: `console.log('hello')` })
 * Object.keys(job) // => ['guid', 'key']
 * await sandbox.close()
 * ```
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkNames('startSandbox', options, ['port', 'apiKey', 'clientId', 'clientSecret', ...settingNames.keys(), 'cors'])
  for (const [name, given] of Object.entries<unknown>({ ...options })) {
    checkNames(`startSandbox: ${name}`, given, settingNames.get(name))
  }
  const { apiKey = secret(), clientId = randomUUID(), clientSecret = secret(), port = 0, cors = false } = options
  const timers = new Timers()
  const exchanges = new Exchanges()
  const workplace = new Workplace()
  const faults = new FaultGate(options.faults ?? { rules: [] }, timers)
  const { connect: settings = {}, tail = {}, log = {} } = options
  const connect = createConnect({ apiKey, settings, tail, log, clock: new Clock(), timers, workplace })
  const genesys = createGenesys({ clientId, clientSecret, settings: options.genesys ?? {}, timers })
  const answer = listenerOf(connect, genesys)
  const listening = await listen(port, (request, response) => {
    exchanges.record(request, response)
    if (cors && allowOrigins(request, response)) return
    faults.pass(request, response, () => void answer(request, response))
  })
  const { url } = listening
  const close = async (): Promise<void> => {
    timers.close()
    await listening.close()
    exchanges.close()
    await workplace.close()
  }
  let closing: Promise<void> | undefined
  return {
    url,
    connect: {
      server: url,
      apiKey,
      start: (job) => startJob(connect, job),
      feed: (job = {}) => feedJob(connect, job),
      loseNode: (taskId) => connect.nodes.lose(taskId),
    },
    genesys: {
      baseUrl: url,
      loginUrl: url,
      clientId,
      clientSecret,
      resources: () => genesys.jobs.resources.list(),
      expireTokens: () => genesys.tokens.expireAll(),
    },
    faults,
    exchanges: exchanges.list,
    inFlight: (filter) => exchanges.inFlight(filter),
    closed: (filter) => exchanges.closed(filter),
    close: () => (closing ??= close()),
  }
}

const settingNames: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ['tail', [...Object.keys(tailDefaults), 'contentType', 'lacking']],
  ['log', Object.keys(logDefaults)],
  ['connect', Object.keys(connectDefaults)],
  ['genesys', Object.keys(genesysDefaults)],
  ['faults', ['seed', 'rules']],
])

/** @throws TypeError for a name in options that is not known */
function checkNames(where: string, given: unknown, known: ReadonlyArray<string> | undefined): void {
  const unknown = known && Object.keys(given ?? {}).find((name) => !known.includes(name))
  if (unknown) throw new TypeError(`${where}: unknown option ${unknown}; there are ${known.join(', ')}`)
}

/** Answers requests to both services. */
function listenerOf(
  connect: Connect,
  genesys: Genesys,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route('/__api__', connectApp(connect))
  app.route('/api/v2/infrastructureascode', genesysApp(genesys))
  app.route('/', oauthApp(genesys))
  app.route('/', visitApp(connect))
  // The program under test keeps its own Request and Response.
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}
