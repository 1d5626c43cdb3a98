import * as t from 'io-ts'
import { nullable, type Open, open, struct } from '../../core/index.ts'
import { listOrNull } from './list-or-null.ts'

/** What a job does; newer servers have more. */
export type JobTag = Open<
  | 'unknown'
  | 'build_report'
  | 'build_site'
  | 'build_jupyter'
  | 'packrat_restore'
  | 'python_restore'
  | 'configure_report'
  | 'run_app'
  | 'run_api'
  | 'run_tensorflow'
  | 'run_python_api'
  | 'run_dash_app'
  | 'run_streamlit'
  | 'run_bokeh_app'
  | 'run_fastapi_app'
  | 'run_pyshiny_app'
  | 'render_shiny'
  | 'run_voila_app'
  | 'testing'
  | 'git'
  | 'val_py_ext_pkg'
  | 'val_r_ext_pkg'
  | 'val_r_install'
>

/**
 * A content job, as the service sends it. Times are RFC 3339; ids are strings.
 *
 * `status` is 0 while the job is active, 1 when it is finished, 2 when it is finalized. It does not say whether the job
 * succeeded: `exit_code` and the job's error do.
 */
export interface JobItem {
  readonly id?: string
  readonly ppid?: string | null
  readonly pid?: string | null
  /** What names the job in every other call. */
  readonly key?: string
  readonly remote_id?: string | null
  readonly app_id?: string | null
  /** Since Connect 2025.01.0. */
  readonly content_id?: string | null
  /** Since Connect 2025.01.0. */
  readonly content_guid?: string | null
  /** `"0"` when there is none. */
  readonly variant_id?: string | null
  readonly bundle_id?: string | null
  readonly start_time?: string | null
  readonly end_time?: string | null
  readonly last_heartbeat_time?: string | null
  readonly queued_time?: string | null
  readonly queue_name?: string | null
  readonly tag?: JobTag
  readonly exit_code?: number | null
  readonly status?: number
  readonly hostname?: string | null
  readonly cluster?: string | null
  readonly image?: string | null
  readonly run_as?: string | null
}

const maybe: t.Type<string | null> = nullable(t.string)

const fields: t.Type<JobItem> = struct<object, JobItem>(
  'JobItem',
  {},
  {
    id: t.string,
    ppid: maybe,
    pid: maybe,
    key: t.string,
    remote_id: maybe,
    app_id: maybe,
    content_id: maybe,
    content_guid: maybe,
    variant_id: maybe,
    bundle_id: maybe,
    start_time: maybe,
    end_time: maybe,
    last_heartbeat_time: maybe,
    queued_time: maybe,
    queue_name: maybe,
    tag: open(),
    exit_code: nullable(t.number),
    status: t.number,
    hostname: maybe,
    cluster: maybe,
    image: maybe,
    run_as: maybe,
  },
)

// No document says what must be there; but what has nothing that names a job or says how it is, is something else, and
// watching it would never end.
const isOne = ({ key, id, status }: JobItem): boolean => key !== undefined || id !== undefined || status !== undefined

/** Decodes a job: any object with a key, an id or a status. Fields beyond the documented ones are kept. */
export const JobItem: t.Type<JobItem> = new t.Type(
  'JobItem',
  (u): u is JobItem => fields.is(u) && isOne(u),
  (u, context) => {
    const decoded = fields.validate(u, context)
    if (decoded._tag === 'Left' || isOne(decoded.right)) return decoded
    return t.failure(undefined, t.appendContext(context, 'key', t.string))
  },
  t.identity,
)

/** Decodes a content's jobs. The service promises no order. */
export const JobItems: t.Type<ReadonlyArray<JobItem>> = listOrNull(JobItem)
