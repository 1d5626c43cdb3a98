import type { Option } from 'fp-ts/lib/Option.js'
import type { Observable } from 'rxjs'
import type { CallOptions, Client } from '../../core/index.ts'
import type { Archive } from './archive.ts'
import type { Bundle } from './bundle.ts'
import type { Content } from './content.ts'
import {
  type BuildContent,
  buildContent,
  type CreateContent,
  createContent,
  type DeployContent,
  deployContent,
  type UploadBundle,
} from './contents.ts'
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
import { session } from './session.ts'
import type { RenderTask, StartedTask, Task } from './task.ts'
import { type ConnectTasks, connectTasks } from './task-source.ts'
import { type GetTask, getTask, waitOf } from './tasks.ts'
import { upload, type UploadOptions } from './upload.ts'
import type { Variant } from './variant.ts'
import { getVariants, type RenderVariant, renderVariant } from './variants.ts'
import { visitContent } from './visit.ts'

/** The content jobs API of Posit Connect, and what leads to a job. */
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
  /** Create content item. */
  readonly createContent: (content: CreateContent, options?: CallOptions) => Observable<Content>
  /** Upload content bundle: bytes, or a stream of them, which is read to its end first. */
  readonly uploadBundle: (bundle: UploadBundle<Archive>, options?: UploadOptions) => Observable<Bundle>
  /** Deploy deployment bundle: starts a task, which starts jobs. */
  readonly deployContent: (content: DeployContent, options?: CallOptions) => Observable<StartedTask>
  /** Build content item: starts a task that builds a bundle without activating it. */
  readonly buildContent: (content: BuildContent, options?: CallOptions) => Observable<StartedTask>
  /** Get the variants of a document, the default one among them. */
  readonly getVariants: (content: ContentRef, options?: CallOptions) => Observable<ReadonlyArray<Variant>>
  /** Render a variant again: starts a task. */
  readonly renderVariant: (variant: RenderVariant, options?: CallOptions) => Observable<RenderTask>
  /** Get task details. With `wait` the answer comes when the task is over or the time is, and may take so much longer. */
  readonly getTask: (task: GetTask, options?: CallOptions) => Observable<Task>
  /**
   * Visits the content's page with the key, which starts an app that does not run; no operation of the API. Gives the
   * status of the answer; fails with a 5xx, which an app that cannot start has.
   */
  readonly visitContent: (content: ContentRef, options?: CallOptions) => Observable<number>
  /** The tasks as a source for watchJob, tailLog, followJob and the operators. */
  readonly tasks: ConnectTasks
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
  return session(options).api
}

// As the core has it.
const defaultTimeout = 30_000

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
  const { api, site } = session(options)
  const { timeout = defaultTimeout, scheduler, settle = 1_000, maxLineBytes = 2 ** 20 } = options
  return {
    getJobs: (content, call) => api.run(getJobs, content, call),
    getJob: (job, call) => api.run(getJob, job, call),
    jobLogs: (job, call) => api.run(jobLogs, job, call),
    jobTailLog: (job, call) => api.run(jobTailLog, job, call),
    jobError: (job, call) => api.run(jobError, job, call),
    jobDownloadLog: (job, call) => api.run(jobDownloadLog, job, call),
    killJob: (job, call) => api.run(killJob, job, call),
    createContent: (content, call) => api.run(createContent, content, call),
    uploadBundle: (bundle, call = {}) => upload(api, bundle, call, timeout),
    deployContent: (content, call) => api.run(deployContent, content, call),
    buildContent: (content, call) => api.run(buildContent, content, call),
    getVariants: (content, call) => api.run(getVariants, content, call),
    renderVariant: (variant, call) => api.run(renderVariant, variant, call),
    getTask: (task, call) => api.run(getTask, task, { timeout: timeout + waitOf(task), ...call }),
    visitContent: (content, call) => visitContent(site, content, call),
    tasks: connectTasks(api, timeout, scheduler),
    jobs: connectJobs({ client: api, log: connectJobLog(api, maxLineBytes), settle, scheduler }),
  }
}
