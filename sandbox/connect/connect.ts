import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Workplace } from '../process/workplace.ts'
import type { Clock, Timers } from '../time.ts'
import { type Node, Nodes } from './cluster.ts'
import { Contents } from './contents.ts'
import { Jobs } from './job.ts'
import {
  type ConnectOperation,
  type ConnectSettings,
  connectDefaults,
  type LogSettings,
  logDefaults,
  type TailSettings,
  tailDefaults,
} from './settings.ts'

/** Each request carries the node that handles it. */
export interface ConnectEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly node: Node }
}

export type ConnectApp = Hono<ConnectEnv>

/** The state of the Connect side, which all its routes share. */
export interface Connect {
  readonly apiKey: string
  readonly settings: Required<ConnectSettings>
  readonly tail: Required<Omit<TailSettings, 'contentType' | 'lacking'>> & TailSettings
  readonly log: Required<LogSettings>
  readonly clock: Clock
  readonly timers: Timers
  readonly workplace: Workplace
  readonly contents: Contents
  readonly jobs: Jobs
  readonly nodes: Nodes
  /** The owner of the key. */
  readonly user: User
  /** The time of a line that is written now; null where entries have none. */
  stamp(): string | null
  /** Whether this server has that operation. */
  has(operation: ConnectOperation): boolean
}

/** A user as on the wire. */
export interface User {
  readonly guid: string
  readonly username: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
  readonly user_role: string
  readonly created_time: string
  readonly updated_time: string
  readonly active_time: string
  /** Publishing clients refuse a user that is not confirmed, or is locked. */
  readonly confirmed: boolean
  readonly locked: boolean
}

function createUser(at: string): User {
  return {
    guid: randomUUID(),
    username: 'sandbox',
    email: 'sandbox@rxjobs.example',
    first_name: 'Sandbox',
    last_name: 'User',
    user_role: 'publisher',
    created_time: at,
    updated_time: at,
    active_time: at,
    confirmed: true,
    locked: false,
  }
}

export interface ConnectSetup {
  readonly apiKey: string
  readonly settings: ConnectSettings
  readonly tail: TailSettings
  readonly log: LogSettings
  readonly clock: Clock
  readonly timers: Timers
  readonly workplace: Workplace
}

export function createConnect(setup: ConnectSetup): Connect {
  const { clock, timers } = setup
  const settings = { ...connectDefaults, ...setup.settings }
  const log = { ...logDefaults, ...setup.log }
  return {
    ...setup,
    settings,
    tail: { ...tailDefaults, ...setup.tail },
    log,
    contents: new Contents(),
    jobs: new Jobs(
      { clock, timers, settleMs: settings.settleMs, graceMs: settings.graceMs, lagMs: log.lagMs },
      settings.keepsJobs,
    ),
    stamp: () => (log.timestamps ? clock.stamp() : null),
    nodes: new Nodes(settings.cluster ? 2 : 1, timers),
    user: createUser(clock.stamp()),
    has: (operation) => !settings.lacks.includes(operation),
  }
}
