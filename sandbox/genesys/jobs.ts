import { randomUUID } from 'node:crypto'
import type { Timers } from '../time.ts'
import type { Accelerator } from './accelerators.ts'
import { apply, type Runner, type RunResult, rollBack } from './engine.ts'
import { Resources } from './resources.ts'

export type GenesysStatus =
  | 'Created'
  | 'Queued'
  | 'Running'
  | 'Complete'
  | 'InternalError'
  | 'Failed'
  | 'RollbackFailed'
  | 'RollbackComplete'

/** One run of an accelerator; it changes until it is over. */
export interface GenesysJob {
  readonly id: string
  readonly dryRun: boolean
  readonly acceleratorId: string
  readonly dateSubmitted: string
  readonly submittedBy: string
  status: GenesysStatus
  errorInfo: { readonly message: string; readonly code: string } | undefined
  results: string | undefined
  rollbackResults: string | undefined
}

export interface Submission {
  readonly accelerator: Accelerator
  readonly dryRun: boolean
  readonly parameters: ReadonlyMap<string, string>
}

const underWay: ReadonlySet<GenesysStatus> = new Set<GenesysStatus>(['Created', 'Queued', 'Running'])

/** Whether the service says that the job may still change its status. */
export function isUnderWay(job: GenesysJob): boolean {
  return underWay.has(job.status)
}

/** The settings that are for jobs. */
export interface JobSettings {
  readonly stepMs: number
  readonly showsFailedFirst: boolean
  readonly keepsJobs: number
}

/** Runs accelerators and keeps their jobs. */
export class GenesysJobs {
  readonly resources: Resources = new Resources()
  readonly #jobs = new Map<string, GenesysJob>()
  readonly #finished: string[] = []
  readonly #settings: JobSettings
  readonly #timers: Timers
  readonly #submittedBy: string

  constructor(settings: JobSettings, timers: Timers, submittedBy: string) {
    this.#settings = settings
    this.#timers = timers
    this.#submittedBy = submittedBy
  }

  /** Starts a job; a dry run is over when this resolves. */
  async submit(submission: Submission): Promise<GenesysJob> {
    const job: GenesysJob = {
      id: randomUUID(),
      dryRun: submission.dryRun,
      acceleratorId: submission.accelerator.id,
      dateSubmitted: new Date().toISOString(),
      submittedBy: this.#submittedBy,
      status: 'Created',
      errorInfo: undefined,
      results: undefined,
      rollbackResults: undefined,
    }
    this.#jobs.set(job.id, job)
    if (submission.dryRun) {
      settle(job, await apply(submission.accelerator, submission.parameters))
      this.#retire(job)
    } else {
      void this.#run(job, submission)
        .catch((error: unknown) => settle(job, { end: 'broken', error: String(error) }))
        .then(() => this.#retire(job))
    }
    return job
  }

  get(id: string): GenesysJob | undefined {
    return this.#jobs.get(id)
  }

  /** The oldest first. */
  list(): ReadonlyArray<GenesysJob> {
    return [...this.#jobs.values()]
  }

  async #run(job: GenesysJob, { accelerator, parameters }: Submission): Promise<void> {
    const pause = (): Promise<void> => new Promise((resolve) => this.#timers.after(this.#settings.stepMs, resolve))
    const runner: Runner = { jobId: job.id, resources: this.resources, pause }
    await pause()
    job.status = 'Queued'
    await pause()
    job.status = 'Running'
    const run = await apply(accelerator, parameters, runner)
    if (run.end !== 'failed' || run.created.length === 0) {
      settle(job, run)
      return
    }
    if (this.#settings.showsFailedFirst) settle(job, run)
    const rollback = await rollBack(run.created, runner)
    settle(job, run)
    job.rollbackResults = rollback.results
    job.status = rollback.done ? 'RollbackComplete' : 'RollbackFailed'
  }

  /** Forgets the oldest finished jobs when there are too many. */
  #retire(job: GenesysJob): void {
    this.#finished.push(job.id)
    while (this.#jobs.size > this.#settings.keepsJobs) {
      const oldest = this.#finished.shift()
      if (oldest === undefined) return
      this.#jobs.delete(oldest)
    }
  }
}

/** Writes how a run ended into its job. */
function settle(job: GenesysJob, run: RunResult): void {
  if (run.end === 'broken') {
    job.errorInfo = { message: run.error, code: 'internal.server.error' }
    job.status = 'InternalError'
    return
  }
  job.results = run.results
  if (run.end === 'failed') job.errorInfo = { message: run.error, code: 'terraform.failed' }
  job.status = run.end === 'failed' ? 'Failed' : 'Complete'
}
