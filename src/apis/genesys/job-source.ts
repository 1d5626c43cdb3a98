import { map, mergeMap, type Observable, of } from 'rxjs'
import { type ApiResponse, type Client, clip, pathOf, pathParam } from '../../core/index.ts'
import {
  isFinal,
  type JobList,
  type JobSnapshot,
  type JobSource,
  type ListedJob,
  type Phase,
  type RateLimit,
} from '../../streams/index.ts'
import type { GenesysOptions } from './addresses.ts'
import { type GetJobs, getInfrastructureascodeJob, getInfrastructureascodeJobs } from './endpoints.ts'
import type { InfrastructureascodeJob, InfrastructureascodeJob as Job } from './models.ts'

/** What names a job. */
export interface GenesysJobRef {
  readonly jobId: string
}

/** Why a job did not succeed. Fields that the service did not send are undefined. */
export interface GenesysJobFailure
  extends Partial<Readonly<Record<'status' | 'message' | 'code', string | undefined>>> {
  /**
   * The first `Error:` block of `results`, in a few lines: without the colours and the frame that terraform puts around it, at most
   * 1 000 UTF-16 units. Undefined where `results` has none.
   */
  readonly reason?: string | undefined
  /** The output of the terraform run. */
  readonly results?: string | undefined
  /** The output of the rollback. */
  readonly rollbackResults?: string | undefined
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

// biome-ignore format: a table
const phases: ReadonlyMap<string | undefined, Phase> = new Map(Object.entries<Phase>({
  Created: 'queued', Queued: 'queued', Running: 'running', Complete: 'succeeded', InternalError: 'failed',
  Incomplete: 'failed', Failed: 'failed', RollbackFailed: 'failed', RollbackComplete: 'failed',
}))

const confirmInProgress = 2_000

/** A status that is not documented is judged by HTTP: 202 is a job in progress, 200 one that is over. */
const phaseOf = ({ status, value }: ApiResponse<Job>): Phase =>
  phases.get(value.status) ?? (status === 202 ? 'unknown' : 'ended')

const refOf = ({ id = '' }: Job): GenesysJobRef | undefined => (pathParam(id) ? undefined : { jobId: id })

// At a line's beginning, behind colours and terraform's frame. Each repetition has a bound: the text may have megabytes.
const firstError = /^(?:(?:\x1b\[|\x9b)[0-?]{0,20}[@-~]|[ \t│╷]){0,40}Error:/m
// ANSI sequences, also those that are cut off, and other control characters.
const invisible = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b\][^\x07\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]?|[^\P{Cc}\t\n]/gu

function reasonIn(results = ''): string | undefined {
  const start = firstError.exec(results)?.index
  if (start === undefined) return undefined
  const visible = clip(results.slice(start), 4_000)
    .replace(invisible, '')
    .replace(/^[ \t]*[│╷] ?/gm, '')
  // To the frame's end, or where there is no frame to the next block.
  return clip(visible.replace(/\n(?: *╵|(?:Error|Warning): )[^]*/, '').trim(), 1_000)
}

/** Takes the documented fields only: `errorInfo` may hold others. */
function failureOf({ status, errorInfo: { message, code } = {}, results, rollbackResults }: Job): GenesysJobFailure {
  return { message, code, status, reason: reasonIn(results), results, rollbackResults }
}

/**
 * The jobs as a source.
 *
 * Details hold whole terraform outputs. They are left out while a job is under way, and read once when it seems over. A read with
 * `expectFinal` asks for them in its only request.
 */
export function genesysJobs(
  client: Client,
  limits: Observable<RateLimit>,
  { confirmAfter, scheduler }: Pick<GenesysOptions, 'confirmAfter' | 'scheduler'>,
): GenesysJobs {
  const read = ({ jobId }: GenesysJobRef, details: boolean): Observable<ApiResponse<Job>> =>
    client.runWithResponse(getInfrastructureascodeJob, details ? { jobId, details } : { jobId }, { retry: false })

  function snapshotOf(response: ApiResponse<Job>): JobSnapshot<Job> {
    const { status, value: job } = response
    const wait = confirmAfter ?? (status === 202 ? confirmInProgress : 0)
    // A rollback may follow these two. It is not documented whether a job shows them before it.
    const mayGoOn = job.status === 'Failed' || job.status === 'Incomplete'
    return { job, phase: phaseOf(response), ...(mayGoOn && { confirmAfter: wait }) }
  }

  return {
    status: (ref, { expectFinal = false } = {}) =>
      read(ref, expectFinal).pipe(
        mergeMap((response) => (!expectFinal && isFinal(phaseOf(response)) ? read(ref, true) : of(response))),
        map(snapshotOf),
      ),
    refOf,
    keyOf: (ref) => pathOf(getInfrastructureascodeJob, ref),
    failure: (ref, job) => {
      if (phases.get(job.status) === 'succeeded') return of(undefined)
      const hasDetails = [job.errorInfo, job.results, job.rollbackResults].some((detail) => detail !== undefined)
      return hasDetails ? of(failureOf(job)) : read(ref, true).pipe(map(({ value }) => failureOf(value)))
    },
    list: jobList(client),
    // One without details; at the end one more with them.
    requests: 2,
    limits,
    ...(scheduler && { scheduler }),
  }
}

// The history shows everybody's jobs, so a list asks for more rows than it has jobs to find. The greatest number is not documented.
const spareRows = 20
const maxRows = 5_000

/** A row has no HTTP status to judge an unknown status by. `ended` makes the pool read the job. */
const listedPhase = ({ status }: Job): Phase => phases.get(status) ?? 'ended'

/**
 * Many jobs by one read of the history, without details.
 *
 * Jobs that were never read are looked for among the newest, others among those of the status that they had: a job that is no
 * longer there has changed.
 */
const jobList = (client: Client): JobList<GenesysJobRef, Job> => ({
  scopeOf: (_ref, last) => (last && isFinal(listedPhase(last)) ? undefined : (last?.status ?? '')),
  read: (status, refs) => {
    const maxResults = Math.min(2 * refs.length + spareRows, maxRows)
    const params: GetJobs = { maxResults, sortBy: 'dateSubmitted', sortOrder: 'desc', ...(status && { status }) }
    const rowOf = (job: Job): ReadonlyArray<ListedJob<GenesysJobRef, Job>> => {
      const ref = refOf(job)
      return ref ? [{ ref, job, phase: listedPhase(job), partial: true }] : []
    }
    const jobs = client.run(getInfrastructureascodeJobs, params, { retry: false })
    return jobs.pipe(map((rows) => rows.flatMap(rowOf)))
  },
})
