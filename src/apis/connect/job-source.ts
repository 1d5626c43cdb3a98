import type { Option } from 'fp-ts/lib/Option.js'
import { none, some } from '../../core/option.ts'
import { catchError, EMPTY, map, mergeMap, type Observable, of, type SchedulerLike, tap, throwError } from 'rxjs'
import {
  type CallOptions,
  type Client,
  isApiError,
  isHttpError,
  isTransient,
  pathOf,
  segment,
} from '../../core/index.ts'
import type { JobLog, LoggedJobSource, Reading } from '../../streams/index.ts'
import { sameValue } from '../../streams/same-value.ts'
import type { JobItem } from './job-item.ts'
import { endOf, isOver, progressOf } from './job-phase.ts'
import { getJob, getJobs, type JobRef, jobError, killJob } from './jobs.ts'
import type { LoggedError } from './logged-error.ts'

/**
 * Why a job did not succeed.
 *
 * A job that was killed looks like one that crashed: the service does not say who stopped it. Its exit code is 128 and the
 * signal's number (143 for SIGTERM, 137 for SIGKILL), unless the program caught the signal, and no error is logged.
 */
export interface ConnectJobFailure {
  /** Null where the service does not know it. */
  readonly exitCode: number | null
  /** What the service logged as the error; none where it logged none. */
  readonly error: Option<LoggedError>
}

/** The content jobs of Posit Connect as a {@link JobSource}, with their log, and a way to stop them. */
export interface ConnectJobs extends LoggedJobSource<JobRef, JobItem, ConnectJobFailure> {
  /** Registers a kill order and completes; a job that is over already is no failure. The job's end comes later. */
  readonly cancel: (ref: JobRef) => Observable<void>
}

/** What {@link connectJobs} is made of. */
export interface ConnectJobsOptions {
  readonly client: Client
  readonly log: JobLog<JobRef>
  /** Milliseconds that a finished job must stay so before it counts as over without being finalized. */
  readonly settle: number
  readonly scheduler: SchedulerLike | undefined
}

const once: CallOptions = { retry: false }
const jobNotActive = 163

/** The job but for its heartbeat, which moves at every look. */
const told = (job: JobItem): object => ({ ...job, last_heartbeat_time: undefined })

/** The jobs as a source. The error is read once, when a job is over, and kept for `failure` as long as the job is. */
export function connectJobs({ client, log, settle, scheduler }: ConnectJobsOptions): ConnectJobs {
  const errors = new WeakMap<JobItem, Option<LoggedError>>()

  /** The error that decides about success. Where it cannot be had for good, the exit code alone must do. */
  const deciding = (ref: JobRef): Observable<Option<LoggedError>> =>
    client
      .run(jobError, ref, once)
      .pipe(
        catchError((error: unknown) => (isApiError(error) && isTransient(error) ? throwError(() => error) : of(none))),
      )

  function judged(ref: JobRef, job: JobItem): Observable<Reading<JobRef, JobItem>> {
    const progress = progressOf(job)
    if (!isOver(progress)) return of({ ref, job, phase: progress })
    const wait = progress === 'finished' ? { settle } : {}
    if (typeof job.exit_code === 'number' && job.exit_code !== 0)
      return of({ ref, job, phase: endOf(job, none), ...wait })
    return deciding(ref).pipe(
      tap((error) => errors.set(job, error)),
      map((error) => ({ ref, job, phase: endOf(job, error), ...wait })),
    )
  }

  return {
    status: (ref) => client.run(getJob, ref, once).pipe(mergeMap((job) => judged(ref, job))),
    refOf: (ref) => (segment(ref.key) === undefined ? some({ guid: ref.guid, key: ref.key }) : none),
    keyOf: ({ guid, key }) => pathOf(getJob, { guid, key }),
    failure: (ref, job) => {
      const known = errors.get(job)
      const error = known === undefined ? client.run(jobError, ref, once) : of(known)
      return error.pipe(
        map((logged) =>
          endOf(job, logged) === 'failed' ? some({ exitCode: job.exit_code ?? null, error: logged }) : none,
        ),
      )
    },
    same: (a, b) => sameValue(told(a), told(b)),
    // The job, and at its end its error.
    requests: 2,
    list: {
      scopeOf: ({ guid }) => some(guid),
      read: (guid, refs) =>
        client.run(getJobs, { guid }, once).pipe(
          map((jobs) => {
            const byKey = new Map(jobs.map((job) => [job.key, job]))
            return refs.flatMap((ref) => {
              const job = byKey.get(ref.key)
              return job === undefined ? [] : [{ ref, job, phase: phaseInList(job) }]
            })
          }),
        ),
    },
    cancel: (ref) =>
      client.run(killJob, ref, once).pipe(
        mergeMap(() => EMPTY),
        catchError((error: unknown) =>
          isHttpError(error) && error.status === 409 && error.code === jobNotActive ? EMPTY : throwError(() => error),
        ),
      ),
    log,
    ...(scheduler === undefined ? {} : { scheduler }),
  }
}

/** A row says that a job is over, not how it ended. */
function phaseInList(job: JobItem): Reading<JobRef, JobItem>['phase'] {
  const progress = progressOf(job)
  return isOver(progress) ? 'ended' : progress
}
