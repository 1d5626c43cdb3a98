import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Timers } from '../timers.ts'
import { createFailureNotes, type FailureNotes, type LoggedError } from './failure.ts'
import { type JobItem, type JobOrigin, type JobStatus, jobItem, type KillOrder } from './job-item.ts'
import { JobLog, type LogEntry } from './log.ts'

/** The process behind a job; a job without one has pid 0. */
export interface JobProcess {
  readonly pid: number
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface JobTools {
  readonly clock: Clock
  readonly timers: Timers
  readonly settleMs: number
  readonly graceMs: number
}

/** One job from its start to its finalization. */
export class Job {
  readonly origin: JobOrigin
  readonly log: JobLog = new JobLog()
  /** The exit code, when the process is over; the status is then 1. */
  readonly over: Promise<number | null>
  readonly #tools: JobTools
  readonly #notes: FailureNotes
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

  constructor(origin: JobOrigin, tools: JobTools) {
    this.origin = origin
    this.#tools = tools
    this.#notes = createFailureNotes(origin.tag)
    this.#startTime = tools.clock.stamp()
    this.#heartbeat = this.#startTime
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve
    })
  }

  get status(): JobStatus {
    return this.#status
  }

  /** Undefined while the job runs, when it ended well, and when it was killed. */
  get error(): LoggedError | undefined {
    return this.#error
  }

  attach(process: JobProcess): void {
    this.#process = process
  }

  write(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries) this.#notes.note(entry)
    this.log.append(entries)
  }

  /** Ends the job; null stands for an end of which nothing is known, neither code nor time. */
  end(exitCode: number | null, error?: LoggedError): void {
    if (this.#status !== 0) return
    this.#cancelKill()
    this.#status = 1
    this.#exitCode = exitCode
    this.#heartbeat = this.#tools.clock.stamp()
    this.#endTime = exitCode === null ? null : this.#heartbeat
    const failed = exitCode !== null && exitCode !== 0 && !this.#killed
    this.#error = error ?? (failed ? this.#notes.errorOf(exitCode) : undefined)
    this.#resolveOver(exitCode)
    this.#tools.timers.after(this.#tools.settleMs, () => {
      this.#status = 2
      this.log.close()
    })
  }

  /** Sends SIGTERM, after the grace SIGKILL; undefined when the job is not active. */
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
      job_id: id,
      job_key: key,
      result: 'The kill order is registered.',
    }
  }

  /** The job as the wire has it. The heartbeat moves as long as the job is active. */
  item(): JobItem {
    if (this.#status === 0) this.#heartbeat = this.#tools.clock.stamp()
    return jobItem(this.origin, {
      pid: this.#process.pid,
      status: this.#status,
      exitCode: this.#exitCode,
      startTime: this.#startTime,
      endTime: this.#endTime,
      heartbeat: this.#heartbeat,
    })
  }
}
