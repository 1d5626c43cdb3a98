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
  if (phase !== 'failed') return of({ phase, ref, job })
  return defer(() => {
    const own = new StreamRetry(source, { retry: { maxAttempts, ...retry }, ...(random && { random }) })
    // The job was read: the connection is open.
    const { scheduler } = connections
    const setup: ConnectionSetup = { scheduler, retry: own, report: (change) => connections.report(change) }
    const connection = new ConnectionState('status', setup, true)
    const known = { phase, ref, job }
    return connection
      .once(() => source.failure(ref, job))
      .pipe(
        map((failure): Outcome<Ref, Job, Failure> => (failure === undefined ? known : { ...known, failure })),
        catchError((error: unknown) =>
          isApiError(error) ? of({ ...known, failureError: error }) : throwError(() => error),
        ),
      )
  })
}
