import type { Option } from 'fp-ts/lib/Option.js'
import {
  asBody,
  type BodyDecoder,
  booleanParam,
  bytes,
  type Endpoint,
  inBody,
  inPath,
  inQuery,
  integerParam,
  json,
  noContent,
  type Parameter,
  pathParam,
  positiveIntegerParam,
  stringParam,
} from '../../core/index.ts'
import { entryBatches, mapValues } from './decoders.ts'
import {
  Bundle,
  Content,
  JobItem,
  JobItems,
  KillJobOrder,
  LogEntries,
  type LogEntry,
  LoggedError,
  RenderTask,
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

/** The content to make. */
export interface CreateContent {
  /** 3 to 64 letters, digits, dashes and underscores, unlike the names of the user's other content. */
  readonly name: string
  readonly title?: string
  readonly description?: string
}

/** Which bundle of which content to build. */
export interface BuildContent extends ContentRef {
  /** Default: the deployed one. */
  readonly bundle_id?: string
}

/** Which bundle of which content to deploy. */
export interface DeployContent extends ContentRef {
  /** Default: the one that was uploaded last. */
  readonly bundle_id?: string
  /** False for a draft: built and not activated. Servers before 2025.06.0 ignore it. Default true. */
  readonly activate?: boolean
}

/** A bundle for a content. */
export interface UploadBundle extends ContentRef {
  /** A gzipped tar with a `manifest.json`. */
  readonly archive: Uint8Array
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
   * Seconds, from 0 to 20, that the answer may wait for the task to finish; new output does not end the wait. Default 0.
   * `pc.getTask` adds it to the client's `timeout`; with `client(…).run` give a longer `timeout` yourself.
   */
  readonly wait?: number
}

const contentPath = '/v1/content/{guid}'
const jobPath = `${contentPath}/jobs/{key}`
const ofContent = { guid: inPath }
const ofJob = { guid: inPath, key: inPath }

// A service that checks Accept must not refuse: the content types of the tail and the download are not documented.
const accept = 'application/json, */*;q=0.5'

/** A function that makes endpoints whose success is read by one decoder. */
const endpoints =
  (method: 'GET' | 'POST') =>
  <P, A>(
    name: string,
    path: string,
    parameters: Endpoint<P, A>['parameters'],
    decoder: BodyDecoder<A>,
    more?: Pick<Endpoint<P, A>, 'accept' | 'contentType'>,
  ): Endpoint<P, A> => ({ name, method, path, parameters, responses: { 200: decoder }, ...more })

const get = /* @__PURE__ */ endpoints('GET')
const post = /* @__PURE__ */ endpoints('POST')

const some = (errors: ReadonlyArray<LoggedError>): ReadonlyArray<Option<LoggedError>> =>
  errors.map((value) => ({ _tag: 'Some', value }))

/** Get jobs: all jobs of a content, in no promised order. */
export const getJobs: Endpoint<ContentRef, ReadonlyArray<JobItem>> = get(
  'getJobs',
  `${contentPath}/jobs`,
  ofContent,
  json(JobItems),
)

/** Get job. */
export const getJob: Endpoint<JobRef, JobItem> = get('getJob', jobPath, ofJob, json(JobItem))

/** Get job log: at most `maxLogLines` lines. */
export const jobLogs: Endpoint<JobLogs, LogEntries> = get(
  'jobLogs',
  `${jobPath}/log`,
  { ...ofJob, maxLogLines: inQuery(positiveIntegerParam) },
  json(LogEntries),
)

/**
 * Tail job log: one emission a line. Completes when the service closes the connection, which need not be the job's end; `tailLog` goes
 * on to that.
 */
export const jobTailLog: Endpoint<JobRef, LogEntry> = get(
  'jobTailLog',
  `${jobPath}/tail`,
  ofJob,
  mapValues(entryBatches, (batches) => batches.flat()),
  { accept },
)

/** Get job error: none where the service found none (204). */
export const jobError: Endpoint<JobRef, Option<LoggedError>> = {
  name: 'jobError',
  method: 'GET',
  path: `${jobPath}/error`,
  parameters: ofJob,
  responses: { 200: mapValues(json(LoggedError), some), 204: noContent({ _tag: 'None' }) },
}

/** Download job log file: its bytes as they arrive, stdout and stderr in one. They are never held as a whole. */
export const jobDownloadLog: Endpoint<JobDownloadLog, Uint8Array> = get(
  'jobDownloadLog',
  `${jobPath}/download`,
  { ...ofJob, filename: inQuery(stringParam) },
  bytes,
  { accept },
)

/** Register job kill order: the job ends some time later. 409 (code 163) for a job that is not active. */
export const killJob: Endpoint<JobRef, KillJobOrder> = {
  name: 'killJob',
  method: 'DELETE',
  path: jobPath,
  parameters: ofJob,
  responses: { 200: json(KillJobOrder), 204: noContent({}) },
}

/** Create content item: content without a bundle, owned by the key's user. */
export const createContent: Endpoint<CreateContent, Content> = post(
  'createContent',
  '/v1/content',
  { name: inBody(stringParam, true), title: inBody(stringParam), description: inBody(stringParam) },
  json(Content),
)

/** Upload content bundle: the archive is the body of one request. */
export const uploadBundle: Endpoint<UploadBundle, Bundle> = post(
  'uploadBundle',
  `${contentPath}/bundles`,
  { ...ofContent, archive: asBody },
  json(Bundle),
  { contentType: 'application/gzip' },
)

/** Deploy deployment bundle: starts a task, which starts jobs. */
export const deployContent: Endpoint<DeployContent, StartedTask> = post(
  'deployContent',
  `${contentPath}/deploy`,
  { ...ofContent, bundle_id: inBody(stringParam), activate: inBody(booleanParam) },
  json(StartedTask),
)

/** Build content item: starts a task that restores the bundle's environment. */
export const buildContent: Endpoint<BuildContent, StartedTask> = post(
  'buildContent',
  `${contentPath}/build`,
  { ...ofContent, bundle_id: inBody(stringParam) },
  json(StartedTask),
)

/** Get the variants of a document, the default one among them. Not versioned. */
export const getVariants: Endpoint<ContentRef, ReadonlyArray<Variant>> = get(
  'getVariants',
  '/applications/{guid}/variants',
  ofContent,
  json(Variants),
)

const variantId: Parameter = {
  ...inPath,
  check: (id) => (typeof id === 'number' ? positiveIntegerParam(id) : pathParam(id)),
}

/** Render a variant again: starts a task, which is answered in an old shape. Not versioned. */
export const renderVariant: Endpoint<RenderVariant, RenderTask> = post(
  'renderVariant',
  '/variants/{variant_id}/render',
  { variant_id: variantId },
  json(RenderTask),
)

/** Get task details. With `wait` the answer comes when the task is over, or that much later. */
export const getTask: Endpoint<GetTask, Task> = get(
  'getTask',
  '/v1/tasks/{id}',
  { id: inPath, first: inQuery(integerParam(0)), wait: inQuery(integerParam(0, 20)) },
  json(Task),
)
