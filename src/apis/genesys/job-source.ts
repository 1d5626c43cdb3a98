import { catchError, map, mergeMap, type Observable, of, type SchedulerLike, throwError } from 'rxjs'
import { type ApiResponse, type Client, HttpError, pathOf, pathParam } from '../../core/index.ts'
import {
  isFinal,
  type JobList,
  type JobSnapshot,
  type JobSource,
  type Phase,
  type RateLimit,
} from '../../streams/index.ts'
import {
  type GetJobs,
  getInfrastructureascodeJob,
  getInfrastructureascodeJobs,
  type InfrastructureascodeJob,
} from './jobs.ts'

/** What names a job. */
export interface GenesysJobRef {
  readonly jobId: string
}

/** Why a job did not succeed. Fields that the service did not send are absent. */
export interface GenesysJobFailure {
  readonly status?: string
  readonly message?: string
  readonly code?: string
  /** The output of the terraform run. */
  readonly results?: string
  /** The output of the rollback. */
  readonly rollbackResults?: string
}

/** The jobs of Genesys Cloud as a {@link JobSource}. This service has no log and cannot cancel a job. */
export interface GenesysJobs
  extends JobSource<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure, InfrastructureascodeJob> {
  /**
   * The rate limit of the token, as reported by each response that this `genesys()` gets. Hot: it sends no request, repeats nothing
   * to later subscribers, and never ends.
   */
  readonly limits: Observable<RateLimit>
  readonly list: JobList<GenesysJobRef, InfrastructureascodeJob>
  readonly cancel?: never
}

/** The parts of {@link genesysJobs}. */
export interface GenesysJobsOptions {
  readonly client: Client
  readonly limits: Observable<RateLimit>
  /** Milliseconds for which `Failed` and `Incomplete` must hold; undefined to go by the response's status. */
  readonly confirmAfter: number | undefined
  readonly scheduler: SchedulerLike | undefined
}

type Job = InfrastructureascodeJob
type Snapshot = JobSnapshot<Job>

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

const confirmInProgress = 2_000

/** A status that is not documented is judged by HTTP: 202 is a job in progress, 200 one that is over. */
const phaseOf = ({ status, value }: ApiResponse<Job>): Phase =>
  phases.get(value.status) ?? (status === 202 ? 'unknown' : 'ended')

const refOf = ({ id }: Job): GenesysJobRef | undefined =>
  id === undefined || pathParam(id) !== undefined ? undefined : { jobId: id }

/** Takes the documented fields only: `errorInfo` may hold others. */
function failureOf({ status, errorInfo, results, rollbackResults }: Job): GenesysJobFailure {
  const { message, code } = errorInfo ?? {}
  return {
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(results === undefined ? {} : { results }),
    ...(rollbackResults === undefined ? {} : { rollbackResults }),
  }
}

/**
 * The jobs as a source.
 *
 * Details hold whole terraform outputs. They are left out while a job is under way, and read once when it looks over. A read with
 * `expectFinal` asks for them in its only request.
 */
export function genesysJobs({ client, limits, confirmAfter, scheduler }: GenesysJobsOptions): GenesysJobs {
  const read = ({ jobId }: GenesysJobRef, details: boolean): Observable<ApiResponse<Job>> =>
    client.runWithResponse(getInfrastructureascodeJob, details ? { jobId, details } : { jobId }, { retry: false })

  function snapshotOf(response: ApiResponse<Job>): Snapshot {
    const { status, value: job } = response
    const phase = phaseOf(response)
    // A rollback may follow these two. It is not documented whether a job shows them before it.
    const wait =
      job.status !== 'Failed' && job.status !== 'Incomplete'
        ? 0
        : (confirmAfter ?? (status === 202 ? confirmInProgress : 0))
    return wait > 0 ? { job, phase, confirmAfter: wait } : { job, phase }
  }

  const withDetails = (ref: GenesysJobRef, job: Job): Observable<Job> =>
    job.errorInfo !== undefined || job.results !== undefined || job.rollbackResults !== undefined
      ? of(job)
      : read(ref, true).pipe(map(({ value }) => value))

  return {
    status: (ref, { expectFinal = false } = {}) =>
      read(ref, expectFinal).pipe(
        mergeMap((response) => (!expectFinal && isFinal(phaseOf(response)) ? read(ref, true) : of(response))),
        map(snapshotOf),
      ),
    refOf,
    keyOf: ({ jobId }) => pathOf(getInfrastructureascodeJob, { jobId }),
    failure: (ref, job) =>
      phases.get(job.status) === 'succeeded' ? of(undefined) : withDetails(ref, job).pipe(map(failureOf)),
    list: jobList(client),
    // One without details; at the end one more with them.
    requests: 2,
    limits,
    ...(scheduler === undefined ? {} : { scheduler }),
  }
}

// The history shows everybody's jobs, so a list asks for more rows than it looks for.
const spareRows = 20
// The greatest number of rows is not documented. After a refusal, half as many are asked for.
const maxRows = 5_000
const minRows = 100
const newest = ''

/**
 * Many jobs by one read of the history, without details.
 *
 * Jobs that were never read are looked for among the newest, others among those of the status that they had: a job that is no
 * longer there has changed.
 */
function jobList(client: Client): JobList<GenesysJobRef, Job> {
  let mostRows = maxRows
  const row = (job: Job) => {
    const ref = refOf(job)
    // A row has no HTTP status to judge an unknown status by. `ended` makes the pool read the job.
    return ref === undefined ? [] : [{ ref, job, phase: phases.get(job.status) ?? 'ended', partial: true } as const]
  }
  return {
    scopeOf: (_ref, last) => {
      if (last === undefined) return newest
      const phase = phases.get(last.status)
      return phase === 'queued' || phase === 'running' ? last.status : undefined
    },
    read: (status, refs) => {
      const maxResults = Math.min(2 * refs.length + spareRows, mostRows)
      const filter: GetJobs = { maxResults, sortBy: 'dateSubmitted', sortOrder: 'desc' }
      return client
        .run(getInfrastructureascodeJobs, status === newest ? filter : { ...filter, status }, { retry: false })
        .pipe(
          map((jobs) => jobs.flatMap(row)),
          catchError((error: unknown) => {
            const tooMany = error instanceof HttpError && error.status === 400 && maxResults > minRows
            if (!tooMany) return throwError(() => error)
            mostRows = Math.max(minRows, Math.floor(maxResults / 2))
            return of([])
          }),
        )
    },
  }
}
