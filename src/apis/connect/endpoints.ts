import type { Option } from 'fp-ts/lib/Option.js'
import {
  asBody,
  booleanParam,
  bytes,
  type Endpoint,
  endpoint,
  inBody,
  inPath,
  inQuery,
  integerParam,
  json,
  type Parameter,
  pathParam,
  positiveIntegerParam,
  stringParam,
} from '../../core/index.ts'
import { entryBatches, flatMap } from './decoders.ts'
import {
  Bundle,
  Content,
  JobItem,
  JobItems,
  JobMetrics,
  KillJobOrder,
  LogEntries,
  type LogEntry,
  LoggedError,
  StartedTask,
  Task,
  type Variant,
  Variants,
} from './models.ts'

// Every export of this file that is a value is an operation: `connect` makes a method of each.

/** Names a content. */
export interface ContentRef {
  readonly guid: string
}

/** The content of a task, and the bundle. */
export interface TaskContent extends ContentRef {
  /** The bundle that the task works on: jobs of other bundles are left out. Default: jobs of any bundle. */
  readonly bundle_id?: string
}

/** Names a job. `key` is the job's `key`, not its `id`. */
export interface JobRef {
  readonly guid: string
  readonly key: string
}

/** Which part of a log. */
export interface JobLogs extends JobRef {
  /** How many lines at most, from 1. Default 5000. Whether the service keeps the first or the last ones is not documented. */
  readonly maxLogLines?: number
}

/** Which log file. */
export interface JobDownloadLog extends JobRef {
  /** The name that the service gives the file. */
  readonly filename?: string
}

/** Which measurements of a job. */
export interface GetJobMetrics extends JobRef {
  /** RFC 3339, such as a Date's `toISOString()`. Default: the service's. */
  readonly from?: string
  readonly to?: string
}

/** The content to make. */
export interface CreateContent {
  /** 3 to 64 letters, digits, dashes and underscores, unlike the names of the user's other content. */
  readonly name: string
  readonly title?: string
  readonly description?: string
}

/** Which bundle of which content to deploy or to build. */
export interface DeployContent extends ContentRef {
  /** Default: for a deploy the one that was uploaded last, for a build the one that is deployed. */
  readonly bundle_id?: string
  /** False for a draft: the bundle that was deployed before stays the active one. Servers before 2025.06.0 ignore it. Default true. */
  readonly activate?: boolean
}

/** A bundle for a content. */
export interface UploadBundle extends ContentRef {
  /** A gzipped tar with a `manifest.json`. */
  readonly archive: Uint8Array
}

/** Which document to render. */
export interface RenderContent extends ContentRef {
  /** The `key` of one of getVariants, or a job's `variant_key`. Default: the default variant. */
  readonly variant_key?: string
}

/** Which variant to render: the `id` of one of getVariants, or a job's `variant_id`. */
export interface RenderVariant {
  readonly variant_id: number | string
}

/** Which task to read, from which line on, and how long the answer may take. */
export interface GetTask {
  readonly id: string
  /** From which line of the output on. Default 0: all of it. Give the `last` of the previous answer. */
  readonly first?: number
  /**
   * Seconds, from 0 to 20, that the answer may wait for the task to finish; new output does not end the wait. The client's `timeout`
   * comes on top. Default 0.
   */
  readonly wait?: number
}

// The slowest upload that is waited for, in bytes a millisecond.
const minUploadSpeed = 100

const text = /* @__PURE__ */ inBody(stringParam)
const first = /* @__PURE__ */ inQuery(/* @__PURE__ */ integerParam(0))
const seconds = /* @__PURE__ */ inQuery(/* @__PURE__ */ integerParam(0, 20))
const maxLogLines = /* @__PURE__ */ inQuery(positiveIntegerParam)
const queryText = /* @__PURE__ */ inQuery(stringParam)
const activate = /* @__PURE__ */ inBody(booleanParam)
const name = /* @__PURE__ */ inBody(stringParam, true)

/** Get jobs: all jobs of a content, in no promised order. */
export const getJobs: Endpoint<ContentRef, ReadonlyArray<JobItem>> = /* @__PURE__ */ endpoint(
  'getJobs GET /v1/content/{guid}/jobs',
  JobItems,
)

/** Get job. */
export const getJob: Endpoint<JobRef, JobItem> = /* @__PURE__ */ endpoint(
  'getJob GET /v1/content/{guid}/jobs/{key}',
  JobItem,
)

/** Get job log: at most `maxLogLines` lines. */
export const jobLogs: Endpoint<JobLogs, LogEntries> = /* @__PURE__ */ endpoint(
  'jobLogs GET /v1/content/{guid}/jobs/{key}/log',
  LogEntries,
  { maxLogLines },
)

const entries = /* @__PURE__ */ flatMap(entryBatches, (batch) => batch)

/**
 * Tail job log: one emission a line. Completes when the service closes the connection, which need not be the job's end; `tailLog` goes
 * on to that.
 */
