/**
 * What the benchmarks use of the first edition and of the peers. It stands in for their own types, so that lint and type check do not
 * need them installed.
 */
declare module 'first-edition' {
  import type { Observable, OperatorFunction, SchedulerLike } from 'rxjs'

  type Option<A> = { readonly _tag: 'None' } | { readonly _tag: 'Some'; readonly value: A }
  interface Reading<Ref> {
    readonly ref: Ref
    readonly job: object
    readonly phase: string
  }
  export interface JobSource<Ref> {
    readonly status: (ref: Ref) => Observable<Reading<Ref>>
    readonly refOf: (submitted: Ref) => Option<Ref>
    readonly keyOf: (ref: Ref) => string
    readonly failure: (ref: Ref, job: object) => Observable<Option<unknown>>
    readonly list?: {
      readonly scopeOf: (ref: Ref) => Option<string>
      readonly read: (scope: string, refs: ReadonlyArray<Ref>) => Observable<ReadonlyArray<Reading<Ref>>>
    }
    readonly scheduler?: SchedulerLike
  }
  export interface LoggedJobSource<Ref> extends JobSource<Ref> {
    readonly log: object
  }
  interface PoolOptions {
    readonly requestsPerMinute: number
    readonly every?: number
    readonly maxConcurrent?: number
    readonly random?: () => number
  }
  interface WatchOptions {
    readonly cadence?: () => number
    readonly random?: () => number
  }
  export const every: (ms: number) => () => number
  export const pooled: <Ref>(source: JobSource<Ref>, options: PoolOptions) => JobSource<Ref>
  export const watchJob: <Ref>(
    source: JobSource<Ref>,
    ref: Ref,
    options?: WatchOptions,
  ) => Observable<{ readonly phase: string }>
  export const tailLog: <Ref>(
    source: LoggedJobSource<Ref>,
    ref: Ref,
    options?: WatchOptions,
  ) => Observable<{ readonly _tag: 'Line' | 'Gap' }>
  export const thenFetchErrors: <Ref>(
    source: JobSource<Ref>,
  ) => OperatorFunction<{ readonly phase: string }, { readonly phase: string }>
  export interface ClientOptions {
    readonly fetch?: typeof globalThis.fetch
    readonly transport?: (request: {
      readonly url: string
    }) => Observable<
      | { readonly status: number; readonly headers: ReadonlyArray<readonly [string, string]> }
      | { readonly bytes: Uint8Array }
    >
    readonly scheduler?: SchedulerLike
  }
}

declare module 'first-edition/connect' {
  import type { ClientOptions, LoggedJobSource } from 'first-edition'

  export const connect: (options: ClientOptions & { readonly server: string; readonly apiKey: string }) => {
    readonly jobs: LoggedJobSource<{ readonly guid: string; readonly key: string }>
  }
}

declare module 'first-edition/genesys' {
  import type { ClientOptions, JobSource } from 'first-edition'
  import type { Observable } from 'rxjs'

  interface Auth {
    readonly kind: 'auth'
  }
  export const accessToken: (token: string) => Auth
  export const genesys: (options: ClientOptions & { readonly baseUrl: string; readonly auth: Auth }) => {
    readonly jobs: JobSource<{ readonly jobId: string }>
    readonly getInfrastructureascodeJob: (params: { readonly jobId: string }) => Observable<unknown>
  }
}

declare module '@smithy/util-waiter' {
  interface Limits {
    readonly client: object
    readonly maxWaitTime: number
    readonly minDelay: number
    readonly maxDelay: number
  }
  interface Check {
    readonly state: 'RETRY' | 'SUCCESS' | 'FAILURE'
    readonly reason: unknown
  }
  export function createWaiter<Input>(
    options: Limits,
    input: Input,
    check: (client: object, input: Input) => Promise<Check>,
  ): Promise<Check>
}

declare module '@azure/core-lro' {
  interface Operation {
    readonly sendInitialRequest: () => Promise<unknown>
    readonly sendPollRequest: (path: string) => Promise<unknown>
  }
  export function createHttpPoller(
    operation: Operation,
    options: { readonly intervalInMs: number },
  ): { readonly pollUntilDone: () => Promise<unknown> }
}

declare module 'eventsource-parser' {
  export const createParser: (callbacks: { readonly onEvent: (event: { readonly data: string }) => void }) => {
    readonly feed: (chunk: string) => void
  }
}
