import * as t from 'io-ts'
import {
  arrayOrNull,
  type Fields,
  nullable,
  numberOrString,
  type OpenEnum,
  openEnum,
  struct,
} from '../../core/index.ts'
import type { LogEntry as StreamLogEntry } from '../../streams/index.ts'

// What the service sends, as interfaces and io-ts codecs. Times are RFC 3339. Fields that are not listed are kept.

/** The same codec for several fields. */
function fields<Name extends string, A>(
  codec: t.Type<A>,
  ...names: ReadonlyArray<Name>
): { readonly [N in Name]: t.Type<A> }
function fields(codec: t.Mixed, ...names: ReadonlyArray<string>): Record<string, t.Mixed> {
  return Object.fromEntries(names.map((name) => [name, codec]))
}

/** Texts that may be null or absent. */
type Texts<Names extends ReadonlyArray<string>> = { readonly [N in Names[number]]?: string | null }

const text: t.Type<string | null> = nullable(t.string)
const number: t.Type<number | null> = nullable(t.number)

/** An object of optional fields that has one of `names` at least: without it is something else, such as `{"ok":true}`. */
function withOneOf<A extends object>(
  name: string,
  optional: Fields<A>,
  names: ReadonlyArray<string> = Object.keys(optional),
): t.Type<Partial<A>> {
  const codec = struct<object, A>(name, {}, optional)
  const is = (u: unknown): u is Partial<A> => codec.is(u) && names.some((field) => Reflect.get(u, field) !== undefined)
  return new t.Type(
    name,
    is,
    (u, context) => {
      const decoded = codec.validate(u, context)
      return decoded._tag === 'Left' || is(decoded.right)
        ? decoded
        : t.failure(u, t.appendContext(context, names[0] ?? '', t.string))
    },
    t.identity,
  )
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
export interface JobItem extends Texts<typeof jobTexts> {
  readonly id?: string
  /** What names the job in every other call. */
  readonly key?: string
  readonly tag?: JobTag
  readonly exit_code?: number | null
  readonly status?: number
}

/** Decodes a job: any object with a key, an id or a status. */
export const JobItem: t.Type<JobItem> = withOneOf<JobItem>(
  'JobItem',
  {
    ...fields(text, ...jobTexts),
    ...fields(t.string, 'id', 'key'),
    tag: openEnum(),
    exit_code: number,
    status: t.number,
  },
  ['key', 'id', 'status'],
)

/** Decodes a content's jobs. The service promises no order. */
export const JobItems: t.Type<ReadonlyArray<JobItem>> = arrayOrNull(JobItem)

/** The receipt for a kill. The job is not over yet. Ids are numbers here, unlike in JobItem. */
export interface KillJobOrder {
  readonly guid?: string
  readonly app_id?: number | string
  readonly app_guid?: string
  readonly content_id?: number | string
  readonly content_guid?: string
  readonly job_id?: number | string
  readonly job_key?: string
  readonly result?: string
}

/** Decodes the receipt for a kill: any object with one of its fields. */
export const KillJobOrder: t.Type<KillJobOrder> = withOneOf<KillJobOrder>('KillJobOrder', {
  ...fields(t.string, 'job_key', 'guid', 'app_guid', 'content_guid', 'result'),
  ...fields(numberOrString, 'app_id', 'content_id', 'job_id'),
})

/** Why a job failed, as far as the service knows. */
export interface LoggedError {
  /** Kebab-case, such as `python-package-install-failed`. There is no list of the codes. */
  readonly code?: string | null
  readonly summary?: string | null
  /** A page about the error. */
  readonly help_url?: string | null
}

/** Decodes a job's error. */
export const LoggedError: t.Type<LoggedError> = struct<object, LoggedError>(
  'LoggedError',
  {},
  fields(text, 'code', 'summary', 'help_url'),
)

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

const partOfEntry: t.Type<Partial<LogEntry>> = withOneOf<LogEntry>(
  'LogEntry',
  { source: openEnum(), ...fields(t.string, 'timestamp', 'data') },
  ['data', 'source'],
)

/** Decodes a line: an object with a text or a source. Fields that are missing or null are empty. */
export const LogEntry: t.Type<LogEntry> = new t.Type(
  'LogEntry',
  isLogEntry,
  (u, context) => {
    if (isLogEntry(u)) return t.success(u)
    const decoded = partOfEntry.validate(u, context)
    return decoded._tag === 'Left' ? decoded : t.success({ source: '', timestamp: '', data: '', ...decoded.right })
  },
  t.identity,
)

/** Decodes a part of a log. */
export const LogEntries: t.Type<LogEntries> = struct<LogEntries>('LogEntries', { entries: arrayOrNull(LogEntry) })

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
export interface Content extends Texts<typeof contentTexts> {
  /** What names the content in every other call. */
  readonly guid: string
  readonly name?: string
  /** `unknown` until there is a bundle. */
  readonly app_mode?: OpenEnum<'unknown' | 'static' | 'shiny' | 'rmd-static' | 'quarto-static' | 'python-api'>
}

/** Decodes content. */
export const Content: t.Type<Content> = struct<Pick<Content, 'guid'>, Omit<Content, 'guid'>>(
  'Content',
  { guid: t.string },
  { ...fields(text, ...contentTexts), name: t.string, app_mode: openEnum() },
)

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

/** Decodes a bundle. */
export const Bundle: t.Type<Bundle> = struct<Pick<Bundle, 'id'>, Omit<Bundle, 'id'>>(
  'Bundle',
  { id: t.string },
  { ...fields(text, 'content_guid', 'created_time'), active: nullable(t.boolean), size: number },
)

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

/** Decodes a variant. */
export const Variant: t.Type<Variant> = struct<Pick<Variant, 'id'>, Omit<Variant, 'id'>>(
  'Variant',
  { id: numberOrString },
  {
    ...fields(t.string, 'key', 'name'),
    app_id: numberOrString,
    bundle_id: nullable(numberOrString),
    is_default: t.boolean,
  },
)

/** Decodes a content's variants; none where nothing is rendered. */
export const Variants: t.Type<ReadonlyArray<Variant>> = arrayOrNull(Variant)

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

/** What starting a task gives: the answer to a deploy or a build. */
export interface StartedTask {
  readonly task_id: string
}

/** What rendering gives: a task in an old shape, whose `id` is what the others call `task_id`. */
export interface RenderTask extends Partial<Omit<Task, 'id'>> {
  readonly id: string
}

const lines: t.Type<ReadonlyArray<string>> = arrayOrNull(t.string)
const taskEnd = {
  ...fields(number, 'code', 'last'),
  error: text,
  result: nullable(struct<object, TaskResult>('TaskResult', {}, { type: t.string, data: t.unknown })),
}

/** Decodes a task. */
export const Task: t.Type<Task> = struct<
  Pick<Task, 'id' | 'output' | 'finished'>,
  Pick<Task, 'code' | 'error' | 'last' | 'result'>
>('Task', { id: t.string, output: lines, finished: t.boolean }, taskEnd)

/** Decodes what names a started task. */
export const StartedTask: t.Type<StartedTask> = struct<StartedTask>('StartedTask', { task_id: t.string })

/** Decodes a task in the old shape: only its id must be there. */
export const RenderTask: t.Type<RenderTask> = struct<Pick<RenderTask, 'id'>, Omit<RenderTask, 'id'>>(
  'RenderTask',
  { id: t.string },
  { output: lines, finished: t.boolean, ...taskEnd },
)
