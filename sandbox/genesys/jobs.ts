import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Timers } from '../timers.ts'
import type { Accelerator } from './accelerators.ts'
import { apply, type Pace, type RunResult, rollBack } from './engine.ts'
import type { GenesysSettings } from './settings.ts'
import { createJobState } from './state.ts'

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

/** Runs accelerators and remembers how it went. */
export interface GenesysJobs {
  /** Resolves with a job under way, or for a dry run with one that is over. */
  submit(submission: Submission): Promise<GenesysJob>
  get(id: string): GenesysJob | undefined
  /** The oldest first. */
  list(): ReadonlyArray<GenesysJob>
  /** What has really been created and is still there, as `jobId/type.label`. */
  resources(): ReadonlyArray<string>
}

const underWay: ReadonlySet<GenesysStatus> = new Set<GenesysStatus>(['Created', 'Queued', 'Running'])

/** Whether the job may still change its status as far as the service tells. */
export function isUnderWay(job: GenesysJob): boolean {
  return underWay.has(job.status)
}

export function createGenesysJobs(
  settings: Required<GenesysSettings>,
  timers: Timers,
  root: string,
  submittedBy: string,
): GenesysJobs {
  const jobs = new Map<string, GenesysJob>()
  const resources = new Set<string>()
  const pace: Pace = () => new Promise((resolve) => timers.after(settings.stepMs, resolve))

  const over: string[] = []
  const retire = (job: GenesysJob): void => {
    over.push(job.id)
    while (jobs.size > settings.keepsJobs) {
      const oldest = over.shift()
      if (oldest === undefined) return
      jobs.delete(oldest)
    }
  }
  const work = async (job: GenesysJob, { accelerator, parameters }: Submission): Promise<void> => {
    const state = createJobState(join(root, 'genesys'), job.id, (address, there) => {
      if (there) resources.add(address)
      else resources.delete(address)
    })
    await pace()
    job.status = 'Queued'
    await pace()
    job.status = 'Running'
    const run = await apply(accelerator, parameters, state, pace)
    if (run.end !== 'failed' || run.created.length === 0) {
      settle(job, run)
      return
    }
    if (settings.showsFailedFirst) settle(job, run)
    const rollback = await rollBack(run.created, state, pace)
    settle(job, run)
    job.rollbackResults = rollback.results
    job.status = rollback.done ? 'RollbackComplete' : 'RollbackFailed'
  }

  return {
    async submit(submission) {
      const job: GenesysJob = {
        id: randomUUID(),
        dryRun: submission.dryRun,
        acceleratorId: submission.accelerator.id,
        dateSubmitted: new Date().toISOString(),
        submittedBy,
        status: 'Created',
        errorInfo: undefined,
        results: undefined,
        rollbackResults: undefined,
      }
      jobs.set(job.id, job)
      if (submission.dryRun) {
        settle(job, await apply(submission.accelerator, submission.parameters, undefined, pace))
        retire(job)
      } else {
        void work(job, submission)
          .catch((error: unknown) => settle(job, { end: 'broken', error: String(error) }))
          .then(() => retire(job))
      }
      return job
    },
    get: (id) => jobs.get(id),
    list: () => [...jobs.values()],
    resources: () => [...resources],
  }
}

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
