/** How a live tail frames its entries; the contract does not say it. */
export type TailFraming = 'sse' | 'ndjson' | 'concatenated' | 'array'

/** What `GET …/tail` does. */
export interface TailSettings {
  /** Default 'ndjson'. */
  readonly framing?: TailFraming
  /** Which existing lines are sent first: all, none, or that many of the last. Default 'all'. */
  readonly replay?: 'all' | 'none' | number
  /** Milliseconds between keep-alives: an SSE comment, a blank line, or white space. Default 0, which is none. */
  readonly keepAliveMs?: number
  /** Instead of the Content-Type that goes with the framing. */
  readonly contentType?: string
  /** What the tail of a finalized job sends: its lines and the end, the end alone, or 404. Default 'replay'. */
  readonly finished?: 'replay' | 'empty' | 404
  /** Answers as a server without a tail: text/plain with that status, or a web page with status 200. Default: it has a tail. */
  readonly lacking?: 404 | 405 | 501 | 'html'
  /** Writes the body in pieces of that many bytes, which splits characters and line ends. Default 0, which is whole. */
  readonly chunkBytes?: number
  /** What ends a line in 'sse' and 'ndjson'. Default '\n'. */
  readonly eol?: '\n' | '\r\n'
  /** Sends no head, and no keep-alive, until there is a line to send or the job is finalized. Default false. */
  readonly withholdsHead?: boolean
  /** Cuts lines at that many UTF-16 units. Default 0, which is never. */
  readonly cutAt?: number
  /** Sends every line of that number twice: 1 is each line, 10 each tenth. Default 0, which is none. */
  readonly repeatsEvery?: number
  /** Leaves out every line of that number: 10 is each tenth. Default 0, which is none. */
  readonly omitsEvery?: number
  /**
   * Sends every line of that number before the one that it follows, where both are sent together; the log has them in order. Default 0,
   * which is none.
   */
  readonly swapsEvery?: number
}

/** How a download writes a line; the contract does not say it. */
export type DownloadFormat = 'bare' | 'times' | 'streams'

/** What `GET …/log` and `GET …/download` do. */
export interface LogSettings {
  /** Which end of a log longer than maxLogLines is sent. Default 'last'. */
  readonly keeps?: 'first' | 'last'
  /** The most lines of one response, whatever maxLogLines says. Default 5000. */
  readonly window?: number
  /** Content-Type of the download. Default 'text/plain; charset=utf-8'. */
  readonly downloadType?: string
  /**
   * How the download writes the log: the bare lines, `YYYY/MM/DD HH:MM:SS.nnnnnnnnn ` in UTC before each line, or the bare lines
   * of stdout and then those of stderr. Default 'bare'.
   */
  readonly downloadFormat?: DownloadFormat
  /** Cuts the lines of `GET …/log` at that many UTF-16 units; a download has them whole. Default 0, which is never. */
  readonly cutAt?: number
  /** Milliseconds after which the log and the download show a line. The tail sends it at once. Default 0. */
  readonly lagMs?: number
  /** Whether entries have a timestamp. With false it is null in the log and in the tail. Default true. */
  readonly timestamps?: boolean
}

/** An operation that an old server may lack; it then answers text/plain `404 page not found`. */
export type ConnectOperation =
  | 'jobs'
  | 'job'
  | 'log'
  | 'tail'
  | 'error'
  | 'download'
  | 'kill'
  | 'content'
  | 'bundles'
  | 'deploy'
  | 'build'
  | 'render'
  | 'renderContent'
  | 'variants'
  | 'environment'
  | 'metrics'
  | 'tasks'
  | 'server_settings'
  | 'user'

/** How the Connect side behaves where the contract does not say it. */
export interface ConnectSettings {
  /** In `server_settings`. Default '2025.06.0'; '' hides it. */
  readonly version?: string
  /** Default none. */
  readonly lacks?: ReadonlyArray<ConnectOperation>
  /**
   * Whether two nodes serve behind a load balancer. Each has its own tasks. The cookie of a response leads the next request to
   * the same node; requests without it take turns. Default false.
   */
  readonly cluster?: boolean
  /**
   * When a cluster sets its cookie: 'always', with every response; 'once', where the request brought none, as haproxy does; 'renewed',
   * with every response, each time with a new value that leads to the same node. Default 'always'.
   */
  readonly nodeCookie?: 'always' | 'once' | 'renewed'
  /** Milliseconds that a job stays finished (1) before it is finalized (2). Default 50. */
  readonly settleMs?: number
  /** Milliseconds between SIGTERM and SIGKILL when a job is killed. Default 2000. */
  readonly graceMs?: number
  /** Whether an app's job starts when it is deployed or when it is first visited. Default 'deploy'. */
  readonly appsStart?: 'deploy' | 'visit'
  /** Milliseconds that a deploy waits for an app's first line on stdout; then the app counts as started. Default 2000. */
  readonly launchMs?: number
  /**
   * Whether a job restores the environment before content is rendered or run, so that a deploy has two jobs. It runs `restore.sh`
   * or `restore.mjs` of the bundle, where there is one. A build is then this job alone. Default false.
   */
  readonly restoreJob?: boolean
  /**
   * What the output of a task has of its jobs: 'plain' the lines of renders; 'recorded', as recorded servers have it, each
   * line with its time, before each job's lines a block that names its content, bundle, variant and key, and for a failure the
   * error code and a help address. The block is also at the beginning of each job's log, on stderr. Default 'plain'.
   */
  readonly taskOutput?: 'plain' | 'recorded'
  /** The largest bundle in bytes, packed; four times as much unpacked. Default 64 MiB. */
  readonly maxBundleBytes?: number
  /** How many jobs are kept with their logs; the oldest finished ones go first. Default 10000. */
  readonly keepsJobs?: number
}

export const tailDefaults: Required<Omit<TailSettings, 'contentType' | 'lacking'>> = {
  framing: 'ndjson',
  replay: 'all',
  keepAliveMs: 0,
  finished: 'replay',
  chunkBytes: 0,
  eol: '\n',
  withholdsHead: false,
  cutAt: 0,
  repeatsEvery: 0,
  omitsEvery: 0,
  swapsEvery: 0,
}

export const logDefaults: Required<LogSettings> = {
  keeps: 'last',
  window: 5000,
  downloadType: 'text/plain; charset=utf-8',
  downloadFormat: 'bare',
  cutAt: 0,
  lagMs: 0,
  timestamps: true,
}

export const connectDefaults: Required<ConnectSettings> = {
  version: '2025.06.0',
  lacks: [],
  cluster: false,
  nodeCookie: 'always',
  settleMs: 50,
  graceMs: 2000,
  appsStart: 'deploy',
  launchMs: 2000,
  restoreJob: false,
  taskOutput: 'plain',
  maxBundleBytes: 64 << 20,
  keepsJobs: 10_000,
}
