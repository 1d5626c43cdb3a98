import * as t from 'io-ts'
import { arrayOrNull, codecOf, isObject, nullable, numberOrString, type OpenEnum, struct } from '../../core/index.ts'
import type { LogEntry as StreamLogEntry } from '../../streams/index.ts'

// What the service sends, as interfaces and io-ts codecs. Times are RFC 3339. Fields that are not listed are kept.

/** Optional fields of one type. */
type Optional<Names extends ReadonlyArray<string>, A> = { readonly [N in Names[number]]?: A }

/** The same codec for several fields. */
function fields<Name extends string, A>(codec: t.Type<A>, names: ReadonlyArray<Name>): Readonly<Record<Name, t.Type<A>>>
function fields(codec: t.Mixed, names: ReadonlyArray<string>): object {
  return Object.fromEntries(names.map((name) => [name, codec]))
}

const text: t.Type<string | null> = /* @__PURE__ */ nullable(t.string)
const number: t.Type<number | null> = /* @__PURE__ */ nullable(t.number)

/** An object that has one of the named fields at least: without it is something else, such as `{"ok":true}`. */
function withOneOf<A extends object>(codec: t.Type<A>, ...names: ReadonlyArray<string>): t.Type<A> {
  const is = (u: unknown): u is A => codec.is(u) && names.some((key) => Reflect.get(u, key) !== undefined)
  return codecOf(codec.name, is, (u, context) => {
    const decoded = codec.validate(u, context)
    if (decoded._tag === 'Left' || is(decoded.right)) return decoded
    return t.failure(u, t.appendContext(context, names[0] ?? '', t.string))
  })
}

// ---- jobs

/** What a job does. Newer servers have more tags. */
// biome-ignore format: a list
export type JobTag = OpenEnum<
  | 'build_report' | 'build_site' | 'build_jupyter' | 'render_shiny' | 'configure_report' | 'packrat_restore'
  | 'python_restore' | 'val_py_ext_pkg' | 'val_r_ext_pkg' | 'val_r_install' | 'run_api' | 'run_python_api'
  | 'run_fastapi_app' | 'run_tensorflow' | 'run_app' | 'run_pyshiny_app' | 'run_streamlit' | 'run_bokeh_app'
  | 'run_dash_app' | 'run_voila_app' | 'run_panel_app' | 'run_gradio_app' | 'git' | 'testing' | 'unknown'
>

// biome-ignore format: a list
const jobTexts = [
  'ppid', 'pid', 'remote_id', 'app_id', 'content_id', 'content_guid', 'variant_id', 'bundle_id', 'start_time', 'end_time',
  'last_heartbeat_time', 'queued_time', 'queue_name', 'hostname', 'cluster', 'image', 'run_as', 'error', 'skip_reason',
  'variant_key',
] as const

/**
 * A content job.
 *
 * `status` is 0 while the job is active, 1 when it is finished, 2 when it is finalized, 3 when it was skipped (`skip_reason`). It does not
 * tell success from failure: `exit_code`, `error` (an unexpected error of the server) and the job's logged error do. `content_id` and
 * `content_guid` are there since Connect 2025.01.0. `variant_id` is `"0"` when there is none.
 */
export interface JobItem extends Optional<typeof jobTexts, string | null> {
  readonly id?: string
  /** What names the job in every other call. */
  readonly key?: string
  readonly tag?: JobTag
  readonly exit_code?: number | null
  readonly status?: number
}

const otherFields = { id: t.string, key: t.string, tag: t.string, exit_code: number, status: t.number }
const jobFields = () => ({ ...fields(text, jobTexts), ...otherFields })
const anyJob = /* @__PURE__ */ struct('JobItem', {}, /* @__PURE__ */ jobFields())

/** Decodes a job: any object with a key, an id or a status. */
export const JobItem: t.Type<JobItem> = /* @__PURE__ */ withOneOf(anyJob, 'key', 'id', 'status')

/** Decodes a content's jobs. The service promises no order. */
export const JobItems: t.Type<ReadonlyArray<JobItem>> = /* @__PURE__ */ arrayOrNull(JobItem)

