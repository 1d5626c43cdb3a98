import { type Observable, of } from 'rxjs'
import {
  type Connection,
  followJob,
  type JobEvent,
  type JobLog,
  type JobStatus,
  type LogElement,
  type Outcome,
  pooled,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  watchJob,
} from 'rxjobs'
import { type ConnectJobFailure, connect, type JobItem, type JobRef } from 'rxjobs/connect'
import {
  accessToken,
  type GenesysJobFailure,
  type GenesysJobRef,
  genesys,
  type InfrastructureascodeJob,
} from 'rxjobs/genesys'
import { expectTypeOf, test } from 'vitest'

const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
const ref = { guid: 'g', key: 'k' }
const submitted = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' })

test('submit, watch, fetch errors: the types come out by themselves', () => {
  const watched = submitted.pipe(thenWatch(cx.jobs))
  expectTypeOf(watched).toEqualTypeOf<Observable<JobStatus<GenesysJobRef, InfrastructureascodeJob>>>()
  const outcomes = submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))
  expectTypeOf(outcomes).toEqualTypeOf<Observable<Outcome<InfrastructureascodeJob, GenesysJobFailure, GenesysJobRef>>>()
  const followed = submitted.pipe(thenFollow(cx.jobs))
  expectTypeOf(followed).toEqualTypeOf<
    Observable<JobEvent<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>
  >()
})

test('the same of Connect', () => {
  expectTypeOf(watchJob(pc.jobs, ref).pipe(thenFetchErrors(pc.jobs))).toEqualTypeOf<
    Observable<Outcome<JobItem, ConnectJobFailure, JobRef>>
  >()
  expectTypeOf(tailLog(pc.jobs, ref)).toEqualTypeOf<Observable<LogElement<JobRef>>>()
  expectTypeOf(of(ref).pipe(thenTail(pc.jobs))).toEqualTypeOf<Observable<LogElement<JobRef>>>()
  expectTypeOf(followJob(pc.jobs, ref)).toEqualTypeOf<Observable<JobEvent<JobRef, JobItem, ConnectJobFailure>>>()
})

test('a tail of a service without a log does not compile', () => {
  // @ts-expect-error: there is no log
  expectTypeOf(tailLog(cx.jobs, { jobId: '42' }))
  // @ts-expect-error: there is no log
  expectTypeOf(submitted.pipe(thenTail(cx.jobs)))
  expectTypeOf(cx.jobs.log).toEqualTypeOf<JobLog<GenesysJobRef> | undefined>()
  expectTypeOf(pc.jobs.log).toEqualTypeOf<JobLog<JobRef>>()
})

test('what names another service’s job does not compile', () => {
  // @ts-expect-error: a reference of Connect
  expectTypeOf(watchJob(cx.jobs, ref))
  // @ts-expect-error: a reference of Genesys
  expectTypeOf(watchJob(pc.jobs, { jobId: '42' }))
  // @ts-expect-error: jobs of Genesys watched at Connect
  expectTypeOf(submitted.pipe(thenWatch(pc.jobs)))
  // @ts-expect-error: statuses of Genesys judged by Connect
  expectTypeOf(submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(pc.jobs)))
})

test('a connection says which job it is of', () => {
  const pool = pooled(cx.jobs, { requestsPerMinute: 300 })
  for (const source of [cx.jobs, pool]) {
    watchJob(source, { jobId: '42' }, { onConnection: ({ ref: { jobId } }) => expectTypeOf(jobId).toBeString() })
    thenWatch(source, { onConnection: ({ ref: { jobId } }) => expectTypeOf(jobId).toBeString() })
  }
  thenTail(pc.jobs, { onConnection: (told) => expectTypeOf(told).toEqualTypeOf<Connection<JobRef>>() })
  thenFetchErrors(pc.jobs, { onConnection: (told) => expectTypeOf(told).toEqualTypeOf<Connection<JobRef>>() })
  // One for all services goes with each.
  const log = ({ ref: about, state }: Connection): void => console.log(about, state)
  expectTypeOf(watchJob(pc.jobs, ref, { onConnection: log })).toEqualTypeOf<Observable<JobStatus<JobRef, JobItem>>>()
  expectTypeOf(submitted.pipe(thenFollow(cx.jobs, { onConnection: log }))).toEqualTypeOf<
    Observable<JobEvent<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>
  >()
  const ofGenesys = ({ ref: { jobId } }: Connection<GenesysJobRef>): void => console.log(jobId)
  // @ts-expect-error: a job of Connect has no jobId
  watchJob(pc.jobs, ref, { onConnection: ofGenesys })
})

test('what is emitted is told apart by its tag', () => {
  followJob(pc.jobs, ref).subscribe((event) => {
    if (event._tag === 'Settled') expectTypeOf(event.outcome.job).toEqualTypeOf<JobItem>()
    if (event._tag === 'Line') expectTypeOf(event.data).toEqualTypeOf<string>()
    if (event._tag === 'Gap') expectTypeOf(event.reason).toExtend<string>()
    // @ts-expect-error: no such event
    if (event._tag === 'End') expectTypeOf(event)
  })
  watchJob(cx.jobs, { jobId: '42' }, { cadence: (job) => (job.dryRun ? 5 : 500) }).subscribe(({ job, phase }) => {
    expectTypeOf(job).toEqualTypeOf<InfrastructureascodeJob>()
    // @ts-expect-error: phases are a closed set
    expectTypeOf(phase === 'complete')
  })
})
