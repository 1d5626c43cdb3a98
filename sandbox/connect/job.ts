import { randomInt, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock, Timers } from '../time.ts'
import { ConnectError } from './errors.ts'
import { JobLog, type LogEntry } from './log.ts'

/** 0 active, 1 finished, 2 finalized, 3 skipped: how far the bookkeeping is, not whether the job succeeded. */
export type JobStatus = 0 | 1 | 2 | 3

/** What a job is started for. */
export interface JobOrigin {
  readonly id: number
  readonly key: string
  readonly guid: string
  readonly contentId: number
  readonly variantId: number
  /** '' where it is of no variant. */
  readonly variantKey: string
  readonly bundleId: number
  readonly tag: string
}

/** A job as on the wire. */
export type JobItem = Readonly<Record<string, string | number | null>>

/** The answer to a kill; its ids are integers where a job's are strings. */
export interface KillOrder {
  readonly guid: string
  readonly app_id: number
  readonly app_guid: string
  readonly content_id: string
  readonly content_guid: string
  readonly job_id: number
  readonly job_key: string
  readonly result: string
}

/** Why a job failed, as `GET …/error` answers it. */
export interface LoggedError {
  /** Kebab-case. */
  readonly code: string
  readonly summary: string
  readonly help_url: string
}

/** The process of a job; pid 0 where there is none. */
export interface JobProcess {
  readonly pid: number
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface JobTools {
  readonly clock: Clock
  readonly timers: Timers
  readonly settleMs: number
  readonly graceMs: number
  /** Milliseconds after which stored logs show a line. Default 0. */
  readonly lagMs?: number
}

/** One job from its start to its finalization. */
export class Job {
  readonly origin: JobOrigin
  readonly log: JobLog
  /** Resolves with the exit code when the process ended; the status is then 1. */
  readonly over: Promise<number | null>
  readonly #tools: JobTools
  readonly #failure: FailureReader
  readonly #startTime: string
  #process: JobProcess = { pid: 0, kill: () => undefined }
  #resolveOver: (exitCode: number | null) => void = () => undefined
  #cancelKill: () => void = () => undefined
  #status: JobStatus = 0
  #exitCode: number | null = null
  #heartbeat: string
  #endTime: string | null = null
  #killed = false
  #error: LoggedError | undefined
  #crash: string | null = null
  #skipReason: string | null = null