const orderTexts = ['job_key', 'guid', 'app_guid', 'content_guid', 'result'] as const
const orderIds = ['app_id', 'content_id', 'job_id'] as const

/** The receipt for a kill. The job is not over yet. Ids are numbers here, unlike in JobItem. */
export interface KillJobOrder extends Optional<typeof orderTexts, string>, Optional<typeof orderIds, number | string> {}

const orderFields = () => ({ ...fields(t.string, orderTexts), ...fields(numberOrString, orderIds) })
const anyOrder = /* @__PURE__ */ struct('KillJobOrder', {}, /* @__PURE__ */ orderFields())

/** Decodes the receipt for a kill: any object with one of its fields. */
export const KillJobOrder: t.Type<KillJobOrder> = /* @__PURE__ */ withOneOf(anyOrder, ...orderTexts, ...orderIds)

/** Why a job failed, as far as the service knows. */
export interface LoggedError {
  /** Kebab-case, such as `python-package-install-failed`. There is no list of the codes. */
  readonly code?: string | null
  readonly summary?: string | null
  /** A page about the error. */
  readonly help_url?: string | null
}

const anyError = /* @__PURE__ */ struct('LoggedError', {}, { code: text, summary: text, help_url: text })

/** Decodes a job's error. */
export const LoggedError: t.Type<LoggedError> = anyError

const measures = ['cpu_fraction', 'memory_bytes', 'connections'] as const

/** What a process of a job used at one moment. `connections` is null where it is not known, or where there can be none. */
export interface JobMetricsSample extends Optional<typeof measures, number | null> {
  readonly timestamp?: string | null
  readonly process_id?: number | string | null
}

/** What a job used over time. */
export interface JobMetrics extends Optional<['content_guid', 'job_key'], string | null> {
  readonly samples: ReadonlyArray<JobMetricsSample>
}

const sampleFields = () => ({ ...fields(number, measures), timestamp: text, process_id: nullable(numberOrString) })
const sample = /* @__PURE__ */ struct('JobMetricsSample', {}, /* @__PURE__ */ sampleFields())
const metricsFields = { samples: /* @__PURE__ */ arrayOrNull(sample) }
const metricsOf = { content_guid: text, job_key: text }

/** Decodes what a job used; null instead of the samples is none. */
export const JobMetrics: t.Type<JobMetrics> = /* @__PURE__ */ struct('JobMetrics', metricsFields, metricsOf)

// ---- logs

/** One line of a job's log. The service numbers no lines. */
export type LogEntry = StreamLogEntry

/** A part of a job's log. */
export interface LogEntries {
  readonly entries: ReadonlyArray<LogEntry>
}

// Almost every line passes this guard, which is faster than the struct.
function isLogEntry(u: unknown): u is LogEntry {
  if (typeof u !== 'object' || u === null) return false
  const { source, timestamp, data }: { readonly [K in keyof LogEntry]?: unknown } = u
  return typeof source === 'string' && typeof timestamp === 'string' && typeof data === 'string'
}

const entryTexts = { data: t.string, source: t.string, timestamp: t.string }
const partOfEntry = /* @__PURE__ */ withOneOf(/* @__PURE__ */ struct('LogEntry', {}, entryTexts), 'data', 'source')

/** Decodes a line: an object with a text or a source. Fields that are missing or null are empty. */
export const LogEntry: t.Type<LogEntry> = /* @__PURE__ */ codecOf('LogEntry', isLogEntry, (u, context) => {
  const decoded = partOfEntry.validate(u, context)
  return decoded._tag === 'Left' ? decoded : t.success({ source: '', timestamp: '', data: '', ...decoded.right })
})

const entries = /* @__PURE__ */ arrayOrNull(LogEntry)

/** Decodes a part of a log. */
export const LogEntries: t.Type<LogEntries> = /* @__PURE__ */ struct('LogEntries', { entries })

// ---- content

// biome-ignore format: a list
const contentTexts = [
  'id', 'title', 'description', 'bundle_id', 'owner_guid', 'content_url', 'dashboard_url', 'created_time', 'last_deployed_time',
] as const

