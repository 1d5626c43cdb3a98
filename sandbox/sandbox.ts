import { randomBytes, randomUUID } from 'node:crypto'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { createClock } from './clock.ts'
import { connectApp } from './connect/app.ts'
import { createConnect } from './connect/connect.ts'
import type { ConnectSettings, LogSettings, TailSettings } from './connect/settings.ts'
import { type FedJob, feedJob, type JobRef, type JobScript, startJob } from './connect/start.ts'
import { visitApp } from './connect/visit.ts'
import { createFaults } from './faults/faults.ts'
import type { FaultPlan, Faults } from './faults/rules.ts'
import { genesysApp } from './genesys/app.ts'
import { createGenesys } from './genesys/genesys.ts'
import { oauthApp } from './genesys/oauth.ts'
import type { GenesysSettings } from './genesys/settings.ts'
import { createExchanges, type Exchange, type ExchangeFilter } from './http/exchanges.ts'
import { listen } from './http/listen.ts'
import { openWorkplace } from './process/workplace.ts'
import { createTimers } from './timers.ts'

/** How to start a sandbox. Each setting's default is stated with it; what the contracts leave open is a setting. */
export interface SandboxOptions {
  /** Default 0, which takes any free port. */
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
  /** What goes wrong on purpose. Default: nothing. */
  readonly faults?: FaultPlan
}

/** The Connect side. */
export interface ConnectSandbox {
  /** The server URL to give to a client, without `/__api__`. */
  readonly server: string
  readonly apiKey: string
  /** Starts a real process as a job at once, without a bundle or a deploy. */
  start(job: JobScript): Promise<JobRef>
  /** Starts a job without a process, whose log is written by the caller; it runs until it is finished or killed. */
  feed(job?: { readonly guid?: string; readonly tag?: string }): FedJob
  /**
   * Takes the node of a cluster away that has that task, and puts a new one in its place: its open answers break off, its
   * tasks are forgotten, its cookie leads to any node. Jobs run on. Throws where no node has such a task.
   */
  loseNode(taskId: string): void
}

/** The Genesys side. */
export interface GenesysSandbox {
  readonly baseUrl: string
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** What accelerators have really created and not rolled back, as `jobId/type.label`. */
  resources(): ReadonlyArray<string>
  /** Makes every token that is out invalid at once: the next request with it gets 401. */
  expireTokens(): void
}

/** A running sandbox: both services on one loopback origin. */
export interface Sandbox {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly connect: ConnectSandbox
  readonly genesys: GenesysSandbox
  readonly faults: Faults
  /** The last 10 000 requests, the oldest first; live. */
  readonly exchanges: ReadonlyArray<Exchange>
  /** How many exchanges are open now. */
  inFlight(filter?: ExchangeFilter): number
  /** The first exchange kept or to come that matches and is closed; rejects when the sandbox is closed before. */
  closed(filter?: ExchangeFilter): Promise<Exchange>
  /** Ends every process, socket and timer and removes every file. Safe to call again. */
  close(): Promise<void>
}

/**
 * Starts a local server that speaks both APIs and runs real processes. It listens on 127.0.0.1 only and lives until
 * `close`; should its process die before, its children and files go with it. Rejects when the port is taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const apiKey = options.apiKey ?? secret()
  const clientId = options.clientId ?? randomUUID()
  const clientSecret = options.clientSecret ?? secret()
  const { tail = {}, log = {} } = options
  const timers = createTimers()
  const exchanges = createExchanges()
  const workplace = await openWorkplace()
  const clock = createClock()
  const faults = createFaults(options.faults ?? { rules: [] }, timers)
  const connect = createConnect({ apiKey, settings: options.connect ?? {}, tail, log, clock, timers, workplace })
  const genesys = createGenesys({
    clientId,
    clientSecret,
    settings: options.genesys ?? {},
    timers,
    root: workplace.root,
  })

  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route('/__api__', connectApp(connect))
  app.route('/api/v2/infrastructureascode', genesysApp(genesys))
  app.route('/', oauthApp(genesys))
  app.route('/', visitApp(connect))
  // The process under test keeps its own Request and Response.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })

  const listening = await listen(options.port ?? 0, (request, response) => {
    exchanges.record(request, response)
    faults.pass(request, response, () => void answer(request, response))
  }).catch(async (error: unknown) => {
    await workplace.close()
    throw error
  })
  const { url } = listening
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
      resources: () => genesys.jobs.resources(),
      expireTokens: () => genesys.tokens.expireAll(),
    },
    faults,
    exchanges: exchanges.list,
    inFlight: (filter) => exchanges.inFlight(filter),
    closed: (filter) => exchanges.closed(filter),
    close() {
      closing ??= (async () => {
        timers.close()
        await listening.close()
        exchanges.close()
        await workplace.close()
      })()
      return closing
    },
  }
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}
