import { type Observable, of } from 'rxjs'
import { tailLog, thenFetchErrors, thenFollow, thenTail, thenWatch, watchJob } from 'rxjobs'
import type { Connect, JobRef } from 'rxjobs/connect'
import type { GenesysJobRef, InfrastructureascodeJob } from 'rxjobs/genesys'
import { jobSourceLaws, type StreamLawOptions, streamLaws, type TestFunction, testLaws } from 'rxjobs/testing'
import { describe, test } from 'vitest'
import { connectJob, connectTask, genesysJob, soon } from './support/sandboxed.ts'

// The laws on real sockets: every stream on the services that come with the package. A busy machine may be late by itself.
const real: TestFunction = (name, body) => test.concurrent(name, { retry: 2, timeout: 40_000 }, body)

describe('the jobs of Connect', () => {
  testLaws(
    real,
    jobSourceLaws(async () => {
      const service = await connectJob()
      return { ...service, ...soon, source: service.client.jobs }
    }),
  )
})

describe('the jobs of Genesys', () => {
  testLaws(
    real,
    jobSourceLaws(async () => {
      const service = await genesysJob()
      return { ...service, ...soon, source: service.client.jobs }
    }),
  )
})

describe('the tasks of Connect', () => {
  testLaws(
    real,
    jobSourceLaws(async () => {
      const service = await connectTask()
      return { ...service, ...soon, source: service.client.tasks }
    }),
  )
})

type On<Client, Ref> = (client: Client, ref: Ref, options: StreamLawOptions) => Observable<unknown>

const onConnect: Readonly<Record<string, On<Connect, JobRef>>> = {
  watchJob: ({ jobs }, ref, options) => watchJob(jobs, ref, { ...options, ...soon }),
  tailLog: ({ jobs }, ref, options) => tailLog(jobs, ref, { ...options, ...soon }),
  thenTail: ({ jobs }, ref, options) => of(ref).pipe(thenTail(jobs, { ...options, ...soon })),
  thenFollow: ({ jobs }, ref, options) => of(ref).pipe(thenFollow(jobs, { ...options, ...soon })),
}

describe.each(Object.entries(onConnect))('%s on Connect', (_, make) => {
  testLaws(
    real,
    streamLaws(async () => {
      const service = await connectJob()
      return { ...service, stream: (ref: JobRef, options) => make(service.client, ref, options) }
    }),
  )
})

describe('thenWatch and thenFetchErrors on Genesys, from the POST on', () => {
  testLaws(
    real,
    streamLaws(async () => {
      const service = await genesysJob(false)
      const { client, missing } = service
      return {
        ...service,
        stream: (ref: GenesysJobRef, options: StreamLawOptions) => {
          const submitted: Observable<InfrastructureascodeJob> =
            ref === missing
              ? of({ id: ref.jobId, dryRun: false })
              : client.postInfrastructureascodeJobs({ acceleratorId: 'twin-queues' })
          return submitted.pipe(thenWatch(client.jobs, { ...options, ...soon }), thenFetchErrors(client.jobs, options))
        },
      }
    }),
  )
})
