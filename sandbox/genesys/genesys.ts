import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Timers } from '../timers.ts'
import { createGenesysJobs, type GenesysJobs } from './jobs.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import { type GenesysSettings, genesysDefaults } from './settings.ts'
import { createTokens, type Tokens } from './tokens.ts'

/** What each request carries through the routes. */
export interface GenesysEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly correlationId: string }
}

/** What the Genesys side is made of. */
export interface Genesys {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: Required<GenesysSettings>
  readonly tokens: Tokens
  readonly rateLimit: RateLimit
  readonly jobs: GenesysJobs
}

export interface GenesysSetup {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: GenesysSettings
  readonly timers: Timers
  /** Directory for the state of the accelerators. */
  readonly root: string
}

export function createGenesys({ clientId, clientSecret, settings: chosen, timers, root }: GenesysSetup): Genesys {
  const settings = { ...genesysDefaults, ...chosen }
  return {
    clientId,
    clientSecret,
    settings,
    tokens: createTokens(settings.tokenSeconds),
    rateLimit: createRateLimit(settings.requestsPerMinute),
    jobs: createGenesysJobs(settings, timers, root, randomUUID()),
  }
}
