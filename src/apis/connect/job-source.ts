import { catchError, EMPTY, map, mergeMap, type Observable, of, type SchedulerLike, throwError } from 'rxjs'
import {
  type CallOptions,
  type Client,
  type Endpoint,
  isBranded,
  isRequestError,
  isTransient,
  pathOf,
  pathParam,
  textLines,
} from '../../core/index.ts'
import {
  isEqual,
  isFinal,
  type JobLog,
  type JobSnapshot,
  type ListedJob,
  type LoggedJobSource,
  type Phase,
} from '../../streams/index.ts'
import { getJob, getJobs, type JobRef, jobDownloadLog, jobError, jobLogs, jobTailLog, killJob } from './endpoints.ts'
import { entryBatches } from './decoders.ts'
import type { JobItem, LogEntry, LoggedError } from './models.ts'

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
}

const once: CallOptions = { retry: false }
const jobNotActive = 163

const isGiven = (value: string | null | undefined): value is string =>
  value !== undefined && value !== null && value !== ''

/**
 * The phase by the job alone. `ended`: over without an exit code, so that only its logged error can tell a failure.
 *
 * A status that nobody knows counts as over once there is an end time.
 */
export function phaseOf({ status, queued_time, start_time, end_time, exit_code, error }: JobItem): Phase {
  if (status === 0) return isGiven(queued_time) && !isGiven(start_time) ? 'queued' : 'running'
  if (status === 3) return 'skipped'
  if (status !== 1 && status !== 2 && !isGiven(end_time)) return 'unknown'
  if (isGiven(error) || (typeof exit_code === 'number' && exit_code !== 0)) return 'failed'
  return exit_code === 0 ? 'succeeded' : 'ended'
}

const withoutHeartbeat = (job: JobItem): object => ({ ...job, last_heartbeat_time: undefined })

/** {@link jobDownloadLog} in batches of lines. */
const downloadLines: Endpoint<JobRef, ReadonlyArray<string>> = {
  ...jobDownloadLog,
  parameters: getJob.parameters,
  responses: { 200: textLines },
}

/** {@link jobTailLog} in batches, an empty one when the connection is open and at each keep-alive. */
const tailBatches: Endpoint<JobRef, ReadonlyArray<LogEntry>> = { ...jobTailLog, responses: { 200: entryBatches } }

/**
 * The log of a content job: window, live connection, download.
 *
 * @param maxLineLength of the client: a line of a download that is cut is as long as that, so whole ones are shorter
 */
export const connectJobLog = (client: Client, maxLineLength: number): JobLog<JobRef> => ({
  read: (ref, maxLogLines) => client.run(jobLogs, { ...ref, maxLogLines }, once).pipe(map(({ entries }) => entries)),
  stream: (ref) => client.run(tailBatches, ref, once),
  download: (ref) => client.run(downloadLines, ref, once),
  maxLineLength: maxLineLength - 1,
})

/** Why a job failed; undefined where it did not. */
function failureOf(job: JobItem, logged: LoggedError | undefined): ConnectJobFailure | undefined {
  const error = logged ?? (isGiven(job.error) ? { summary: job.error } : undefined)
  if (error === undefined && phaseOf(job) !== 'failed') return undefined
  return { exitCode: job.exit_code ?? null, ...(error && { error }) }
}

const isNotActive = (error: unknown): boolean =>
  isRequestError(error) && error._tag === 'HttpError' && error.status === 409 && error.code === jobNotActive

/**
 * The jobs as a source. A status sends one request, and one more for a job that is over without an exit code.
 *
 * @param confirmAfter milliseconds that a finished job must stay so before it counts as over without being finalized
 */
export function connectJobs(
  client: Client,
  log: JobLog<JobRef>,
  confirmAfter: number,
  scheduler: SchedulerLike | undefined,
): ConnectJobs {
  const snapshotOf = (job: JobItem, phase: Phase): JobSnapshot<JobItem> =>
    isFinal(phase) && job.status !== 2 && job.status !== 3 ? { job, phase, confirmAfter } : { job, phase }

  const errorOf = (ref: JobRef): Observable<LoggedError | undefined> =>
    client.run(jobError, ref, once).pipe(map((error) => (error._tag === 'Some' ? error.value : undefined)))

  /** Where the error cannot be read for good, how the job ended remains unknown. */
  const judge = (ref: JobRef, job: JobItem): Observable<JobSnapshot<JobItem>> => {
    const phase = phaseOf(job)
    if (phase !== 'ended') return of(snapshotOf(job, phase))
    return errorOf(ref).pipe(
      catchError((error: unknown) =>
        isBranded(error) && !isTransient(error) ? of(undefined) : throwError(() => error),
      ),
      map((error) => snapshotOf(job, error === undefined ? 'ended' : 'failed')),
    )
  }

  const rowOf = (ref: JobRef, job: JobItem): ListedJob<JobRef, JobItem> => {
    const row = { ref, ...snapshotOf(job, phaseOf(job)) }
    return row.phase === 'ended' ? { ...row, partial: true } : row
  }

  return {
    status: (ref) => client.run(getJob, ref, once).pipe(mergeMap((job) => judge(ref, job))),
    refOf: ({ guid, key }) => (pathParam(key) === undefined ? { guid, key } : undefined),
    keyOf: ({ guid, key }) => pathOf(getJob, { guid, key }),
    failure: (ref, job) => errorOf(ref).pipe(map((error) => failureOf(job, error))),
    same: (a, b) => isEqual(withoutHeartbeat(a), withoutHeartbeat(b)),
    requests: 2,
    list: {
      scopeOf: ({ guid }) => guid,
      read: (guid, refs) =>
        client.run(getJobs, { guid }, once).pipe(
          map((jobs) => {
            const byKey = new Map(jobs.map((job) => [job.key, job]))
            const listed = refs.map((ref) => ({ ref, job: byKey.get(ref.key) }))
            return listed.flatMap(({ ref, job }) => (job === undefined ? [] : [rowOf(ref, job)]))
          }),
        ),
    },
    cancel: (ref) =>
      client.run(killJob, ref, once).pipe(
        mergeMap(() => EMPTY),
        catchError((error: unknown) => (isNotActive(error) ? EMPTY : throwError(() => error))),
      ),
    log,
    ...(scheduler && { scheduler }),
  }
}
