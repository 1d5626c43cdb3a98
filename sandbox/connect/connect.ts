import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Clock } from '../clock.ts'
import type { Workplace } from '../process/workplace.ts'
import type { Timers } from '../timers.ts'
import { type Contents, createContents } from './contents.ts'
import { createJobStore, type JobStore } from './job-store.ts'
import { createNodes, type Node, type Nodes } from './nodes.ts'
import {
  type ConnectOperation,
  type ConnectSettings,
  connectDefaults,
  type LogSettings,
  logDefaults,
  type TailSettings,
  tailDefaults,
} from './settings.ts'

/** What a request brings along: the node that it was led to. */
export interface ConnectEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly node: Node }
}

export type ConnectApp = Hono<ConnectEnv>

/** What the Connect side is made of; its routes and runners all work on this. */
export interface Connect {
  readonly apiKey: string
  readonly settings: Required<ConnectSettings>
  readonly tail: Required<Omit<TailSettings, 'contentType' | 'lacking'>> & TailSettings
  readonly log: Required<LogSettings>
  readonly clock: Clock
  readonly timers: Timers
  readonly workplace: Workplace
  readonly contents: Contents
  readonly jobs: JobStore
  readonly nodes: Nodes
  /** Whose key it is. */
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
    contents: createContents(),
    jobs: createJobStore({ ...setup, settleMs: settings.settleMs, graceMs: settings.graceMs }),
    nodes: createNodes(settings.cluster ? 2 : 1, setup.timers),
    user: { guid: randomUUID(), username: 'sandbox', user_role: 'publisher' },
    has: (operation) => !settings.lacks.includes(operation),
  }
}
