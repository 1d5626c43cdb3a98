import { defer, map, mergeMap, type Observable, of, throwIfEmpty } from 'rxjs'
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

/** The service promises no order. */
const newestJob = (pc: Connect, guid: string): Observable<JobRef> =>
  defer(() => pc.getJobs({ guid })).pipe(
    mergeMap((jobs) => [...jobs].sort(newestFirst).slice(0, 1)),
    throwIfEmpty(() => new Error(`the content ${guid} has no job`)),
    map(({ key = '' }) => ({ guid, key })),
  )

const newestFirst = (a: JobItem, b: JobItem): number => (b.start_time ?? '').localeCompare(a.start_time ?? '')
