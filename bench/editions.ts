import type { Observable, SchedulerLike } from 'rxjs'
import { first } from './edition-first.ts'
import { second } from './edition-second.ts'

/** A fetch, as much of it as both editions and the platform have in common. */
export type AnyFetch = typeof globalThis.fetch

/** A service without sockets: what it answers to a request for that URL. */
export type Service = (
  url: string,
) => Observable<
  | { readonly status: number; readonly headers: ReadonlyArray<readonly [string, string]> }
  | { readonly bytes: Uint8Array }
>

/** A client over such a service. */
export interface ServiceOptions {
  readonly service: Service
  readonly scheduler?: SchedulerLike
  readonly random?: () => number
}

/** One read of a simulated job. */
export interface Row {
  readonly ref: string
  readonly job: object
  readonly phase: 'running' | 'succeeded'
}

/** A simulated service with jobs that are named by texts. */
export interface Jobs {
  readonly status: (id: string) => Observable<Row>
  readonly list?: (ids: ReadonlyArray<string>) => Observable<ReadonlyArray<Row>>
  readonly scheduler?: SchedulerLike
}

/** How a simulated service is polled through a pool. */
export interface PoolSettings {
  readonly requestsPerMinute: number
  readonly pollInterval?: number
  readonly maxConcurrent?: number
  readonly random?: () => number
}

/** A watch of the job with that id. */
export type Watch = (id: string) => Observable<{ readonly phase: string }>

/** What the measures use of an edition. Renamed options and shapes differ only in the adapters. */
export interface Edition {
  readonly name: string
  /** Reads a Genesys job once for each subscription. */
  readonly readJob: (baseUrl: string, fetch: AnyFetch) => Observable<unknown>
  /** Tails the log of the Connect job `g`, `k`. */
  readonly tail: (options: ServiceOptions) => Observable<{ readonly _tag: 'Line' | 'Gap' }>
  readonly watch: (jobs: Jobs, pollInterval: number) => Watch
  readonly pool: (jobs: Jobs, settings: PoolSettings) => Watch
  /** Watches a Connect job of the content `g` through a pool and reads why it failed. */
  readonly connectOutcome: (options: ServiceOptions) => (key: string) => Observable<unknown>
  /** The same for a Genesys job. */
  readonly genesysOutcome: (options: ServiceOptions) => (jobId: string) => Observable<unknown>
}

/** Both, the first one first. */
export type Editions = readonly [first: Edition, second: Edition]
export const editions: Editions = [first, second]
