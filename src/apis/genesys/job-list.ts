import { map } from 'rxjs'
import { none, some } from '../../core/option.ts'
import type { Client } from '../../core/index.ts'
import type { JobList, Phase } from '../../streams/index.ts'
import type { InfrastructureascodeJob } from './infrastructureascode-job.ts'
import type { GenesysJobRef } from './job-source.ts'
import { getInfrastructureascodeJobs } from './jobs.ts'

// The history is everybody's: rows for the jobs of others, too, and a bound, because no document states one.
const spareRows = 20
const mostRows = 1_000

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
  return {
    scopeOf: (_ref, last) => {
      if (last === undefined) return some(newest)
      return last.status !== undefined && filters.has(last.status) ? some(last.status) : none
    },
    read: (status, refs) => {
      const filter = {
        maxResults: Math.min(2 * refs.length + spareRows, mostRows),
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
      )
    },
  }
}
