import type { Observable, SchedulerLike } from 'rxjs'
import type { OpenEnum, RetryOptions } from '../core/index.ts'
import type { ApiError } from './errors.ts'

// ---- phases and snapshots

/** A phase that a job does not leave. `ended`: over, and the service does not say whether it succeeded. */
export type FinalPhase = 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'ended'

/**
 * What a job's status means, whatever the service calls it.
 *
 * `queued` and `running` are under way; `unknown` is a status that no documentation lists, on a job that seems to be under way.
 */
export type Phase = 'queued' | 'running' | 'unknown' | FinalPhase

/** What one read of a job gives. */
export interface JobSnapshot<Job> {
  /** As the service sent it. */
  readonly job: Job
  readonly phase: Phase
  /**
   * Milliseconds for which a final phase must still hold before the job counts as over; until then it counts as running. For
   * services that may go on from a final status. Default 0.
   */
  readonly confirmAfter?: number
}

/** A job as a list shows it. */
export interface ListedJob<Ref, Job> extends JobSnapshot<Job> {
  readonly ref: Ref
  /** Present where a single read tells more than this row: a final phase is then confirmed by one `status`. */
  readonly partial?: true
}

// ---- the port

/** Options of a status read. */
export interface StatusOptions {
  /**
   * True where the job is known or likely to be over, and in a pool's checks: the source may read all details in the same request. A job
   * may run on all the same.
   */
  readonly expectFinal?: boolean
}

/** How many requests a service still allows. */
export interface RateLimit {
  readonly allowed: number
  readonly used: number
  /** Milliseconds until the count begins again. */
  readonly resetIn: number
}

/** One request that reads many jobs, for pools. */
export interface JobList<Ref, Job> {
  /**
   * Names the list that shows this job; undefined where no list does. `watchJobs` gives as much of a reference as names the list.
   */
  readonly scopeOf: (ref: Partial<Ref>, last?: Job) => string | undefined
  /** One attempt to read a list. Emits once; it may leave out some of `refs` and have rows of other jobs. */
  readonly read: (scope: string, refs: ReadonlyArray<Ref>) => Observable<ReadonlyArray<ListedJob<Ref, Job>>>
}

/** One line of a job's log, as a source gives it. */
export interface LogEntry {
  /** Empty where the service does not say: in a download, in the output of a task. */
  readonly source: OpenEnum<'stdout' | 'stderr'>
  /** RFC 3339 as the service sent it, up to nine fraction digits; empty where it gave none. */
  readonly timestamp: string
  /** The text, without its line end. */
  readonly data: string
}

/** A part of a log that the service counts, and the offset at which the next part begins. */
export interface LogPage {
  readonly entries: ReadonlyArray<LogEntry>
  readonly nextOffset: number
}

/** The ways to read a job's log. `read` is enough; each of the others makes a tail faster or more exact. */
export interface JobLog<Ref> {
  /**
   * At most `maxLines` entries: the last or the first of the log, whichever the service keeps. Fewer than asked for are the whole
   * log. Emits once.
   */
  readonly read: (ref: Ref, maxLines: number) => Observable<ReadonlyArray<LogEntry>>
  /** The most lines that `read` gives. Default 5000. */
  readonly maxLines?: number
  /** The log from entry `offset` on, where the service counts its lines. Exact: where present, nothing else is used. Emits once. */
  readonly after?: (ref: Ref, offset: number) => Observable<LogPage>
  /**
   * The log while it is written: an empty batch when the connection is open and at each keep-alive, else new entries, which may
   * repeat earlier ones. Completing means that the connection closed, not that the job ended.
   */
  readonly stream?: (ref: Ref) => Observable<ReadonlyArray<LogEntry>>
  /** The whole log as text, in batches of lines: what gaps are repaired from. */
  readonly download?: (ref: Ref) => Observable<ReadonlyArray<string>>
  /** The longest line that all of these give whole, in UTF-16 units; a longer one may be cut. Default: no line is cut. */
  readonly maxLineLength?: number
}

