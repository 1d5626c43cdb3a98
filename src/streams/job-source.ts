import type { Option } from 'fp-ts/lib/Option.js'
import type { Observable, SchedulerLike } from 'rxjs'
import type { ApiError } from '../core/index.ts'
import type { JobLog } from './job-log.ts'
import type { Phase } from './phase.ts'
import type { WatchOptions } from './watch-options.ts'

/** What one look at a job gives. */
export interface Reading<Ref, Job> {
  readonly ref: Ref
  /** As the service sent it. */
  readonly job: Job
  readonly phase: Phase
  /**
   * The phase is final only if it still holds this many milliseconds later; until then the job counts as running and is
   * looked at as often as one that does. For services that show an end and may go on from it.
   */
  readonly settle?: number
}

/** How many requests a service still allows. */
export interface RateLimit {
  readonly allowed: number
  readonly used: number
  /** Milliseconds until the count begins again. */
  readonly resetIn: number
}

/** One call that shows many jobs at once, for whoever watches many. */
export interface JobList<Ref, Job> {
  /** What the jobs that one call shows have in common, or none for a job that no list shows. */
  readonly scopeOf: (ref: Ref, last?: Job) => Option<string>
  /**
   * The readings of those of `refs` that the list shows, each job as `status` would show it, or so that `same` sees no
   * difference. A final phase from a list is only a reason to look, and so is a job that it does not show. Emits once.
   */
  readonly read: (scope: string, refs: ReadonlyArray<Ref>) => Observable<ReadonlyArray<Reading<Ref, Job>>>
}

/**
 * The one port between the streams and a service: all that watching, tailing and following need to know of it.
 *
 * Each method makes one attempt and fails with an ApiError; the streams do the waiting and repeating. Everything beyond
 * `status`, `refOf`, `keyOf` and `failure` is optional, and what is not there is done without. Decorators take a
 * JobSource and give one.
 *
 * @typeParam Ref what names one job
 * @typeParam Job the job as the service sends it
 * @typeParam Failure why a job failed
 * @typeParam Submitted what submitting gives
 */
export interface JobSource<Ref, Job, Failure, Submitted = Ref> {
  /** One read. Where a read looks final, the source fetches what else it needs to judge success. Emits once. */
  readonly status: (ref: Ref) => Observable<Reading<Ref, Job>>
  /** The job that was submitted, or none where the answer names no job. */
  readonly refOf: (submitted: Submitted) => Option<Ref>
  /** Names a job in a Map, an error or a log line. Not empty, the same for the same job. */
  readonly keyOf: (ref: Ref) => string
  /** Why a job that is over did not succeed, or none where the service has nothing to say. Emits once. */
  readonly failure: (ref: Ref, job: Job) => Observable<Option<Failure>>
  /** True when nothing worth telling changed. Default: the same fields with the same values all the way down, in any order. */
  readonly same?: (a: Job, b: Job) => boolean
  /** True for an error that passes at this service although it would end a stream elsewhere. */
  readonly transient?: (error: ApiError) => boolean
  /** The most requests that one `status` sends, for whoever keeps a budget. Default 1. */
  readonly requests?: number
  /**
   * Where present, streams subscribe to it instead of polling `status`, and start no timer. Emits at least each change,
   * the final reading last, and completes; `nudge` asks for a look now. What must settle, it lets settle: its first final
   * phase is the end, and completing before it is a NetworkError of the stream. It tells `options.onConnection` of the
   * job's connections, with `ref`.
   */
  readonly watch?: (
    ref: Ref,
    options: WatchOptions<Job, Ref>,
    nudge?: Observable<unknown>,
  ) => Observable<Reading<Ref, Job>>
  readonly list?: JobList<Ref, Job>
  /**
   * Asks the service to stop the job. Completes when the service took the order, which is not the job's end, and where
   * the job is over already. Streams repeat it while it fails in passing.
   */
  readonly cancel?: (ref: Ref) => Observable<void>
  /** What the service says of its limits, as it says it. */
  readonly limits?: Observable<RateLimit>
  /** The clock of the streams on this source, where they are given none. */
  readonly scheduler?: SchedulerLike
  readonly log?: JobLog<Ref>
}

/** A source whose jobs have a log. */
export interface LoggedJobSource<Ref, Job, Failure, Submitted = Ref> extends JobSource<Ref, Job, Failure, Submitted> {
  readonly log: JobLog<Ref>
}
