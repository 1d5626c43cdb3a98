import type { ConnectionOptions } from '../../core/index.ts'

/** How to reach a Posit Connect server. */
export interface ConnectOptions extends ConnectionOptions {
  /** The server's address, with its path prefix if it has one: `https://connect.example.com/rsc`. */
  readonly server: string
  /** An API key of a user who may see the jobs: the content's owner, a collaborator, an administrator. */
  readonly apiKey: string
  /**
   * Milliseconds that a job must stay finished (status 1) to count as over without being finalized (status 2).
   * Default 1000.
   */
  readonly settle?: number
  /**
   * Whether the client keeps the cookies that the server sets, in its own memory, and sends them along to that server
   * alone: behind a load balancer a task is found only with them. False for a fetch that keeps its own. In a browser,
   * which shows no cookies to a script, the browser does it, for a page of the server's own origin. Default true.
   */
  readonly cookies?: boolean
}
