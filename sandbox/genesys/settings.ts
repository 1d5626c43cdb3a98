/** How the Genesys side behaves where the contract leaves it open. */
export interface GenesysSettings {
  /** Seconds that a token lives. Default 86400. */
  readonly tokenSeconds?: number
  /** What `GET …/jobs` gives: the first job alone (`{}` when there is none), an array, or `{entities}`. Default 'entities'. */
  readonly historyShape?: 'one' | 'array' | 'entities'
  /** Milliseconds between the steps of a job, the changes of its status included. Default 20. */
  readonly stepMs?: number
  /** Whether a job that will be rolled back is first shown as Failed, with 200, and then moves on. Default false. */
  readonly showsFailedFirst?: boolean
  /** Requests that one token may make in a minute. Default 300. */
  readonly requestsPerMinute?: number
  /** How many jobs are remembered; the oldest that are over are forgotten first. Default 10000. */
  readonly keepsJobs?: number
}

export const genesysDefaults: Required<GenesysSettings> = {
  tokenSeconds: 86_400,
  historyShape: 'entities',
  stepMs: 20,
  showsFailedFirst: false,
  requestsPerMinute: 300,
  keepsJobs: 10_000,
}
