import type { SchedulerLike } from 'rxjs'
import type { Auth } from './auth.ts'
import type { Fetch } from './fetch-transport.ts'
import type { RetryOptions } from './retry.ts'
import type { Headers, Transport } from './transport.ts'

/** What every client can be told about its connections. */
export interface ConnectionOptions {
  /** The fetch to use. Default cross-fetch. */
  readonly fetch?: Fetch
  /** Replaces fetch altogether. */
  readonly transport?: Transport
  /** The clock of every wait and timeout. Default rxjs's asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** Milliseconds until a whole answer must be there; of a streamed one, its head. Default 30 000. */
  readonly timeout?: number
  /** Milliseconds of silence allowed in the middle of a body. Default 10 000; open connections (a tail) have no limit. */
  readonly idleTimeout?: number
  /** How calls other than POST and PATCH are repeated; false for never. Default: 3 attempts, full jitter. */
  readonly retry?: boolean | RetryOptions
  /** Allows plain http to a host other than this machine. Default false. */
  readonly allowHttp?: boolean
  /** The largest body that is read whole, in bytes. Default 64 MiB. */
  readonly maxBodyBytes?: number
  /** The longest line or event of a stream, in bytes. Default 1 MiB. */
  readonly maxLineBytes?: number
}

/** What one call can be told. */
export interface CallOptions {
  /** Repeat this call when it fails in passing. A POST or PATCH is repeated only with this: it may arrive twice. */
  readonly retry?: boolean | RetryOptions
  /** Milliseconds, instead of the client's. */
  readonly timeout?: number
  /** Milliseconds, instead of the client's; here it holds for open connections too. */
  readonly idleTimeout?: number
}

/** What a service's error body says. */
export interface ErrorDetail {
  readonly code?: string | number | undefined
  readonly detail?: string | undefined
  /** What to do about it, in words of the client's own. */
  readonly advice?: string | undefined
  /** The service's name for the exchange, for answers without the `correlationHeader`. */
  readonly correlationId?: string | undefined
}

/** What the core must know of a service. */
export interface ClientOptions extends ConnectionOptions {
  /** Where the endpoints' paths begin. */
  readonly baseUrl: string
  /** Where tokens come from, for an `auth` that fetches them. Default: the base URL. */
  readonly loginUrl?: string
  readonly auth: Auth
  /**
   * Reads the service's error envelope; undefined for a body that is not one, which on a 404 means that the endpoint
   * does not exist, and not merely the object.
   */
  readonly errorDetail?: (body: unknown, headers: Headers) => ErrorDetail | undefined
  /** The header with the service's name for an exchange. */
  readonly correlationHeader?: string
}
