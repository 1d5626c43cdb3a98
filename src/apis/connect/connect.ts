import type { Option } from 'fp-ts/lib/Option.js'
import type { Observable } from 'rxjs'
import { baseUrl, type CallOptions, type Client, client as coreClient, fixedHeader } from '../../core/index.ts'
import { errorDetail } from './error-body.ts'
import type { JobItem } from './job-item.ts'
import { connectJobLog } from './job-log.ts'
import { type ConnectJobs, connectJobs } from './job-source.ts'
import {
  type ContentRef,
  getJob,
  getJobs,
  type JobDownloadLog,
  type JobLogs,
  type JobRef,
  jobDownloadLog,
  jobError,
  jobLogs,
  jobTailLog,
  killJob,
} from './jobs.ts'
import type { KillJobOrder } from './kill-job-order.ts'
import type { LogEntries, LogEntry } from './log-entries.ts'
import type { LoggedError } from './logged-error.ts'
import type { ConnectOptions } from './options.ts'

/** The content jobs API of Posit Connect. */
export interface Connect {
  /** Get jobs: all jobs of a content, in no promised order. */
  readonly getJobs: (content: ContentRef, options?: CallOptions) => Observable<ReadonlyArray<JobItem>>
  /** Get job. */
  readonly getJob: (job: JobRef, options?: CallOptions) => Observable<JobItem>
  /** Get job log: at most `maxLogLines` lines. */
  readonly jobLogs: (job: JobLogs, options?: CallOptions) => Observable<LogEntries>
  /** Tail job log: one emission a line, until the connection closes. `tailLog` survives that and knows the job's end. */
  readonly jobTailLog: (job: JobRef, options?: CallOptions) => Observable<LogEntry>
  /** Get job error: none where there is none. */
  readonly jobError: (job: JobRef, options?: CallOptions) => Observable<Option<LoggedError>>
  /** Download job log file: its bytes as they arrive. */
  readonly jobDownloadLog: (job: JobDownloadLog, options?: CallOptions) => Observable<Uint8Array>
  /** Register job kill order. The job ends some time later; 409 (code 163) for one that is not active. */
  readonly killJob: (job: JobRef, options?: CallOptions) => Observable<KillJobOrder>
  /** The jobs as a source for watchJob, tailLog, followJob and the operators. */
  readonly jobs: ConnectJobs
}

/**
 * A client that runs single endpoints, for bundles that want one operation only.
 *
 * @throws TypeError as {@link connect} does
 *
 * @example
 * ```ts
 * import { client, getJob } from 'rxjobs/connect'
 *
 * const job = client({ server: 'https://connect.example.com', apiKey: 'a-key' }).run(getJob, { guid: 'g', key: 'k' })
 * ```
 */
export function client(options: ConnectOptions): Client {
  const server = baseUrl('server', options.server, options.allowHttp).replace(/\/__api__$/, '')
  return coreClient({
    ...options,
    baseUrl: `${server}/__api__`,
    auth: fixedHeader('Key', 'apiKey', options.apiKey),
    errorDetail,
  })
}

/**
 * Posit Connect's content jobs: every operation as a cold, typed Observable, and the jobs as a source.
 *
 * Nothing is sent before a subscription.
 *
 * @throws TypeError for a server that is no http(s) address, plain http to another machine, a key that no header can hold
 *
 * @example
 * ```ts
 * import { tailLog } from 'rxjobs'
 * import { connect } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const lines = tailLog(pc.jobs, { guid: 'a-guid', key: 'a-key' })
 * ```
 */
export function connect(options: ConnectOptions): Connect {
  const api = client(options)
  return {
    getJobs: (content, call) => api.run(getJobs, content, call),
    getJob: (job, call) => api.run(getJob, job, call),
    jobLogs: (job, call) => api.run(jobLogs, job, call),
    jobTailLog: (job, call) => api.run(jobTailLog, job, call),
    jobError: (job, call) => api.run(jobError, job, call),
    jobDownloadLog: (job, call) => api.run(jobDownloadLog, job, call),
    killJob: (job, call) => api.run(killJob, job, call),
    jobs: connectJobs({
      client: api,
      log: connectJobLog(api, options.maxLineBytes ?? 2 ** 20),
      settle: options.settle ?? 1_000,
      scheduler: options.scheduler,
    }),
  }
}
