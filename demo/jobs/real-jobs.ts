import { map, type Observable, of } from 'rxjs'
import { type Connect, connect, type JobItem, type JobRef } from 'rxjobs/connect'
import { clientCredentials, genesys } from 'rxjobs/genesys'
import type { ConnectTarget, GenesysTarget, Targets } from '../targets.ts'
import { connectJob } from './connect-job.ts'
import { genesysJob } from './genesys-job.ts'
import type { DemoJob } from './told.ts'

/** The jobs on the services that the environment points at. */
export const realJobs = (targets: Targets): ReadonlyArray<DemoJob> => [
  ...(targets.genesys === undefined ? [] : [genesysTargetJob(targets.genesys)]),
  ...(targets.connect === undefined ? [] : [connectTargetJob(targets.connect)]),
]

function genesysTargetJob({ place, clientId, clientSecret, input }: GenesysTarget): DemoJob {
  return genesysJob(genesys({ ...place, auth: clientCredentials({ clientId, clientSecret }) }), input)
}

function connectTargetJob({ server, apiKey, guid, key }: ConnectTarget): DemoJob {
  const pc = connect({ server, apiKey })
  return connectJob(pc, 'connect-job', key === undefined ? newestJob(pc, guid) : of({ guid, key }))
}

/** The service promises no order; a content without jobs gives a key that names none, which the operators refuse. */
const newestJob = (pc: Connect, guid: string): Observable<JobRef> =>
  pc.getJobs({ guid }).pipe(
    map((jobs) => [...jobs].sort(byStart).at(-1)),
    map((newest) => ({ guid, key: newest?.key ?? '' })),
  )

const byStart = (a: JobItem, b: JobItem): number => (a.start_time ?? '').localeCompare(b.start_time ?? '')