/**
 * The one port between the streams and a service.
 *
 * Each method makes one attempt and fails with an {@link ApiError}; the streams wait and repeat. What is optional is done without.
 * Decorators take a JobSource and give one.
 *
 * @typeParam Ref what names one job
 * @typeParam Job the job as the service sends it
 * @typeParam Failure why a job failed
 * @typeParam Submitted what submitting gives
 */
export interface JobSource<Ref, Job, Failure, Submitted = Ref> {
  /** Reads the job once and judges its phase. Emits once. */
  readonly status: (ref: Ref, options?: StatusOptions) => Observable<JobSnapshot<Job>>
  /** The job that was submitted; undefined where the answer names none. */
  readonly refOf: (submitted: Submitted) => Ref | undefined
  /** Names a job in maps, errors, cursors. Not empty, the same for the same job. Throws a TypeError for an invalid reference. */
  readonly keyOf: (ref: Ref) => string
  /** Why a job failed; undefined where the service has nothing to say. Emits once. */
  readonly failure: (ref: Ref, job: Job) => Observable<Failure | undefined>
  /** The service's own pages about a job, for people: they come with its outcome. Sends no request. */
  readonly links?: (ref: Ref, job: Job) => JobLinks
  /** True when nothing worth an emission changed. Default: equal JSON, whatever the order of the keys. */
  readonly same?: (a: Job, b: Job) => boolean
  /** True for an error that passes by itself at this service although it would end a stream elsewhere. */
  readonly transient?: (error: ApiError) => boolean
  /** The most requests that one `status` sends, for budgets. Default 1. */
  readonly requests?: number
  /**
   * Replaces polling: emits at least each change, the final snapshot last, and completes. `pollNow` asks for a read at once.
   * A pool provides it; a service with push can.
   */
  readonly watch?: (
    ref: Ref,
    options: WatchOptions<Ref, Job>,
    pollNow?: Observable<unknown>,
  ) => Observable<JobSnapshot<Job>>
  readonly list?: JobList<Ref, Job>
  /** Asks the service to stop the job. Completes when the service accepted that, or when the job is over already. */
  readonly cancel?: (ref: Ref) => Observable<void>
  /** What the service says of its rate limit, as it says it. */
  readonly limits?: Observable<RateLimit>
  /** The default scheduler of the streams on this source. */
  readonly scheduler?: SchedulerLike
  readonly log?: JobLog<Ref>
}

/** A source whose jobs have a log. */
export interface LoggedJobSource<Ref, Job, Failure, Submitted = Ref> extends JobSource<Ref, Job, Failure, Submitted> {
  readonly log: JobLog<Ref>
}

// ---- types of a source, for signatures with one type parameter

/** Any {@link JobSource}. */
export interface AnyJobSource {
  readonly status: (ref: never, options?: StatusOptions) => Observable<JobSnapshot<unknown>>
  readonly refOf: (submitted: never) => unknown
  readonly keyOf: (ref: never) => string
  readonly failure: (ref: never, job: never) => Observable<unknown>
}

/** Any {@link LoggedJobSource}. */
export interface AnyLoggedSource extends AnyJobSource {
  readonly log: { readonly read: (ref: never, maxLines: number) => Observable<ReadonlyArray<LogEntry>> }
}

/** Any source that can cancel its jobs. */
export interface AnyCancellableSource extends AnyJobSource {
  readonly cancel: (ref: never) => Observable<void>
}

/** What names a job of a source. */
export type RefOf<S> = S extends { readonly keyOf: (ref: infer Ref) => string } ? Ref : never

/** A job of a source, as its service sends it. */
export type JobOf<S> = S extends { readonly status: (ref: never) => Observable<JobSnapshot<infer Job>> } ? Job : never

/** Why a job of a source failed. */
export type FailureOf<S> = S extends { readonly failure: (ref: never, job: never) => Observable<infer Failure> }
  ? Exclude<Failure, undefined>
  : never

/** What submitting to a source's service gives. */
export type SubmittedOf<S> = S extends { readonly refOf: (submitted: infer Submitted) => unknown } ? Submitted : never

/** `A` where a source can cancel its jobs; else a text for the compiler's error. */
export type IfCancels<S, A> = S extends AnyJobSource & { readonly cancel?: never }
  ? 'this source cannot cancel a job'
  : A

