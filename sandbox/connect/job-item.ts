import { hostname } from 'node:os'

/** 0 active, 1 finished, 2 finalized: how far the bookkeeping is, not whether the job went well. */
export type JobStatus = 0 | 1 | 2

/** What a job is made for. */
export interface JobOrigin {
  readonly id: number
  readonly key: string
  readonly guid: string
  readonly contentId: number
  readonly variantId: number
  readonly bundleId: number
  readonly tag: string
}

/** What changes about a job. */
export interface JobState {
  readonly pid: number
  readonly status: JobStatus
  readonly exitCode: number | null
  readonly startTime: string
  readonly endTime: string | null
  readonly heartbeat: string
}

/** A job as on the wire. */
export type JobItem = Readonly<Record<string, string | number | null>>

/** The answer to a kill; its ids are integers where a job's are strings. */
export interface KillOrder {
  readonly guid: string
  readonly app_id: number
  readonly app_guid: string
  readonly job_id: number
  readonly job_key: string
  readonly result: string
}

export function jobItem(origin: JobOrigin, state: JobState): JobItem {
  return {
    id: String(origin.id),
    ppid: String(process.pid),
    pid: String(state.pid),
    key: origin.key,
    remote_id: null,
    app_id: String(origin.contentId),
    content_id: String(origin.contentId),
    content_guid: origin.guid,
    variant_id: String(origin.variantId),
    bundle_id: String(origin.bundleId),
    start_time: state.startTime,
    end_time: state.endTime,
    last_heartbeat_time: state.heartbeat,
    queued_time: null,
    queue_name: null,
    tag: origin.tag,
    exit_code: state.exitCode,
    status: state.status,
    hostname: hostname(),
    cluster: 'Local',
    image: null,
    run_as: 'sandbox',
  }
}
