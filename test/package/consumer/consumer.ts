// A program that uses the package, compiled against its declarations without lib.dom and without the types of Node.
import type { Observable } from 'rxjs'
import {
  type ApiError,
  attempt,
  followJob,
  type JobEvent,
  type JobStatus,
  type LogElement,
  type Outcome,
  tailLog,
  thenFetchErrors,
  thenWatch,
  toAsyncIterable,
  watchJob,
} from 'rxjobs'
import { connect, type JobItem, type JobRef } from 'rxjobs/connect'
import { type Endpoint, fetchTransport, inPath, noContent, type Transport } from 'rxjobs/core'
import {
  clientCredentials,
  type GenesysJobFailure,
  type GenesysJobRef,
  genesys,
  type InfrastructureascodeJob,
} from 'rxjobs/genesys'
import { type ConformanceCheck, fakeJob, jobSourceConformance, streamConformance } from 'rxjobs/testing'

const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
const cx = genesys({ region: 'eu_central_1', auth: clientCredentials({ clientId: 'id', clientSecret: 'secret' }) })
const job: JobRef = { guid: 'a-guid', key: 'a-key' }

export const transport: Transport = fetchTransport()
export const endpoint: Endpoint<{ readonly id: string }, null> = {
  name: 'stop',
  method: 'POST',
  path: '/runs/{id}/stop',
  parameters: { id: inPath },
  responses: { 204: noContent(null) },
}
export const statuses: Observable<JobStatus<JobRef, JobItem>> = watchJob(pc.jobs, job, { pollInterval: 1_000 })
export const lines: AsyncIterable<LogElement<JobRef>> = toAsyncIterable(tailLog(pc.jobs, job, { from: { last: 20 } }))
export const events: Observable<JobEvent<JobRef, JobItem, unknown>> = followJob(pc.jobs, job)
export const outcomes: Observable<Outcome<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>> = cx
  .postInfrastructureascodeJobs({ acceleratorId: 'an-id' })
  .pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))

const fake = fakeJob("q 1s r 'compiling' 1h f")
export const checks: ReadonlyArray<ConformanceCheck> = [
  ...jobSourceConformance(() => Promise.resolve(fakeJob('q 1s s'))),
  ...streamConformance(() =>
    Promise.resolve({ ...fake, stream: (ref: string, options) => watchJob(fake.source, ref, options) }),
  ),
]

export const settled = statuses.pipe(attempt())
export const tagOf = (error: ApiError): string => error._tag
