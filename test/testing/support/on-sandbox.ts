import { type Observable, of } from 'rxjs'
import { followJob, tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch, watchJob } from 'rxjobs'
import type { Connect, JobRef } from 'rxjobs/connect'
import type { Fetch } from 'rxjobs/core'
import type { GenesysJobRef, InfrastructureascodeJob } from 'rxjobs/genesys'
import {
  type ConformanceCheck,
  jobSourceConformance,
  type StreamUnderTestOptions,
  streamConformance,
} from 'rxjobs/testing'
import { connectJob, connectTask, genesysJob, soon } from './sandboxed.ts'

type On<Client, Ref> = (client: Client, ref: Ref, options: StreamUnderTestOptions) => Observable<unknown>

const onConnect: Readonly<Record<string, On<Connect, JobRef>>> = {
  watchJob: ({ jobs }, ref, options) => watchJob(jobs, ref, { ...options, ...soon }),
  tailLog: ({ jobs }, ref, options) => tailLog(jobs, ref, { ...options, ...soon }),
  followJob: ({ jobs }, ref, options) => followJob(jobs, ref, { ...options, ...soon }),
  thenTail: ({ jobs }, ref, options) => of(ref).pipe(thenTail(jobs, { ...options, ...soon })),
  thenFollow: ({ jobs }, ref, options) => of(ref).pipe(thenFollow(jobs, { ...options, ...soon })),
}

/** The suite on real sockets, by the streams that it checks. */
export const onSandbox = (fetch: Fetch): Readonly<Record<string, ReadonlyArray<ConformanceCheck>>> => ({
  'connect().jobs': jobSourceConformance(async () => {
    const service = await connectJob(fetch)
    return { ...service, ...soon, source: service.client.jobs }
  }),
  'connect().tasks': jobSourceConformance(async () => {
    const service = await connectTask(fetch)
    return { ...service, ...soon, source: service.client.tasks }
  }),
  'genesys().jobs': jobSourceConformance(async () => {
    const service = await genesysJob(fetch)
    return { ...service, ...soon, source: service.client.jobs }
  }),
  ...Object.fromEntries(
    Object.entries(onConnect).map(([name, make]) => [
      `${name} on Connect`,
      streamConformance(async () => {
        const service = await connectJob(fetch, name.startsWith('then'))
        return { ...service, stream: (ref: JobRef, options) => make(service.client, ref, options) }
      }),
    ]),
  ),
  'thenWatch and thenFetchErrors on Genesys': streamConformance(async () => {
    const { client, missing, ...service } = await genesysJob(fetch, false)
    const stream = (ref: GenesysJobRef, options: StreamUnderTestOptions): Observable<unknown> => {
      const submitted: Observable<InfrastructureascodeJob> =
        ref === missing
          ? of({ id: ref.jobId, dryRun: false })
          : client.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues' })
      return submitted.pipe(thenWatch(client.jobs, { ...options, ...soon }), thenFetchErrors(client.jobs, options))
    }
    return { ...service, stream, ...(missing === undefined ? {} : { missing }) }
  }),
})
