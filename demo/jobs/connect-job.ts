import type { Observable } from 'rxjs'
import { thenFollow } from 'rxjobs'
import type { Connect, ConnectJobFailure, JobItem, JobRef } from 'rxjobs/connect'
import { tell, type Words } from './tell.ts'
import type { DemoJob } from './told.ts'

/** Follows each job on Posit Connect that `started` names, log and all. */
export const connectJob = (pc: Connect, name: string, started: Observable<JobRef>): DemoJob => ({
  name,
  told: started.pipe(thenFollow(pc.jobs), tell(words)),
})

const statuses = ['active', 'finished', 'finalized']

/** A job of Connect in words. */
export const words: Words<JobItem, ConnectJobFailure> = {
  status: ({ status = -1 }) => statuses[status] ?? 'in a status that is not known',
  why: ({ exitCode, error }) => [
    `exit code ${exitCode ?? 'unknown'}`,
    ...(error._tag === 'Some' ? [`${error.value.code ?? 'error'}: ${error.value.summary ?? 'no reason given'}`] : []),
  ],
}
