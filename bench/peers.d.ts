/**
 * What the benches use of their peers. It stands in for the peers' own types, so that types and lint need none of them
 * installed; that it is right shows when the benches run.
 */
declare module 'zod' {
  interface Schema<A> {
    readonly safeParse: (u: unknown) => { readonly success: boolean; readonly data?: A }
  }
  export const z: {
    readonly string: () => Schema<string>
    readonly object: <A extends object>(fields: { readonly [K in keyof A]: Schema<A[K]> }) => Schema<A>
    readonly array: <A>(element: Schema<A>) => Schema<ReadonlyArray<A>>
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

declare module 'ky' {
  const ky: {
    readonly get: (
      url: string,
      options: { readonly headers: Record<string, string>; readonly retry: number },
    ) => { readonly json: () => Promise<unknown> }
  }
  export default ky
}

declare module 'axios' {
  const axios: {
    readonly get: (
      url: string,
      options: { readonly headers: Record<string, string> },
    ) => Promise<{ readonly data: unknown }>
  }
  export default axios
}

declare module 'purecloud-platform-client-v2' {
  const platformClient: {
    readonly ApiClient: {
      readonly instance: {
        readonly setGateway: (gateway: {
          readonly host: string
          readonly protocol: string
          readonly port: number
        }) => void
        readonly setAccessToken: (token: string) => void
      }
    }
    readonly InfrastructureAsCodeApi: new () => {
      readonly getInfrastructureascodeJob: (jobId: string) => Promise<unknown>
    }
  }
  export default platformClient
}

declare module 'eventsource-parser' {
  export const createParser: (callbacks: { readonly onEvent: (event: { readonly data: string }) => void }) => {
    readonly feed: (chunk: string) => void
  }
}

declare module 'effect' {
  interface Spaced {
    readonly ms: number
  }
  export const Schedule: { readonly spaced: (ms: number) => Spaced }
  interface Step<A> {
    readonly a: A
  }
  interface Pipeable<A> {
    pipe<B, C, D, E>(
      ab: (a: Step<A>) => Step<B>,
      bc: (b: Step<B>) => Step<C>,
      cd: (c: Step<C>) => Step<D>,
      de: (d: Step<D>) => Effect.Effect<E>,
    ): Effect.Effect<E>
  }
  export namespace Effect {
    interface Effect<A> {
      readonly value: A
    }
    const runPromise: <A>(effect: Effect<A>) => Promise<A>
    const sync: <A>(run: () => A) => Effect<A>
    const repeat: <A>(effect: Effect<A>, schedule: Spaced) => Effect<A>
    const runFork: <A>(effect: Effect<A>) => object
  }
  export const Stream: {
    readonly fromIterable: <A>(values: Iterable<A>, options?: { readonly chunkSize: number }) => Step<A> & Pipeable<A>
    readonly decodeText: () => (bytes: Step<Uint8Array>) => Step<string>
    readonly splitLines: (texts: Step<string>) => Step<string>
    readonly map: <A, B>(f: (a: A) => B) => (values: Step<A>) => Step<B>
    readonly runFold: <A, S>(start: () => S, f: (s: S, a: A) => S) => (values: Step<A>) => Effect.Effect<S>
  }
}
