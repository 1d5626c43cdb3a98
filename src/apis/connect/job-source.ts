import {
  catchError,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  throwError,
} from 'rxjs'
import {
  type CallOptions,
  type Client,
  HttpError,
  isBranded,
  isTransient,
  pathOf,
  pathParam,
  textLines,
} from '../../core/index.ts'
import {
  isEqual,
  isFinal,
  type JobSnapshot,
  type ListedJob,
  type LoggedJobSource,
  type Phase,
} from '../../streams/index.ts'
import {
  type ContentRef,
  getJob,
  getJobs,
  jobDownloadLog,
  jobError,
  jobLogs,
  type JobRef,
  jobTailLog,
  killJob,
} from './endpoints.ts'
import { entryBatches } from './decoders.ts'
import type { JobItem, LoggedError } from './models.ts'

/**
 * Why a job did not succeed.
 *
 * The service does not say whether a job was killed. Such a job has the exit code 128 plus the signal's number (143 for SIGTERM, 137
 * for SIGKILL), unless the program caught the signal, and no error.
 */
export interface ConnectJobFailure {
  /** Null where the service does not know it. */
  readonly exitCode: number | null
  /** Absent where the service logged none. */
  readonly error?: LoggedError
}

/** The content jobs of Posit Connect as a JobSource, with their log and cancellation. */
export interface ConnectJobs extends LoggedJobSource<JobRef, JobItem, ConnectJobFailure> {
  /** Registers a kill order and completes, also for a job that is over. The job ends some time later. */
  readonly cancel: (ref: JobRef) => Observable<void>
  /** The dashboard's pages of the content and of its logs. The dashboard has no page of a single job. */
  readonly links: (ref: ContentRef) => { readonly content: string; readonly log: string }
}

const once: CallOptions = { retry: false }
const jobNotActive = 163

/**
 * The phase by the job alone. `ended`: over without an exit code, so that only its logged error can tell a failure.
 *
 * A status that nobody knows counts as over once there is an end time.
 */
export function phaseOf({ status, queued_time, start_time, end_time, exit_code, error }: JobItem): Phase {
  if (status === 0) return queued_time && !start_time ? 'queued' : 'running'
  if (status === 3) return 'skipped'
  if (status !== 1 && status !== 2 && !end_time) return 'unknown'
  if (error || exit_code) return 'failed'
  return exit_code === 0 ? 'succeeded' : 'ended'
}

const withoutHeartbeat = (job: JobItem): object => ({ ...job, last_heartbeat_time: undefined })

/** Why a job failed; undefined where it did not. */
function failureOf(job: JobItem, logged: LoggedError | undefined): ConnectJobFailure | undefined {
  const error = logged ?? (job.error ? { summary: job.error } : undefined)
  if (error === undefined && phaseOf(job) !== 'failed') return undefined
  return { exitCode: job.exit_code ?? null, ...(error && { error }) }
}

/** Where the error of a job cannot be read for good, how it ended remains unknown. */
const unlessPassing = (error: unknown): Observable<undefined> =>
  isBranded(error) && !isTransient(error) ? of(undefined) : throwError(() => error)

/**
 * The jobs as a source. A status sends one request, and one more for a job that is over without an exit code.
 *
 * @param server its address, for links
 * @param confirmAfter milliseconds that a finished job must stay so before it counts as over without being finalized
 * @param maxLineLength of the client: a line of a download that is cut is as long as that, so whole ones are shorter
 */
export function connectJobs(
  client: Client,
  server: string,
  confirmAfter: number,
  maxLineLength: number,
  scheduler: SchedulerLike | undefined,
): ConnectJobs {
  const snapshotOf = (job: JobItem, logged?: LoggedError): JobSnapshot<JobItem> => {
    const phase = logged ? 'failed' : phaseOf(job)
    return isFinal(phase) && job.status !== 2 && job.status !== 3 ? { job, phase, confirmAfter } : { job, phase }
  }

  const errorOf = (ref: JobRef): Observable<LoggedError | undefined> =>
    client.run(jobError, ref, once).pipe(map((error) => (error._tag === 'Some' ? error.value : undefined)))

  const statusOf = (ref: JobRef, job: JobItem): Observable<JobSnapshot<JobItem>> => {
    if (phaseOf(job) !== 'ended') return of(snapshotOf(job))
    return errorOf(ref).pipe(
      catchError(unlessPassing),
      map((logged) => snapshotOf(job, logged)),
    )
  }

  const rowOf = (guid: string, job: JobItem): ReadonlyArray<ListedJob<JobRef, JobItem>> => {
    const { key = '' } = job
    const row = { ref: { guid, key }, ...snapshotOf(job) }
    if (pathParam(key) !== undefined) return []
    return row.phase === 'ended' ? [{ ...row, partial: true }] : [row]
  }

  return {
    status: (ref) => client.run(getJob, ref, once).pipe(mergeMap((job) => statusOf(ref, job))),
    refOf: ({ guid, key }) => (pathParam(key) === undefined ? { guid, key } : undefined),
    keyOf: (ref) => pathOf(getJob, ref),
    failure: (ref, job) => errorOf(ref).pipe(map((error) => failureOf(job, error))),
    same: (a, b) => isEqual(withoutHeartbeat(a), withoutHeartbeat(b)),
    links: ({ guid }) => {
      const content = `${server}/connect/#/apps/${encodeURIComponent(guid)}`
      return { content, log: `${content}/logs` }
    },
    requests: 2,
    list: {
      scopeOf: ({ guid }) => guid,
      read: (guid) => client.run(getJobs, { guid }, once).pipe(map((jobs) => jobs.flatMap((job) => rowOf(guid, job)))),
    },
    cancel: (ref) =>
      client.run(killJob, ref, once).pipe(
        ignoreElements(),
        catchError((error: unknown) =>
          error instanceof HttpError && error.code === jobNotActive ? EMPTY : throwError(() => error),
        ),
      ),
    log: {
      read: (ref, maxLogLines) =>
        client.run(jobLogs, { ...ref, maxLogLines }, once).pipe(map(({ entries }) => entries)),
      stream: (ref) => client.run({ ...jobTailLog, responses: { 200: entryBatches } }, ref, once),
      download: (ref) => client.run({ ...jobDownloadLog, responses: { 200: textLines } }, ref, once),
      maxLineLength: maxLineLength - 1,
    },
    ...(scheduler && { scheduler }),
  }
}
