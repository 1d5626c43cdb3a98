import { concat, map, Observable, of, takeWhile, timer } from 'rxjs'
import {
  attempt,
  cancelJob,
  followJob,
  fromTaskEither,
  isFinal,
  pooled,
  jobSource,
  readLog,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  toAsyncIterable,
  toTaskEither,
  watchJob,
  watchJobs,
} from 'rxjobs'
import { deployAndFollow, type TaskRef, thenFollowTask, thenJobs } from 'rxjobs/connect'
import { type GenesysJobRef, submitOnce } from 'rxjobs/genesys'
import {
  type ConformanceCheck,
  jobSourceConformance,
  observedScheduler,
  type StreamUnderTestOptions,
  streamConformance,
} from 'rxjobs/testing'
import { type TaskService, taskService } from '../../apis/connect/task-service.ts'
import { lostPost } from '../../apis/genesys/lost-post.ts'
import { type Make, marbledJob, sourceChecks, streamChecks } from './results.ts'

/** A suite and the results that are expected of it. */
export interface Entry {
  readonly checks: ReadonlyArray<ConformanceCheck>
  /** Guarantees that cannot be checked, and why. */
  readonly skipped?: Readonly<Record<string, string>>
  /** Guarantees that it breaks on purpose, and the purpose. */
  readonly breaks?: Readonly<Record<string, string>>
}

const noLines = { G9: 'the stream has no lines' }

// `thenWatch`, `thenTail` and `thenFollow` wait for a job that was submitted a moment ago.
const missingGrace = 15_000

/** A for-await loop as a stream: unsubscribing leaves the loop. */
const looped = <A>(loop: AsyncIterable<A>): Observable<A> =>
  new Observable((subscriber) => {
    const iterator = loop[Symbol.asyncIterator]()
    subscriber.add(() => void iterator.return?.())
    const step = (): void =>
      void iterator.next().then(
        (result) => {
          if (result.done === true) return subscriber.complete()
          subscriber.next(result.value)
          if (!subscriber.closed) step()
        },
        (error: unknown) => subscriber.error(error),
      )
    step()
  })

const stopping = { cancelled: "'stopping' 1s x 1m f" }

const onMarbles: Readonly<
  Record<
    string,
    Omit<Entry, 'checks'> & { readonly make: Make; readonly stopped?: true; readonly missingGrace?: number }
  >
> = {
  watchJob: { skipped: noLines, make: ({ source }, ref, options) => watchJob(source, ref, options) },
  tailLog: { make: ({ source }, ref, options) => tailLog(source, ref, options) },
  readLog: {
    skipped: { G5: 'the stream completed before the job was over (G4)', ...noLines },
    breaks: { G4: 'it completes with what is there now' },
    make: ({ source }, ref, options) => readLog(source, ref, options),
  },
  'watchJob, then readLog': {
    make: ({ source }, ref, options) => concat(watchJob(source, ref, options), readLog(source, ref, options)),
  },
  watchJobs: {
    skipped: noLines,
    make: ({ source }, ref, options) => {
      const read = () => source.status(ref).pipe(map((snapshot) => [{ ref, ...snapshot }]))
      return watchJobs({ ...source, list: { scopeOf: () => 'all', read } }, ref, options).pipe(
        takeWhile(({ phase }) => !isFinal(phase), true),
      )
    },
  },
  followJob: { make: ({ source }, ref, options) => followJob(source, ref, options) },
  thenWatch: {
    skipped: noLines,
    missingGrace,
    make: ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options)),
  },
  thenTail: { missingGrace, make: ({ source }, ref, options) => of(ref).pipe(thenTail(source, options)) },
  thenFollow: { missingGrace, make: ({ source }, ref, options) => of(ref).pipe(thenFollow(source, options)) },
  thenFetchErrors: {
    skipped: noLines,
    missingGrace,
    make: ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options), thenFetchErrors(source, options)),
  },
  cancelJob: {
    stopped: true,
    skipped: noLines,
    make: ({ source }, ref, options) => cancelJob(source, ref, options),
  },
  'followJob with cancelOn': {
    stopped: true,
    make: ({ source }, ref, options) =>
      followJob(source, ref, { ...options, cancelOn: timer(4_000, options.scheduler) }),
  },
  'followJob with cancelOnUnsubscribe': {
    breaks: { G3: 'unsubscribing sends the cancellation' },
    make: ({ source }, ref, options) => followJob(source, ref, { ...options, cancelOnUnsubscribe: true }),
  },
  attempt: {
    skipped: noLines,
    breaks: { G8: 'a failure is its last value, and then it completes' },
    make: ({ source }, ref, options) => watchJob(source, ref, options).pipe(attempt()),
  },
  toAsyncIterable: { make: ({ source }, ref, options) => looped(toAsyncIterable(followJob(source, ref, options))) },
  'fromTaskEither and toTaskEither': {
    skipped: noLines,
    breaks: { G3: 'a task cannot be cancelled' },
    make: ({ source }, ref, options) => fromTaskEither(toTaskEither(watchJob(source, ref, options))),
  },
  'watchJob, pooled': {
    skipped: noLines,
    make: ({ source }, ref, options) =>
      watchJob(pooled(source, { requestsPerMinute: 6_000, scheduler: options.scheduler }), ref, options),
  },
  'tailLog, pooled': {
    make: ({ source }, ref, options) =>
      tailLog(pooled(source, { requestsPerMinute: 6_000, scheduler: options.scheduler }), ref, options),
  },
}

