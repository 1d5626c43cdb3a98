import type { Option } from 'fp-ts/lib/Option.js'
import { type Observable, of } from 'rxjs'
import { type JobEvent, type Outcome, thenFetchErrors, thenFollow, thenWatch } from 'rxjobs'
import {
  type Bundle,
  type ConnectJobFailure,
  connect,
  type ConnectOptions,
  type Content,
  type DeployEvent,
  deployAndFollow,
  type JobItem,
  type JobMetrics,
  type JobRef,
  type JobTag,
  type KillJobOrder,
  type LogEntries,
  type LogEntry,
  type LoggedError,
  type StartedTask,
  type Task,
  type TaskFailure,
  type TaskOutcome,
  type TaskRef,
  snowflakeAuth,
  thenJobs,
  uploadArchive,
} from 'rxjobs/connect'
import type { Auth } from 'rxjobs/core'
import { expectTypeOf, test } from 'vitest'

declare const job: JobItem
const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
const ref = { guid: 'g', key: 'k' }

test('what comes back of each operation', () => {
  expectTypeOf(pc.getJobs({ guid: 'g' })).toEqualTypeOf<Observable<ReadonlyArray<JobItem>>>()
  expectTypeOf(pc.getJob(ref)).toEqualTypeOf<Observable<JobItem>>()
  expectTypeOf(pc.jobLogs(ref)).toEqualTypeOf<Observable<LogEntries>>()
  expectTypeOf(pc.jobTailLog(ref)).toEqualTypeOf<Observable<LogEntry>>()
  expectTypeOf(pc.jobError(ref)).toEqualTypeOf<Observable<Option<LoggedError>>>()
  expectTypeOf(pc.jobDownloadLog(ref)).toEqualTypeOf<Observable<Uint8Array>>()
  expectTypeOf(pc.killJob(ref)).toEqualTypeOf<Observable<KillJobOrder>>()
  expectTypeOf(pc.getJobMetrics(ref)).toEqualTypeOf<Observable<JobMetrics>>()
})

test('a wrong name, a missing one and a wrong type do not compile', () => {
  for (const operation of [pc.getJob, pc.jobLogs, pc.jobTailLog, pc.jobError, pc.jobDownloadLog, pc.killJob]) {
    expectTypeOf(operation).toBeCallableWith(ref, { retry: false, timeout: 5, idleTimeout: 5 })
    // @ts-expect-error: the key is missing
    operation({ guid: 'g' })
    // @ts-expect-error: a wrong name
    operation({ guid: 'g', id: 'k' })
    // @ts-expect-error: a wrong type
    operation({ guid: 'g', key: 7 })
    // @ts-expect-error: no such option
    operation(ref, { retries: 3 })
  }
  expectTypeOf(pc.jobLogs).toBeCallableWith({ ...ref, maxLogLines: 5 })
  // @ts-expect-error: the wire has it in camel case, and so has this
  pc.jobLogs({ guid: 'g', key: 'k', max_log_lines: 5 })
  // @ts-expect-error: a wrong type
  pc.jobLogs({ guid: 'g', key: 'k', maxLogLines: '5' })
  // @ts-expect-error: not a parameter of this one
  pc.jobTailLog({ guid: 'g', key: 'k', maxLogLines: 5 })
  // @ts-expect-error: all jobs have no key
  pc.getJobs({ guid: 'g', key: 'k' })
})

test('what a job has: wire names, null where the service sends it, a tag that may be new', () => {
  expectTypeOf(job.exit_code).toEqualTypeOf<number | null | undefined>()
  expectTypeOf(job.end_time).toEqualTypeOf<string | null | undefined>()
  expectTypeOf(job.tag === 'run_something_new').toEqualTypeOf<boolean>()
  expectTypeOf<'run_app' | 'val_r_install'>().toExtend<JobTag>()
  // @ts-expect-error: a status is a number
  expectTypeOf(job.status === 'Active')
  // @ts-expect-error: a wrong field
  expectTypeOf(job.exitCode)
  // @ts-expect-error: a job is not written to
  job.status = 2
})