export const jobTailLog: Endpoint<JobRef, LogEntry> = /* @__PURE__ */ endpoint(
  'jobTailLog GET /v1/content/{guid}/jobs/{key}/tail',
  entries,
)

const some = (value: LoggedError): Option<LoggedError> => ({ _tag: 'Some', value })
const loggedError = /* @__PURE__ */ flatMap(/* @__PURE__ */ json(LoggedError), some)
const none: Option<LoggedError> = { _tag: 'None' }

/** Get job error: none where the service found none (204). */
export const jobError: Endpoint<JobRef, Option<LoggedError>> = /* @__PURE__ */ endpoint(
  'jobError GET /v1/content/{guid}/jobs/{key}/error',
  loggedError,
  {},
  { empty: none },
)

/** Download job log file: its bytes as they arrive, stdout and stderr in one. They are never held as a whole. */
export const jobDownloadLog: Endpoint<JobDownloadLog, Uint8Array> = /* @__PURE__ */ endpoint(
  'jobDownloadLog GET /v1/content/{guid}/jobs/{key}/download',
  bytes,
  { filename: queryText },
)

/** Get job metrics: what the processes of a job used, sample by sample. Of 2026; older servers lack it. */
export const getJobMetrics: Endpoint<GetJobMetrics, JobMetrics> = /* @__PURE__ */ endpoint(
  'getJobMetrics GET /v1/content/{guid}/jobs/{key}/metrics',
  JobMetrics,
  { from: queryText, to: queryText },
)

/** Register job kill order: the job ends some time later. 409 (code 163) for a job that is not active. */
export const killJob: Endpoint<JobRef, KillJobOrder> = /* @__PURE__ */ endpoint(
  'killJob DELETE /v1/content/{guid}/jobs/{key}',
  KillJobOrder,
  {},
  { empty: {} },
)

/** Create content item: content without a bundle, owned by the key's user. */
export const createContent: Endpoint<CreateContent, Content> = /* @__PURE__ */ endpoint(
  'createContent POST /v1/content',
  Content,
  { name, title: text, description: text },
)

/** Upload content bundle: the archive is the body of one request. */
export const uploadBundle: Endpoint<UploadBundle, Bundle> = /* @__PURE__ */ endpoint(
  'uploadBundle POST /v1/content/{guid}/bundles',
  Bundle,
  { archive: asBody },
  { contentType: 'application/gzip', extraTime: ({ archive }) => archive.byteLength / minUploadSpeed },
)

/**
 * Deploy deployment bundle: starts a task, which starts jobs: one that restores the environment, then for a document one that renders
 * it. An app starts at its next visit. By default the bundle becomes the active one.
 */
export const deployContent: Endpoint<DeployContent, StartedTask> = /* @__PURE__ */ endpoint(
  'deployContent POST /v1/content/{guid}/deploy',
  StartedTask,
  { bundle_id: text, activate },
  { lookup: 'see getJobs' },
)

/**
 * Build content item: starts a task that restores the bundle's environment. It does not render a document again. By default the bundle
 * becomes the active one, as by a deploy.
 */
export const buildContent: Endpoint<DeployContent, StartedTask> = /* @__PURE__ */ endpoint(
  'buildContent POST /v1/content/{guid}/build',
  StartedTask,
  { bundle_id: text, activate },
  { lookup: 'see getJobs' },
)

/**
 * Render content item: starts a task that renders a document again. Of 2026. `connect(…).renderContent` asks a server that lacks it by
 * getVariants and renderVariant; a {@link client} does not.
 */
export const renderContent: Endpoint<RenderContent, StartedTask> = /* @__PURE__ */ endpoint(
  'renderContent POST /v1/content/{guid}/render',
  StartedTask,
  { variant_key: text },
  { lookup: 'see getJobs' },
)

/** Get the variants of a document, the default one among them. Not versioned. */
export const getVariants: Endpoint<ContentRef, ReadonlyArray<Variant>> = /* @__PURE__ */ endpoint(
  'getVariants GET /applications/{guid}/variants',
  Variants,
)

const variantId: Parameter = {
  ...inPath,
  check: (id) => (typeof id === 'number' ? positiveIntegerParam(id) : pathParam(id)),
}

/** Render a variant again: starts a task, which is answered in an old shape. Not versioned. */
export const renderVariant: Endpoint<RenderVariant, StartedTask> = /* @__PURE__ */ endpoint(
  'renderVariant POST /variants/{variant_id}/render',
  StartedTask,
  { variant_id: variantId },
)

/** Get task details. With `wait` the answer comes when the task is over, or after that many seconds. */
export const getTask: Endpoint<GetTask, Task> = /* @__PURE__ */ endpoint(
  'getTask GET /v1/tasks/{id}',
  Task,
  { first, wait: seconds },
  { extraTime: ({ wait = 0 }) => wait * 1_000 },
)
