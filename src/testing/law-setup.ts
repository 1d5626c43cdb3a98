import type { Observable, SchedulerLike } from 'rxjs'
import type { Cadence, JobSource, TailOptions } from '../streams/index.ts'

/** What a request is for: the status, the log, or the log's open connection. What else there is counts in all kinds. */
export type RequestKind = 'status' | 'log' | 'live'

/** A service with one job that ends by itself, as its own side sees it: what the laws are judged by. */
export interface LawService<Ref> {
  /** The job. The service drops one connection on the way to its end: a reset, a cut, or a 503. */
  readonly ref: Ref
  /** The clock of the service and of the streams on it. */
  readonly scheduler: SchedulerLike
  /** Lets so many milliseconds pass: flushes a virtual scheduler, or waits. */
  readonly advance: (ms: number) => Promise<void>
  /** Whether the job is over, as the service knows it, whoever has heard of it. */
  readonly isOver: () => boolean
  /**
   * How many requests of a kind, or of all kinds, the service has open now. It should take more than 50 ms to answer:
   * in less, law 3 cannot tell a request that was aborted from one that was answered.
   */
  readonly inFlight: (kind?: RequestKind) => number
  /**
   * The most that were ever open at once. One that the client aborted counts until 50 ms before the service sees it closed
   * at most: the next may arrive earlier. Where a stream is about several jobs, the most of any one of them.
   */
  readonly mostInFlight: (kind?: RequestKind) => number
  /** Called when a law was checked, whatever came of it. */
  readonly close: () => Promise<void> | void
  /** A well-formed reference that the service answers with a failure for good, such as 404. For laws 5 and 8. */
  readonly missing?: Ref
  /** The texts of all lines that the log has by now, in the service's order. For laws 4 and 9. */
  readonly lines?: () => ReadonlyArray<string>
  /** How often the service has got the same POST, without those for tokens: the most of any. For law 6. */
  readonly posts?: () => number
  /** Keys and tokens that nothing may show. For law 10. */
  readonly secrets?: ReadonlyArray<string>
  /** Milliseconds of `advance` within which a stream must have ended. Default 600 000. */
  readonly within?: number
}

/** What {@link jobSourceLaws} needs: a service and the source for it. */
export interface LawSetup<Ref, Job, Failure, Submitted = Ref> extends LawService<Ref> {
  readonly source: JobSource<Ref, Job, Failure, Submitted>
  /** How the streams on it look at the job. Default: theirs. */
  readonly cadence?: Cadence<Job>
}

/** What a stream under test must use: its clock is watched, and its connections are listened to. */
export type StreamLawOptions = Required<Pick<TailOptions, 'scheduler' | 'onConnection'>>

/** What {@link streamLaws} needs: a service and a stream of its job. */
export interface StreamLawSetup<Ref> extends LawService<Ref> {
  /** Makes the stream. It must pass the options on to what waits and reads, and be given anew at each call. */
  readonly stream: (ref: Ref, options: StreamLawOptions) => Observable<unknown>
}
