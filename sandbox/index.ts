export type { LoggedError } from './connect/job.ts'
export type {
  ConnectOperation,
  ConnectSettings,
  DownloadFormat,
  LogSettings,
  TailFraming,
  TailSettings,
} from './connect/settings.ts'
export type { FedJob, FeedEntry, JobRef, JobScript } from './connect/start.ts'
export type { Fault, FaultKind, FaultMatch, FaultMoment, FaultPlan, FaultRule, Faults } from './faults/rules.ts'
export type { GenesysSettings } from './genesys/genesys.ts'
export type { Exchange, ExchangeFilter } from './http/exchanges.ts'
export type { ConnectSandbox, GenesysSandbox, Sandbox, SandboxOptions } from './sandbox.ts'
export { startSandbox } from './sandbox.ts'