/**
 * Content: what a deploy makes or changes.
 *
 * `bundle_id` is the bundle that is deployed, null until the first deploy. `content_url` is the page for visitors; it may be on another
 * origin than the server, so no key is sent there.
 */
export interface Content extends Optional<typeof contentTexts, string | null> {
  /** What names the content in every other call. */
  readonly guid: string
  readonly name?: string
  /** `unknown` until there is a bundle. */
  readonly app_mode?: OpenEnum<'unknown' | 'static' | 'shiny' | 'rmd-static' | 'quarto-static' | 'python-api'>
}

const contentFields = () => ({ ...fields(text, contentTexts), name: t.string, app_mode: t.string })
const content = /* @__PURE__ */ struct('Content', { guid: t.string }, /* @__PURE__ */ contentFields())

/** Decodes content. */
export const Content: t.Type<Content> = content

/** An uploaded bundle. */
export interface Bundle {
  /** What names it in a deploy and in the jobs that run it. */
  readonly id: string
  readonly content_guid?: string | null
  readonly created_time?: string | null
  /** Whether it is the one that is deployed. */
  readonly active?: boolean | null
  /** Bytes as the service counted them. */
  readonly size?: number | null
}

const flag = /* @__PURE__ */ nullable(t.boolean)
const bundleFields = { content_guid: text, created_time: text, active: flag, size: number }

/** Decodes a bundle. */
export const Bundle: t.Type<Bundle> = /* @__PURE__ */ struct('Bundle', { id: t.string }, bundleFields)

/** A variant of a document: one set of its parameters. Ids are numbers here, unlike in the versioned API. */
export interface Variant {
  readonly id: number | string
  readonly app_id?: number | string
  readonly key?: string
  readonly bundle_id?: number | string | null
  /** Every document has one default variant. */
  readonly is_default?: boolean
  readonly name?: string
}

const id = numberOrString
const bundleId = /* @__PURE__ */ nullable(id)
const variantFields = { app_id: id, key: t.string, bundle_id: bundleId, is_default: t.boolean, name: t.string }

/** Decodes a variant. */
export const Variant: t.Type<Variant> = /* @__PURE__ */ struct('Variant', { id }, variantFields)

/** Decodes a content's variants; none where nothing is rendered. */
export const Variants: t.Type<ReadonlyArray<Variant>> = /* @__PURE__ */ arrayOrNull(Variant)

// ---- tasks

/** The result of a task; what `data` is depends on `type`. */
export interface TaskResult {
  readonly type?: string
  readonly data?: unknown
}

/**
 * A task: a deploy, a build or a render, under way or over.
 *
 * A task that failed is no HTTP error: its `code` is not 0 and `error` says why.
 */
export interface Task {
  readonly id: string
  /** The output from the requested line on. */
  readonly output: ReadonlyArray<string>
  readonly finished: boolean
  /** 0 unless it failed. */
  readonly code?: number | null
  /** Empty unless it failed. */
  readonly error?: string | null
  /** How many lines of output there are: the `first` of the next call. */
  readonly last?: number | null
  readonly result?: TaskResult | null
}

/** What starting a task gives. */
export interface StartedTask {
  readonly task_id: string
}

const output = /* @__PURE__ */ arrayOrNull(t.string)
const taskResult = /* @__PURE__ */ struct('TaskResult', {}, { type: t.string, data: t.unknown })
const result = /* @__PURE__ */ nullable(taskResult)
const taskFields = { id: t.string, output, finished: t.boolean }
const endFields = { code: number, error: text, last: number, result }

/** Decodes a task. */
export const Task: t.Type<Task> = /* @__PURE__ */ struct('Task', taskFields, endFields)

const anyStart = /* @__PURE__ */ struct('StartedTask', { task_id: t.string })

/** Decodes what names a started task: by `task_id`, or by `id` where the answer is the task in an old shape, as for a variant. */
export const StartedTask: t.Type<StartedTask> = /* @__PURE__ */ codecOf('StartedTask', anyStart.is, (u, context) =>
  anyStart.validate(isObject(u) && 'id' in u ? { task_id: u.id, ...u } : u, context),
)
