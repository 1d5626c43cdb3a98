import { catchError, defer, map, type Observable, of, throwError } from 'rxjs'
import { type ConnectionSetup, ConnectionState, StreamRetry } from './connection.ts'
import { isApiError } from './errors.ts'
import type { FinalStatus, JobSource, Outcome, WatchOptions } from './types.ts'

// The reason of a failure is worth fewer attempts than the job itself.
const maxAttempts = 5

/**
 * The outcome of a job that is over: reads the reason where it failed. Where that cannot be read the outcome says so; it fails only
 * with what is no ApiError.
 */
export function outcomeOf<Ref, Job, Failure, Submitted>(
  source: JobSource<Ref, Job, Failure, Submitted>,
  { ref, job, phase }: FinalStatus<Ref, Job>,
  { retry, random }: Pick<WatchOptions, 'retry' | 'random'>,
  connections: Omit<ConnectionSetup, 'retry'>,
): Observable<Outcome<Ref, Job, Failure>> {
  const known = { ref, job }
  if (phase !== 'failed') return of({ phase, ...known })
  return defer(() => {
    const own = new StreamRetry(source, { retry: { maxAttempts, ...retry }, random })
    const setup: ConnectionSetup = { ...connections, retry: own }
    // The job was read: the connection is open.
    return new ConnectionState('status', setup, true)
      .once(() => source.failure(ref, job))
      .pipe(
        map((failure): Outcome<Ref, Job, Failure> => ({ phase, ...known, ...(failure !== undefined && { failure }) })),
        catchError((error: unknown) =>
          isApiError(error) ? of({ phase, ...known, failureError: error }) : throwError(() => error),
        ),
      )
  })
}
