import { randomBytes, randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Timers } from '../time.ts'
import { GenesysJobs } from './jobs.ts'

/** How the Genesys side behaves where the contract does not say it. */
export interface GenesysSettings {
  /** Seconds that a token lives. Default 86400. */
  readonly tokenSeconds?: number
  /** What `GET …/jobs` answers: the first job alone (`{}` when there is none), an array, or `{entities}`. Default 'entities'. */
  readonly historyShape?: 'one' | 'array' | 'entities'
  /** Milliseconds between the steps of a job, the changes of its status included. Default 20. */
  readonly stepMs?: number
  /** Whether a job that will be rolled back is first shown as Failed, with 200, and then goes on. Default false. */
  readonly showsFailedFirst?: boolean
  /** Requests that one token may make in a minute. Default 300. */
  readonly requestsPerMinute?: number
  /** How many jobs are kept; the oldest finished ones go first. Default 10000. */
  readonly keepsJobs?: number
}

export const genesysDefaults: Required<GenesysSettings> = {
  tokenSeconds: 86_400,
  historyShape: 'entities',
  stepMs: 20,
  showsFailedFirst: false,
  requestsPerMinute: 300,
  keepsJobs: 10_000,
}

/** What each request carries through the routes. */
export interface GenesysEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly correlationId: string }
}

export interface GenesysSetup {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: GenesysSettings
  readonly timers: Timers
}

/** The state of the Genesys side, which all its routes share. */
export interface Genesys {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: Required<GenesysSettings>
  readonly tokens: Tokens
  readonly rateLimit: RateLimit
  readonly jobs: GenesysJobs
}

export function createGenesys({ clientId, clientSecret, settings: chosen, timers }: GenesysSetup): Genesys {
  const settings = { ...genesysDefaults, ...chosen }
  return {
    clientId,
    clientSecret,
    settings,
    tokens: new Tokens(settings.tokenSeconds),
    rateLimit: new RateLimit(settings.requestsPerMinute),
    jobs: new GenesysJobs(settings, timers, randomUUID()),
  }
}

/** The access tokens that were issued. */
export class Tokens {
  readonly #expiries = new Map<string, number>()
  readonly #seconds: number

  /** Each token lives for that many seconds, by the monotonic clock. */
  constructor(seconds: number) {
    this.#seconds = seconds
  }

  issue(): string {
    const now = performance.now()
    for (const [token, expiry] of this.#expiries) if (expiry <= now) this.#expiries.delete(token)
    const token = randomBytes(32).toString('base64url')
    this.#expiries.set(token, now + this.#seconds * 1000)
    return token
  }

  isValid(token: string): boolean {
    return (this.#expiries.get(token) ?? 0) > performance.now()
  }

  expireAll(): void {
    this.#expiries.clear()
  }
}

/** How many of its requests a token has used in its minute. */
export interface RateState {
  readonly count: number
  readonly allowed: number
  /** Seconds until the count starts again, at least 1. */
  readonly reset: number
  readonly exceeded: boolean
}

const windowMs = 60_000

/** A fixed window of one minute for each token, which opens with its first request. */
export class RateLimit {
  readonly #windows = new Map<string, { opened: number; count: number }>()
  readonly #allowed: number

  constructor(allowed: number) {
    this.#allowed = allowed
  }

  /** Counts one request of a token, unless its limit is exceeded. */
  count(token: string): RateState {
    const now = performance.now()
    for (const [key, { opened }] of this.#windows) if (now - opened >= windowMs) this.#windows.delete(key)
    const window = this.#windows.get(token) ?? { opened: now, count: 0 }
    this.#windows.set(token, window)
    const allowed = this.#allowed
    const exceeded = window.count >= allowed
    if (!exceeded) window.count += 1
    return { count: window.count, allowed, reset: Math.ceil((window.opened + windowMs - now) / 1000), exceeded }
  }
}
