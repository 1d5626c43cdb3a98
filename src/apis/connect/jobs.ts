import type { Option } from 'fp-ts/lib/Option.js'
import { none, some } from '../../core/option.ts'
import {
  always,
  bytes,
  elements,
  type Endpoint,
  inPath,
  inQuery,
  json,
  mapWhole,
  positiveInteger,
  type StreamReader,
  text,
  valueStream,
} from '../../core/index.ts'
import { JobItem, JobItems } from './job-item.ts'
import { KillJobOrder } from './kill-job-order.ts'
import { LogEntries, type LogEntry } from './log-entries.ts'
import { LoggedError } from './logged-error.ts'
import { tailEntries } from './tail-entries.ts'

/** Which content's jobs. */
export interface ContentRef {
  readonly guid: string
}

/** What names a job. `key` is the job's `key`, not its `id`. */
export interface JobRef {
  readonly guid: string
  readonly key: string
}

/** Which part of a log. */
export interface JobLogs extends JobRef {
  /** How many lines at most, from 1. Default 5000. Whether the first or the last ones is not documented. */
  readonly maxLogLines?: number
}

/** Which log file. */
export interface JobDownloadLog extends JobRef {
  /** What the service calls the file. */
  readonly filename?: string
}

// A service that looks at Accept must not refuse for want of a type that nobody documented.
const tail: StreamReader<ReadonlyArray<LogEntry>> = valueStream(tailEntries)
const anything = 'application/json, */*;q=0.5'

/** Get jobs: all of a content, in no promised order. */
export const getJobs: Endpoint<ContentRef, ReadonlyArray<JobItem>> = {
  name: 'getJobs',
  method: 'GET',
  path: '/v1/content/{guid}/jobs',
  parameters: { guid: inPath },
  answers: { 200: json(JobItems) },
}

/** Get job. */
export const getJob: Endpoint<JobRef, JobItem> = {
  name: 'getJob',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}',
  parameters: { guid: inPath, key: inPath },
  answers: { 200: json(JobItem) },
}

/** Get job log: at most `maxLogLines` lines of it. */
export const jobLogs: Endpoint<JobLogs, LogEntries> = {
  name: 'jobLogs',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}/log',
  parameters: { guid: inPath, key: inPath, maxLogLines: inQuery(positiveInteger) },
  answers: { 200: json(LogEntries) },
}

/**
 * Tail job log, in batches as they arrive: an empty batch when the connection is open and at each keep-alive. Completes
 * when the service closes the connection, which need not be the job's end; `tailLog` is the stream that knows the end.
 */
export const jobTailLogBatches: Endpoint<JobRef, ReadonlyArray<LogEntry>> = {
  name: 'jobTailLog',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}/tail',
  parameters: { guid: inPath, key: inPath },
  answers: { 200: tail },
  accept: anything,
}

/** Tail job log: one emission a line. */
export const jobTailLog: Endpoint<JobRef, LogEntry> = {
  name: 'jobTailLog',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}/tail',
  parameters: { guid: inPath, key: inPath },
  answers: { 200: elements(tail) },
  accept: anything,
}

/** Get job error: none where the service found none (204). */
export const jobError: Endpoint<JobRef, Option<LoggedError>> = {
  name: 'jobError',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}/error',
  parameters: { guid: inPath, key: inPath },
  answers: { 200: mapWhole(json(LoggedError), some), 204: always(none) },
}

/** Download job log file: its bytes as they arrive, stdout and stderr in one, never held as a whole. */
export const jobDownloadLog: Endpoint<JobDownloadLog, Uint8Array> = {
  name: 'jobDownloadLog',
  method: 'GET',
  path: '/v1/content/{guid}/jobs/{key}/download',
  parameters: { guid: inPath, key: inPath, filename: inQuery(text) },
  answers: { 200: bytes },
  accept: anything,
}

/** Register job kill order. The service takes the order and carries it out later; 409 (code 163) for a job not active. */
export const killJob: Endpoint<JobRef, KillJobOrder> = {
  name: 'killJob',
  method: 'DELETE',
  path: '/v1/content/{guid}/jobs/{key}',
  parameters: { guid: inPath, key: inPath },
  answers: { 200: json(KillJobOrder), 204: always({}) },
}
