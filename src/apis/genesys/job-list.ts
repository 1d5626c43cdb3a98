import { catchError, map, of, throwError } from 'rxjs'
import { none, some } from '../../core/option.ts'
import { type Client, isHttpError } from '../../core/index.ts'
import type { JobList, Phase } from '../../streams/index.ts'
import type { InfrastructureascodeJob } from './infrastructureascode-job.ts'
import type { GenesysJobRef } from './job-source.ts'
import { getInfrastructureascodeJobs } from './jobs.ts'

// The history is everybody's: rows for the jobs of others, too.
const spareRows = 20

// No document says how many rows may be asked for. A service that refuses is asked for half as many the next time.
const mostRows = 5_000
const fewRows = 100

const filters: ReadonlySet<string | undefined> = new Set(['Created', 'Queued', 'Running'])
const newest = ''

/**
 * Many jobs by one call to the history, without details.
 *
 * Jobs that were never looked at are found among the newest. After that each is asked for by the status it had: as long
 * as it is there nothing happened, and one that is no longer there is worth a look.
 */
export function genesysJobList(
  client: Client,
  phaseOf: (status: string | undefined) => Phase | undefined,
): JobList<GenesysJobRef, InfrastructureascodeJob> {
  let most = mostRows
  return {
    scopeOf: (_ref, last) => {
      if (last === undefined) return some(newest)
      return last.status !== undefined && filters.has(last.status) ? some(last.status) : none
    },
    read: (status, refs) => {
      const filter = {
        maxResults: Math.min(2 * refs.length + spareRows, most),
        sortBy: 'dateSubmitted',
        sortOrder: 'desc',
        ...(status === newest ? {} : { status }),
      } as const
      return client.run(getInfrastructureascodeJobs, filter, { retry: false }).pipe(
        map((jobs) => {
          const byId = new Map(jobs.map((job) => [job.id, job]))
          return refs.flatMap((ref) => {
            const job = byId.get(ref.jobId)
            // A row has no HTTP status to judge an unknown status by: it is a reason to look.
            return job === undefined ? [] : [{ ref, job, phase: phaseOf(job.status) ?? 'ended' }]
          })
        }),
        catchError((error: unknown) => {
          const tooMany = isHttpError(error) && error.status === 400 && filter.maxResults > fewRows
          if (!tooMany) return throwError(() => error)
          most = Math.max(fewRows, Math.floor(filter.maxResults / 2))
          return of([])
        }),
      )
    },
  }
}