// ---- events

/** A job's status: emitted when it changes. */
export interface JobStatus<Ref, Job> {
  readonly _tag: 'Status'
  readonly ref: Ref
  /** As the service sent it. */
  readonly job: Job
  readonly phase: Phase
}

/** The status of a job that is over. */
export type FinalStatus<Ref, Job> = JobStatus<Ref, Job> & { readonly phase: FinalPhase }

/**
 * A place in a log, on a service that gives no sequence numbers: plain, small, and itself again after JSON. It holds no text of the
 * log and no secret.
 */
export interface Cursor {
  /** The key of the job that it belongs to. */
  readonly job: string
  /** How many lines were emitted. */
  readonly offset: number
  /** The last line's timestamp; empty where it has none. */
  readonly timestamp: string
  /** How many lines in a row were emitted at that timestamp; 0 where timestamps do not tell the place. */
  readonly linesAtTimestamp: number
  /** A hash of the last lines' texts, 31 bits. */
  readonly checksum: number
  /** Present where lines are missing before this place, so that `offset` is no place in the log. */
  readonly incomplete?: true
}

/** A line of a job's log. */
export interface LogLine<Ref> extends LogEntry {
  readonly _tag: 'Line'
  readonly ref: Ref
  /** The number of the line, from 0; it goes on after a resume. After a gap it counts the lines that were emitted. */
  readonly index: number
  /** Where a stream must start to go on after this line. */
  readonly cursor: Cursor
}

/**
 * Why lines are missing.
 *
 * `window`: the log went on further than what the service shows of it. `ambiguous`: equal lines leave more than one way to go on.
 * `download`: the whole log was read and does not continue what was emitted. `too-long`: one line, longer than `maxLineLength`.
 */
export type GapReason = 'window' | 'ambiguous' | 'download' | 'too-long'

/** A place where lines of the log are missing, or may be. */
export interface LogGap<Ref> {
  readonly _tag: 'Gap'
  readonly ref: Ref
  readonly reason: GapReason
  /** The last line that this stream emitted before the gap. */
  readonly before?: LogLine<Ref>
  /** The first line after it; absent where the log has no more. */
  readonly after?: LogEntry
  /** Where a stream must start to go on after the gap. */
  readonly cursor: Cursor
}

/** What a tail emits. */
export type LogElement<Ref> = LogLine<Ref> | LogGap<Ref>

/** What a connection is for: reading the status or the log, the log's live connection, a cancellation. */
export type ConnectionChannel = 'status' | 'log' | 'live' | 'cancel'

/** The state of one of a stream's connections: emitted when it changes, not at every request. */
export interface Connection<Ref = unknown> {
  readonly _tag: 'Connection'
  readonly ref: Ref
  readonly channel: ConnectionChannel
  /**
   * `open`: answers come; for `cancel`: the service accepted it. `retrying`: it failed and is tried again. `fallback`: given up for
   * another way to the log; for `cancel`: given up.
   */
  readonly state: 'open' | 'retrying' | 'fallback'
  /** How many failures there were in a row; 0 when open. */
  readonly attempt: number
  /** Milliseconds until the next try; 0 when open. */
  readonly retryInMs: number
  readonly error?: ApiError
}

/** Addresses of a service's own pages, as far as there are such. */
export interface JobLinks {
  readonly job?: string
  readonly log?: string
  /** Of what the job belongs to. */
  readonly content?: string
}

/** How a job ended; for a failed one also why. */
export type Outcome<Ref, Job, Failure> = {
  readonly ref: Ref
  /** As last read. */
  readonly job: Job
  /** Absent where the service has no pages. */
  readonly links?: JobLinks
} & (
  | {
      readonly phase: 'failed'
      /** Absent where the service has nothing to say, or could not be asked. */
      readonly failure?: Failure
      /** Why `failure` could not be read. */
      readonly failureError?: ApiError
    }
  | { readonly phase: Exclude<FinalPhase, 'failed'> }
)

/** The job is over and its log is drained: the last event. */
export interface Settled<Ref, Job, Failure> {
  readonly _tag: 'Settled'
  readonly ref: Ref
  readonly outcome: Outcome<Ref, Job, Failure>
}

