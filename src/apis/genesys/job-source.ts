import type { Option } from 'fp-ts/lib/Option.js'
import { none, some } from '../../core/option.ts'
import { map, mergeMap, type Observable, of, type SchedulerLike } from 'rxjs'
import { type Answer, type CallOptions, type Client, pathOf, segment } from '../../core/index.ts'
import { isFinal, type JobSource, type Phase, type RateLimit, type Reading } from '../../streams/index.ts'
import type { InfrastructureascodeJob } from './infrastructureascode-job.ts'
import { genesysJobList } from './job-list.ts'
import { getInfrastructureascodeJob } from './jobs.ts'

/** What names a job. */
export interface GenesysJobRef {
  readonly jobId: string
}

/** Why a job did not succeed. What the service did not say is absent. */
export interface GenesysJobFailure {
  readonly status?: string
  readonly message?: string
  readonly code?: string
  /** The output of the terraform run. */
  readonly results?: string
  /** The output of rolling it back. */
  readonly rollbackResults?: string
}

/** The jobs of Genesys Cloud as a {@link JobSource}. There is no log and no cancel at this service. */
export interface GenesysJobs
  extends JobSource<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure, InfrastructureascodeJob> {
  /**
   * The token's budget with each answer of this `genesys()` that tells it, as a live stream: nothing is asked for its
   * sake, nothing is kept for who comes later, and it never ends.
   */
  readonly limits: Observable<RateLimit>
  readonly cancel?: never
}

/** What {@link genesysJobs} is made of. */
export interface GenesysJobsOptions {
  readonly client: Client
  readonly limits: Observable<RateLimit>
  /** Milliseconds that `Failed` and `Incomplete` must hold; undefined to go by the answer. */
  readonly settle: number | undefined
  readonly scheduler: SchedulerLike | undefined
}

const phases: ReadonlyMap<string | undefined, Phase> = new Map<string, Phase>([
  ['Created', 'queued'],
  ['Queued', 'queued'],
  ['Running', 'running'],
  ['Complete', 'succeeded'],
  ['InternalError', 'failed'],
  ['Incomplete', 'failed'],
  ['Failed', 'failed'],
  ['RollbackFailed', 'failed'],
  ['RollbackComplete', 'failed'],
])

// The statuses that a rollback may follow; no document says whether one can be seen before it.
const mayMoveOn: ReadonlySet<string | undefined> = new Set(['Failed', 'Incomplete'])
const settleInProgress = 2_000

const once: CallOptions = { retry: false }

/** A status that nobody knows yet is judged by HTTP: 202 is a job in progress, 200 one that is over. */
const phaseOf = ({ status, value }: Answer<InfrastructureascodeJob>): Phase =>
  phases.get(value.status) ?? (status === 202 ? 'unknown' : 'ended')

/** Field by field: `errorInfo` keeps what else the service put into it, which is no part of this type. */
function failureOf({ status, errorInfo, results, rollbackResults }: InfrastructureascodeJob): GenesysJobFailure {
  const { message, code } = errorInfo ?? {}
  return {
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(results === undefined ? {} : { results }),
    ...(rollbackResults === undefined ? {} : { rollbackResults }),
  }
}

/** Polls without details, because they hold whole terraform outputs, and reads them once when a job looks over. */
export function genesysJobs({ client, limits, settle, scheduler }: GenesysJobsOptions): GenesysJobs {
  const read = (jobId: string, details: boolean): Observable<Answer<InfrastructureascodeJob>> =>
    client.exchange(getInfrastructureascodeJob, details ? { jobId, details } : { jobId }, once)

  function reading(
    ref: GenesysJobRef,
    answer: Answer<InfrastructureascodeJob>,
  ): Reading<GenesysJobRef, InfrastructureascodeJob> {
    const phase = phaseOf(answer)
    const wait = settle ?? (answer.status === 202 ? settleInProgress : 0)
    return {
      ref,
      job: answer.value,
      phase,
      ...(mayMoveOn.has(answer.value.status) && wait > 0 ? { settle: wait } : {}),
    }
  }

  return {
    status: (ref) =>
      read(ref.jobId, false).pipe(
        mergeMap((answer) => (isFinal(phaseOf(answer)) ? read(ref.jobId, true) : of(answer))),
        map((answer) => reading(ref, answer)),
      ),
    refOf: (job): Option<GenesysJobRef> =>
      job.id === undefined || segment(job.id) !== undefined ? none : some({ jobId: job.id }),
    keyOf: ({ jobId }) => pathOf(getInfrastructureascodeJob, { jobId }),
    failure: (ref, job) =>
      phases.get(job.status) === 'succeeded' ? of(none) : detailed(ref, job).pipe(map((full) => some(failureOf(full)))),
    list: genesysJobList(client, (status) => phases.get(status)),
    // The one without details, and at the end the one with them.
    requests: 2,
    limits,
    ...(scheduler === undefined ? {} : { scheduler }),
  }

  function detailed(ref: GenesysJobRef, job: InfrastructureascodeJob): Observable<InfrastructureascodeJob> {
    const has = job.errorInfo !== undefined || job.results !== undefined || job.rollbackResults !== undefined
    return has ? of(job) : read(ref.jobId, true).pipe(map((answer) => answer.value))
  }
}
