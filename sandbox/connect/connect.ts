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
  readonly user: { readonly guid: string; readonly username: string; readonly user_role: string }
  /** Whether this server has that operation. */
  has(operation: ConnectOperation): boolean
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
  const settings = { ...connectDefaults, ...setup.settings }
  return {
    ...setup,
    settings,
    tail: { ...tailDefaults, ...setup.tail },
    log: { ...logDefaults, ...setup.log },
    contents: new Contents(),
    jobs: new Jobs({ ...setup, settleMs: settings.settleMs, graceMs: settings.graceMs }),
    nodes: new Nodes(settings.cluster ? 2 : 1, setup.timers),
    user: { guid: randomUUID(), username: 'sandbox', user_role: 'publisher' },
    has: (operation) => !settings.lacks.includes(operation),
  }
}