/** All events of a job, in one union. */
export type JobEvent<Ref, Job, Failure> =
  | JobStatus<Ref, Job>
  | LogElement<Ref>
  | Connection<Ref>
  | Settled<Ref, Job, Failure>

// ---- options

/**
 * How long to wait between two reads, in milliseconds.
 *
 * @param job the job as last read
 * @param age milliseconds since this stream first read the job, by its scheduler; for a log that is polled, since it began
 * @param attempt how many reads there were so far, from 1
 */
export type PollInterval<Job = unknown> = (job: Job, age: number, attempt: number) => number

/**
 * How a job is watched.
 *
 * @typeParam Source the source whose job it is, so that `cancelOn` does not compile where nothing can be cancelled
 */
export interface WatchOptions<Ref = unknown, Job = unknown, Source = unknown> {
  /**
   * How long to wait between two reads: milliseconds, or a function. Default {@link adaptiveInterval}: 5 % of the job's age, 0.5 s to
   * 15 s. A log that is polled is read by it as well; its default is 0.5 s to 1 s while the log grows, up to 5 s while it does not.
   */
  readonly pollInterval?: number | PollInterval<Job>
  /** Milliseconds from subscribe, or a moment, after which the stream fails with DeadlineError. Default: none. */
  readonly deadline?: number | Date
  /** How failures that pass by themselves are retried; false for never. */
  readonly retry?: RetryOptions | false
  /** The scheduler of all waiting. Default: the source's, else rxjs's asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** A number from 0 up to 1, for all jitter. Default Math.random. */
  readonly random?: () => number
  /** Called when a connection opens, fails and is tried again, opens again, or is given up. */
  readonly onConnection?: (connection: Connection<Ref>) => void
  /** Its first emission cancels the job; the stream goes on to the end that this brings. */
  readonly cancelOn?: IfCancels<Source, Observable<unknown>>
  /** Cancels the job when the stream is unsubscribed from, fails or passes its deadline before the job is over. Default false. */
  readonly cancelOnUnsubscribe?: IfCancels<Source, boolean>
}

/** Where a tail begins: the first line, only new lines, the last `n` lines, the lines from a moment on, or after a cursor. */
export type LogStart = 'start' | 'now' | { readonly last: number } | { readonly since: Date } | Cursor

/** How a job's log is tailed, beside how the job is watched. */
export interface TailOptions<Ref = unknown, Job = unknown, Source = unknown> extends WatchOptions<Ref, Job, Source> {
  /** Default `'start'`. */
  readonly from?: LogStart
  /**
   * What to do about missing lines. `repair`: read the whole log where that helps, else emit a Gap. `emit`: a Gap at once. `error`: as
   * `repair`, but fail with LogGapError instead of a Gap. Default `repair`.
   */
  readonly onGap?: 'repair' | 'emit' | 'error'
  /** Milliseconds of silence on the live connection after which the log is read. Default 30 000. */
  readonly stallTimeout?: number
  /** The longest line that is emitted, in UTF-16 units; a longer one becomes a Gap. Default 1 048 576. */
  readonly maxLineLength?: number
}

/** How a log is read once. */
export type ReadOptions<Ref = unknown> = Omit<
  TailOptions<Ref>,
  'pollInterval' | 'stallTimeout' | 'cancelOn' | 'cancelOnUnsubscribe'
>

/** How many of the submitted jobs are followed at a time. */
export interface MergeOptions {
  /** Default: all. Those beyond it wait, unbounded, in the order in which they were submitted. */
  readonly concurrency?: number
}

/**
 * True for a phase that a job does not leave.
 *
 * @example
 * ```ts
 * import { isFinal } from 'rxjobs'
 *
 * isFinal('failed') // => true
 * isFinal('unknown') // => false
 * ```
 */
export const isFinal = (phase: Phase): phase is FinalPhase =>
  phase !== 'queued' && phase !== 'running' && phase !== 'unknown'

export const isFinalStatus = <Ref, Job>(status: JobStatus<Ref, Job>): status is FinalStatus<Ref, Job> =>
  isFinal(status.phase)