const archive = Uint8Array.of(1, 2, 3)
const aboutTasks: Readonly<
  Record<string, (service: TaskService, ref: TaskRef, options: StreamUnderTestOptions) => Observable<unknown>>
> = {
  thenFollowTask: ({ pc }, { taskId }, options) =>
    of({ task_id: taskId }).pipe(thenFollowTask(pc, { guid: 'g' }, options)),
  thenJobs: ({ pc, missing }, ref, options) => {
    const content = { guid: ref === missing ? 'none' : 'g' }
    return pc.deployContent(content).pipe(thenJobs(pc, content, options))
  },
  deployAndFollow: ({ pc, missing }, ref, options) =>
    deployAndFollow(pc, { guid: ref === missing ? 'none' : 'g', archive }, options),
}

const tasks = (): Promise<TaskService> => Promise.resolve(taskService())

/** Every exported stream and source, by name, on a service in virtual time. */
export const suites: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(
    Object.entries(onMarbles).map(([name, { make, stopped, missingGrace, ...entry }]) => [
      name,
      {
        ...entry,
        checks: streamChecks(make, { ...(stopped === true ? stopping : {}), missingGrace: missingGrace ?? 0 }),
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(aboutTasks).map(([name, make]) => [
      name,
      {
        ...(name === 'thenJobs' ? { skipped: noLines } : {}),
        checks: streamConformance(async () => {
          const service = await tasks()
          return { ...service, missingGrace, stream: (ref: TaskRef, options) => make(service, ref, options) }
        }),
      },
    ]),
  ),
  'connect().tasks': {
    checks: jobSourceConformance(async () => {
      const service = await tasks()
      return { ...service, source: service.pc.tasks }
    }),
  },
  'submitOnce, then thenWatch': {
    skipped: noLines,
    checks: streamConformance(() => {
      const { cx, ...service } = lostPost()
      const stream = ({ jobId: acceleratorId }: GenesysJobRef, options: StreamUnderTestOptions): Observable<unknown> =>
        submitOnce(cx, { acceleratorId }, { submittedBy: 'us' }).pipe(thenWatch(cx.jobs, options))
      return Promise.resolve({ ...service, stream, missingGrace })
    }),
  },
  jobSource: {
    skipped: { G9: 'the source has no log' },
    checks: sourceChecks(({ source }) => {
      const status = (ref: string) => source.status(ref).pipe(map(({ job }) => job))
      return { ...jobSource({ status, phase: ({ phase }) => phase }), keyOf: source.keyOf }
    }),
  },
  pooled: {
    checks: jobSourceConformance(() => {
      const fake = marbledJob()
      const scheduler = observedScheduler(fake.scheduler)
      const source = pooled(fake.source, { requestsPerMinute: 6_000, scheduler })
      return Promise.resolve({ ...fake, scheduler, source })
    }),
  },
}
