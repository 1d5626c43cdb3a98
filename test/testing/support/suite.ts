import { map, Observable, of, timer } from 'rxjs'
import {
  attempt,
  cancelJob,
  followJob,
  fromTaskEither,
  pooled,
  shareLast,
  simpleSource,
  tailLog,
  thenFetchErrors,
  thenFollow,
  thenTail,
  thenWatch,
  toAsyncIterable,
  toTaskEither,
  watchJob,
} from 'rxjobs'
import { deployAndFollow, type TaskRef, thenFollowTask, thenJobs } from 'rxjobs/connect'
import type { GenesysJobRef } from 'rxjobs/genesys'
import { jobSourceLaws, type Law, type StreamLawOptions, streamLaws, watchedClock } from 'rxjobs/testing'
import { type TaskService, taskService } from '../../apis/connect/task-service.ts'
import { lostPost } from '../../apis/genesys/lost-post.ts'
import { type Make, marbledJob, sourceLawsOf, streamLawsOf } from './verdicts.ts'

/** What is to come of the laws. */
export interface Entry {
  readonly laws: ReadonlyArray<Law>
  /** Laws that cannot be judged, and what they say of why. */
  readonly skipped?: Readonly<Record<string, string>>
  /** Laws that it breaks on purpose, and the purpose. */
  readonly breaks?: Readonly<Record<string, string>>
}

const noLines = { 'law 9': 'the stream gives no lines' }

/** A loop over a stream as a stream: who leaves it leaves the loop. */
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

const onMarbles: Readonly<Record<string, Omit<Entry, 'laws'> & { readonly make: Make; readonly stopped?: true }>> = {
  watchJob: { skipped: noLines, make: ({ source }, ref, options) => watchJob(source, ref, options) },
  tailLog: { make: ({ source }, ref, options) => tailLog(source, ref, options) },
  followJob: { make: ({ source }, ref, options) => followJob(source, ref, options) },
  thenWatch: { skipped: noLines, make: ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options)) },
  thenTail: { make: ({ source }, ref, options) => of(ref).pipe(thenTail(source, options)) },
  thenFollow: { make: ({ source }, ref, options) => of(ref).pipe(thenFollow(source, options)) },
  thenFetchErrors: {
    skipped: noLines,
    make: ({ source }, ref, options) => of(ref).pipe(thenWatch(source, options), thenFetchErrors(source, options)),
  },
  cancelJob: {
    stopped: true,
    skipped: noLines,
    make: ({ source: { cancel, ...source } }, ref, options) =>
      cancelJob({ ...source, cancel: cancel ?? (() => of()) }, ref, options),
  },
  'followJob with cancelWhen': {
    stopped: true,
    make: ({ source }, ref, options) =>
      followJob(source, ref, { ...options, cancelWhen: timer(4_000, options.scheduler) }),
  },
  'followJob with cancelWhenLeft': {
    breaks: { 'law 3': 'who leaves has asked for one more request, which stops the job' },
    make: ({ source }, ref, options) => followJob(source, ref, { ...options, cancelWhenLeft: true }),
  },
  attempt: {
    skipped: noLines,
    breaks: { 'law 8': 'a failure is its last value, and then it completes' },
    make: ({ source }, ref, options) => watchJob(source, ref, options).pipe(attempt()),
  },
  toAsyncIterable: { make: ({ source }, ref, options) => looped(toAsyncIterable(followJob(source, ref, options))) },
  'fromTaskEither and toTaskEither': {
    skipped: noLines,
    breaks: { 'law 3': 'a task cannot be cancelled' },
    make: ({ source }, ref, options) => fromTaskEither(toTaskEither(watchJob(source, ref, options))),
  },
  shareLast: {
    breaks: { 'law 1': 'it is one stream for all, which is what it is for' },
    make: ({ source }, ref, options) => followJob(source, ref, options).pipe(shareLast(10)),
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
  Record<string, (service: TaskService, ref: TaskRef, options: StreamLawOptions) => Observable<unknown>>
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

/** Every stream of ours and every source, by name, on a service in virtual time. */
export const battery: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(
    Object.entries(onMarbles).map(([name, { make, stopped, ...entry }]) => [
      name,
      { ...entry, laws: streamLawsOf(make, stopped === true ? stopping : {}) },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(aboutTasks).map(([name, make]) => [
      name,
      {
        ...(name === 'thenJobs' ? { skipped: noLines } : {}),
        laws: streamLaws(async () => {
          const service = await tasks()
          return { ...service, stream: (ref: TaskRef, options) => make(service, ref, options) }
        }),
      },
    ]),
  ),
  'connect().tasks': {
    laws: jobSourceLaws(async () => {
      const service = await tasks()
      return { ...service, source: service.pc.tasks }
    }),
  },
  'genesys().submitOnce, then thenWatch': {
    skipped: noLines,
    laws: streamLaws(() => {
      const { cx, ...service } = lostPost()
      const stream = ({ jobId: acceleratorId }: GenesysJobRef, options: StreamLawOptions): Observable<unknown> =>
        cx.submitOnce({ acceleratorId }).pipe(thenWatch(cx.jobs, options))
      return Promise.resolve({ ...service, stream })
    }),
  },
  simpleSource: {
    skipped: { 'law 9': 'the source has no log' },
    laws: sourceLawsOf(({ source }) => {
      const status = (ref: string) => source.status(ref).pipe(map(({ job }) => job))
      return { ...simpleSource({ status, phase: ({ phase }) => phase }), keyOf: source.keyOf }
    }),
  },
  pooled: {
    laws: jobSourceLaws(() => {
      const fake = marbledJob()
      const scheduler = watchedClock(fake.scheduler)
      const source = pooled(fake.source, { requestsPerMinute: 6_000, scheduler })
      return Promise.resolve({ ...fake, scheduler, source })
    }),
  },
}
