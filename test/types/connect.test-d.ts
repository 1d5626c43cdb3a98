import type { Option } from 'fp-ts/lib/Option.js'
import type { Observable } from 'rxjs'
import {
  connect,
  type ConnectOptions,
  type JobItem,
  type JobTag,
  type KillJobOrder,
  type LogEntries,
  type LogEntry,
  type LoggedError,
} from 'rxjobs/connect'
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

test('a server and a key', () => {
  expectTypeOf<{ server: string; apiKey: string }>().toExtend<ConnectOptions>()
  expectTypeOf<{ server: string }>().not.toExtend<ConnectOptions>()
  expectTypeOf<{ server: URL; apiKey: string }>().not.toExtend<ConnectOptions>()
})