test('what leads to a job', () => {
  expectTypeOf(pc.createContent({ name: 'n' })).toEqualTypeOf<Observable<Content>>()
  expectTypeOf(pc.uploadBundle({ guid: 'g', archive: new Uint8Array() })).toEqualTypeOf<Observable<Bundle>>()
  expectTypeOf(uploadArchive).toBeCallableWith(pc, { guid: 'g', archive: of(new Uint8Array()) }, { timeout: 5 })
  expectTypeOf(pc.deployContent({ guid: 'g', bundle_id: '7' })).toEqualTypeOf<Observable<StartedTask>>()
  expectTypeOf(pc.buildContent({ guid: 'g', activate: false })).toEqualTypeOf<Observable<StartedTask>>()
  expectTypeOf(pc.renderContent({ guid: 'g', variant_key: 'v' })).toEqualTypeOf<Observable<StartedTask>>()
  expectTypeOf(pc.renderVariant({ variant_id: 7 })).toEqualTypeOf<Observable<StartedTask>>()
  expectTypeOf(pc.getTask({ id: 't', first: 2, wait: 5 })).toEqualTypeOf<Observable<Task>>()
  expectTypeOf(uploadArchive).toBeCallableWith(pc, { guid: 'g', archive: new Blob() })
  // @ts-expect-error: content needs a name
  pc.createContent({ title: 't' })
  // @ts-expect-error: a bundle is bytes
  pc.uploadBundle({ guid: 'g', archive: 'text' })
  // @ts-expect-error: bytes or a stream of bytes
  uploadArchive(pc, { guid: 'g', archive: 'text' })
  // @ts-expect-error: the wire has it in snake case, and so has this
  pc.deployContent({ guid: 'g', bundleId: '7' })
  // @ts-expect-error: a task is named by its id
  pc.getTask({ task_id: 't' })
})

test('deploys and renders flow into tasks and jobs', () => {
  const flow = pc.deployContent({ guid: 'g' }).pipe(thenJobs(pc, { guid: 'g' }), thenFollow(pc.jobs))
  expectTypeOf(flow).toEqualTypeOf<Observable<JobEvent<JobRef, JobItem, ConnectJobFailure>>>()
  const rendered = pc.renderVariant({ variant_id: 7 }).pipe(thenWatch(pc.tasks), thenFetchErrors(pc.tasks))
  expectTypeOf(rendered).toEqualTypeOf<Observable<Outcome<TaskRef, Task, TaskFailure>>>()
  const deployed = deployAndFollow(pc, { guid: 'g', archive: new Uint8Array() }, { apps: 'leave', visit: true })
  expectTypeOf(deployed).toEqualTypeOf<Observable<DeployEvent>>()
  deployed.subscribe((event) => {
    if (event._tag === 'Settled') expectTypeOf(event.outcome).toEqualTypeOf<TaskOutcome>()
    if (event._tag === 'Status' && 'finished' in event.job) expectTypeOf(event.job).toEqualTypeOf<Task>()
    if (event._tag === 'Line') expectTypeOf(event.ref).toEqualTypeOf<TaskRef | JobRef>()
  })
  // @ts-expect-error: a job cannot be told from others without its content
  pc.deployContent({ guid: 'g' }).pipe(thenJobs(pc, {}))
  // @ts-expect-error: jobs, not content, start jobs
  pc.createContent({ name: 'n' }).pipe(thenJobs(pc, { guid: 'g' }))
  // @ts-expect-error: a task cannot be cancelled
  deployAndFollow(pc, { guid: 'g', archive: new Uint8Array() }, { cancelOnUnsubscribe: true })
  // @ts-expect-error: a bundle is needed
  deployAndFollow(pc, { guid: 'g' })
})

test('a server and a key, or an Auth instead of the key', () => {
  expectTypeOf<{ server: string; auth: Auth }>().toExtend<ConnectOptions>()
  expectTypeOf<{ server: string; apiKey: string; auth: Auth }>().not.toExtend<ConnectOptions>()
  expectTypeOf(snowflakeAuth).toBeCallableWith({ token: () => of('t'), apiKey: 'k' })
  // @ts-expect-error: Connect itself asks for a key, too
  snowflakeAuth({ token: 't' })
  expectTypeOf<{ server: string; apiKey: string }>().toExtend<ConnectOptions>()
  expectTypeOf<{ server: string }>().not.toExtend<ConnectOptions>()
  expectTypeOf<{ server: URL; apiKey: string }>().not.toExtend<ConnectOptions>()
})