  constructor(origin: JobOrigin, tools: JobTools) {
    this.origin = origin
    this.log = new JobLog(tools.lagMs)
    this.#tools = tools
    this.#failure = new FailureReader(origin.tag)
    this.#startTime = tools.clock.stamp()
    this.#heartbeat = this.#startTime
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve
    })
  }

  get status(): JobStatus {
    return this.#status
  }

  /** 0 where it has no process. */
  get pid(): number {
    return this.#process.pid
  }

  /** Undefined while the job runs, when it succeeded, and when it was killed. */
  get error(): LoggedError | undefined {
    return this.#error
  }

  attach(process: JobProcess): void {
    this.#process = process
  }

  write(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries) this.#failure.read(entry)
    this.log.append(entries)
  }

  /** Ends the job. With null neither its exit code nor its end time will ever be known. */
  end(exitCode: number | null, error?: LoggedError): void {
    if (this.#status !== 0) return
    this.#cancelKill()
    this.#status = 1
    this.#exitCode = exitCode
    this.#heartbeat = this.#tools.clock.stamp()
    this.#endTime = exitCode === null ? null : this.#heartbeat
    const failed = exitCode !== null && exitCode !== 0 && !this.#killed
    this.#error = error ?? (failed ? this.#failure.errorOf(exitCode) : undefined)
    this.#resolveOver(exitCode)
    this.#tools.timers.after(this.#tools.settleMs, () => {
      this.#status = 2
      this.log.close()
    })
  }

  /** Ends the job by an error of the server itself. */
  crash(error: string): void {
    if (this.#status !== 0) return
    this.#crash = error
    this.end(null)
  }

  /** Ends the job before it runs. It has neither an exit code nor an end. Throws when it has a log or is over. */
  skip(reason: string): void {
    if (this.#status !== 0 || this.log.length > 0) throw new Error('Only a job that has not run can be skipped.')
    this.#status = 3
    this.#skipReason = reason
    this.#resolveOver(null)
    this.log.close()
  }

  /** Sends SIGTERM and later SIGKILL. Undefined when the job is not active. */
  kill(): KillOrder | undefined {
    if (this.#status !== 0) return undefined
    this.#killed = true
    this.#process.kill('SIGTERM')
    this.#cancelKill()
    this.#cancelKill = this.#tools.timers.after(this.#tools.graceMs, () => this.#process.kill('SIGKILL'))
    const { guid, contentId, id, key } = this.origin
    return {
      guid: randomUUID(),
      app_id: contentId,
      app_guid: guid,
      content_id: String(contentId),
      content_guid: guid,
      job_id: id,
      job_key: key,
      result: 'The kill order is registered.',
    }
  }

  /** The job as on the wire. The heartbeat moves as long as the job is active. */
  item(): JobItem {
    if (this.#status === 0) this.#heartbeat = this.#tools.clock.stamp()
    const { id, key, guid, contentId, variantId, variantKey, bundleId, tag } = this.origin
    return {
      id: String(id),
      ppid: String(process.pid),
      pid: String(this.pid),
      key,
      remote_id: null,
      app_id: String(contentId),
      content_id: String(contentId),
      content_guid: guid,
      variant_id: String(variantId),
      variant_key: variantKey,
      bundle_id: String(bundleId),
      start_time: this.#startTime,
      end_time: this.#endTime,
      last_heartbeat_time: this.#heartbeat,
      queued_time: null,
      queue_name: null,
      tag,
      exit_code: this.#exitCode,
      status: this.#status,
      error: this.#crash,
      skip_reason: this.#skipReason,
      hostname: hostname(),
      cluster: 'Local',
      image: null,
      run_as: 'sandbox',
    }
  }
}

const codeLine = /^Error code: ([a-z0-9]+(?:-[a-z0-9]+)*)\s*$/

/**
 * Reads a job's log for the error that the job will have. Its code is that of a line `Error code: …`, else one for the kind
 * of job; its summary is the last line on stderr.
 */
class FailureReader {
  #code: string
  #summary = ''

  constructor(tag: string) {
    this.#code = tag.startsWith('run_') ? 'app-exited' : 'render-failed'
  }

  read({ source, data }: LogEntry): void {
    const code = data.startsWith('Error code: ') ? codeLine.exec(data)?.[1] : undefined
    if (code !== undefined) this.#code = code
    else if (source === 'stderr' && data.trim() !== '') this.#summary = data
  }

  errorOf(exitCode: number): LoggedError {
    return {
      code: this.#code,
      summary: this.#summary === '' ? `The process ended with exit status ${exitCode}.` : this.#summary,
      help_url: `https://rxjobs.example/errors/${this.#code}`,
    }
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The jobs of all content. */
export class Jobs {
  readonly #byContent = new Map<string, Map<string, Job>>()
  readonly #tools: JobTools
  readonly #finished: Job[] = []
  readonly #keeps: number
  #size = 0
  #lastId = 0

  /** Beyond that number the oldest finished jobs are forgotten, with their logs. */
  constructor(tools: JobTools, keeps: number = Number.POSITIVE_INFINITY) {
    this.#tools = tools
    this.#keeps = keeps
  }

  create(origin: Omit<JobOrigin, 'id' | 'key'>): Job {
    this.#lastId += 1
    const key = Array.from({ length: 16 }, () => letters.charAt(randomInt(letters.length))).join('')
    const job = new Job({ ...origin, id: this.#lastId, key }, this.#tools)
    const siblings = this.#byContent.get(origin.guid)
    if (siblings === undefined) this.#byContent.set(origin.guid, new Map([[key, job]]))
    else siblings.set(key, job)
    this.#size += 1
    void job.over.then(() => this.#finished.push(job))
    while (this.#size > this.#keeps && this.#forgetOldest());
    return job
  }

  /** False where all jobs run. */
  #forgetOldest(): boolean {
    const oldest = this.#finished.shift()
    if (oldest === undefined) return false
    const { guid, key } = oldest.origin
    const siblings = this.#byContent.get(guid)
    siblings?.delete(key)
    if (siblings?.size === 0) this.#byContent.delete(guid)
    this.#size -= 1
    return true
  }

  /** The jobs of some content, the newest first. */
  of(guid: string): ReadonlyArray<Job> {
    return [...(this.#byContent.get(guid)?.values() ?? [])].reverse()
  }

  /** Throws code 4 when there is none. */
  get(guid: string, key: string): Job {
    const job = this.#byContent.get(guid)?.get(key)
    if (job === undefined) throw new ConnectError(4)
    return job
  }
}
