import { type Observable, of } from 'rxjs'
import {
  type ApiError,
  type Connection,
  cancelJob,
  type FinalPhase,
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
import { type FakeStatus, fakeJob } from 'rxjobs/testing'
import { expectTypeOf, test } from 'vitest'

const cx = genesys({ region: 'eu_central_1', auth: accessToken('a-token') })
const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
const ref = { guid: 'g', key: 'k' }
const submitted = cx.postInfrastructureascodeJobs({ acceleratorId: 'a' })

test('submit, watch, fetch errors: the types come out by themselves', () => {
  const watched = submitted.pipe(thenWatch(cx.jobs))
  expectTypeOf(watched).toEqualTypeOf<Observable<JobStatus<GenesysJobRef, InfrastructureascodeJob>>>()
  const outcomes = submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs))
  expectTypeOf(outcomes).toEqualTypeOf<Observable<Outcome<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>>()
  const followed = submitted.pipe(thenFollow(cx.jobs))
  expectTypeOf(followed).toEqualTypeOf<
    Observable<JobEvent<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>
  >()
})

test('the same of Connect', () => {
  expectTypeOf(watchJob(pc.jobs, ref).pipe(thenFetchErrors(pc.jobs))).toEqualTypeOf<
    Observable<Outcome<JobRef, JobItem, ConnectJobFailure>>
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

test('a reference or status of another service does not compile', () => {
  // @ts-expect-error: a reference of Connect
  expectTypeOf(watchJob(cx.jobs, ref))
  // @ts-expect-error: a reference of Genesys
  expectTypeOf(watchJob(pc.jobs, { jobId: '42' }))
  // @ts-expect-error: jobs of Genesys watched at Connect
  expectTypeOf(submitted.pipe(thenWatch(pc.jobs)))
  // @ts-expect-error: statuses of Genesys judged by Connect
  expectTypeOf(submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(pc.jobs)))
})

test('a connection has the reference of its job', () => {
  const pool = pooled(cx.jobs, { requestsPerMinute: 300 })
  for (const source of [cx.jobs, pool]) {
    watchJob(source, { jobId: '42' }, { onConnection: ({ ref: { jobId } }) => expectTypeOf(jobId).toBeString() })
    thenWatch(source, { onConnection: ({ ref: { jobId } }) => expectTypeOf(jobId).toBeString() })
  }
  thenTail(pc.jobs, { onConnection: (told) => expectTypeOf(told).toEqualTypeOf<Connection<JobRef>>() })
  thenFetchErrors(pc.jobs, { onConnection: (told) => expectTypeOf(told).toEqualTypeOf<Connection<JobRef>>() })
  // A listener for all services goes with each.
  const log = ({ ref: about, state }: Connection): void => console.log(about, state)
  expectTypeOf(watchJob(pc.jobs, ref, { onConnection: log })).toEqualTypeOf<Observable<JobStatus<JobRef, JobItem>>>()
  expectTypeOf(submitted.pipe(thenFollow(cx.jobs, { onConnection: log }))).toEqualTypeOf<
    Observable<JobEvent<GenesysJobRef, InfrastructureascodeJob, GenesysJobFailure>>
  >()
  const ofGenesys = ({ ref: { jobId } }: Connection<GenesysJobRef>): void => console.log(jobId)
  // @ts-expect-error: a job of Connect has no jobId
  watchJob(pc.jobs, ref, { onConnection: ofGenesys })
})

test('events are narrowed by their tag', () => {
  followJob(pc.jobs, ref).subscribe((event) => {
    if (event._tag === 'Settled') expectTypeOf(event.outcome.job).toEqualTypeOf<JobItem>()
    if (event._tag === 'Line') expectTypeOf(event.data).toEqualTypeOf<string>()
    if (event._tag === 'Gap') expectTypeOf(event.reason).toExtend<string>()
    // @ts-expect-error: no such event
    if (event._tag === 'End') expectTypeOf(event)
  })
  watchJob(cx.jobs, { jobId: '42' }, { pollInterval: (job) => (job.dryRun ? 5 : 500) }).subscribe(({ job, phase }) => {
    expectTypeOf(job).toEqualTypeOf<InfrastructureascodeJob>()
    // @ts-expect-error: phases are a closed set
    expectTypeOf(phase === 'complete')
  })
})

test('an outcome has a failure only where the job failed', () => {
  submitted.pipe(thenWatch(cx.jobs), thenFetchErrors(cx.jobs)).subscribe((outcome) => {
    if (outcome.phase === 'failed') {
      expectTypeOf(outcome.failure?.message).toEqualTypeOf<string | undefined>()
      expectTypeOf(outcome.failureError).toEqualTypeOf<ApiError | undefined>()
    }
    expectTypeOf(outcome.phase).toEqualTypeOf<FinalPhase>()
    // @ts-expect-error: a job that succeeded has none
    expectTypeOf(outcome.failure)
  })
})

test('a tail begins at a place of the log', () => {
  const since = { since: new Date() }
  for (const from of ['start', 'now', { last: 5 }, since] as const) {
    expectTypeOf(tailLog(pc.jobs, ref, { from })).toEqualTypeOf<Observable<LogElement<JobRef>>>()
  }
  // @ts-expect-error: no such place
  tailLog(pc.jobs, ref, { from: 'end' })
  // @ts-expect-error: a date, not a number
  tailLog(pc.jobs, ref, { from: { since: 5 } })
  // @ts-expect-error: no such way to treat a gap
  tailLog(pc.jobs, ref, { onGap: 'ignore' })
})

test('the fake job has a log and can be cancelled', () => {
  const { source, ref: job } = fakeJob('q 1s s')
  expectTypeOf(cancelJob(source, job)).toEqualTypeOf<Observable<JobStatus<string, FakeStatus>>>()
  expectTypeOf(tailLog(source, job)).toEqualTypeOf<Observable<LogElement<string>>>()
  // @ts-expect-error: its references are strings
  cancelJob(source, ref)
})
