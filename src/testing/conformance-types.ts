import type { Observable, SchedulerLike } from 'rxjs'
import type { Connection, JobSource, PollInterval } from '../streams/index.ts'

// ---- checks

/** One guarantee as a test: `check` resolves where it holds and rejects where it does not. */
export interface ConformanceCheck {
  /** Its number and what it says: `G3: unsubscribing aborts …`. */
  readonly name: string
  /**
   * Runs the check on a new service. Rejects with {@link ConformanceError}, or with {@link ConformanceSkipped} where it could not be
   * checked.
   */
  readonly check: () => Promise<void>
}

/** A guarantee does not hold. The message says what was observed. */
export class ConformanceError extends Error {
  readonly _tag = 'ConformanceError'
  override readonly name = 'ConformanceError'
}

/** A guarantee could not be checked: an input is missing, or its case did not occur. It has not passed. */
export class ConformanceSkipped extends Error {
  readonly _tag = 'ConformanceSkipped'
  override readonly name = 'ConformanceSkipped'
}

/** @throws ConformanceError with this message unless `holds` */
export function assert(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new ConformanceError(message())
}

/** @throws ConformanceSkipped with this reason unless `possible` */
export function skipUnless(possible: boolean, reason: string): asserts possible {
  if (!possible) throw new ConformanceSkipped(reason)
}

// ---- setups

/** What a request is for: the status, the log, or the log's live connection. Requests for other things count only in all kinds. */
export type RequestKind = 'status' | 'log' | 'live'

/** A service with one job that ends by itself, observed from its own side. The suite compares what a stream gives with it. */
export interface ObservedService<Ref> {
  /**
   * The job. The service drops one connection before the job's end: a cut in a body, a 503, or a reset. A reset must not be one of a
   * connection that was open before: a read on it is repeated at once, without an event.
   */
  readonly ref: Ref
  /** The scheduler of the service and of the streams on it. */
  readonly scheduler: SchedulerLike
  /** Lets so many milliseconds pass: flushes a virtual scheduler, or waits. */
  readonly advance: (ms: number) => Promise<void>
  /** Whether the job is over on the service. */
  readonly isOver: () => boolean
  /**
   * How many requests of a kind, or of all kinds, are open. A response should take more than 50 ms: in less, G3 cannot tell a
   * request that was aborted from one that was answered.
   */
  readonly inFlight: (kind?: RequestKind) => number
  /**
   * The most requests that were ever open at once. An aborted request counts until at most 50 ms before the service sees it closed,
   * because the next one may arrive earlier. Where a stream is about several jobs: the most of any one of them.
   */
  readonly mostInFlight: (kind?: RequestKind) => number
  /** Called after each check. */
  readonly close: () => Promise<void> | void
  /** A well-formed reference that the service answers with a lasting failure, such as 404. For G5 and G8. */
  readonly missing?: Ref
  /** The texts of all lines that the log has so far, in the service's order. For G4 and G9. */
  readonly lines?: () => ReadonlyArray<string>
  /** How often the most frequent POST was received, token requests excluded. For G6. */
  readonly posts?: () => number
  /** Keys and tokens that must not be shown. For G10. */
  readonly secrets?: ReadonlyArray<string>
  /** Milliseconds of `advance` within which a stream must have ended. Default 600 000. */
  readonly within?: number
}

/** The setup of `jobSourceConformance`: a service and the source for it. */
export interface SourceUnderTest<Ref, Job, Failure, Submitted = Ref> extends ObservedService<Ref> {
  readonly source: JobSource<Ref, Job, Failure, Submitted>
  /** The poll interval of the streams on it. Default: theirs. */
  readonly pollInterval?: number | PollInterval<Job>
}

/** Options that a stream under test must pass on to all that waits and reads. */
export interface StreamUnderTestOptions {
  readonly scheduler: SchedulerLike
  readonly onConnection: (connection: Connection) => void
}

/** The setup of `streamConformance`: a service and a stream of its job. */
export interface StreamUnderTest<Ref> extends ObservedService<Ref> {
  /** Makes a new stream at each call. */
  readonly stream: (ref: Ref, options: StreamUnderTestOptions) => Observable<unknown>
  /**
   * Milliseconds for which the stream may retry `missing`: `thenWatch`, `thenTail` and `thenFollow` wait for a job that was submitted
   * a moment ago. Default 0.
   */
  readonly missingGrace?: number
}

/** Gives a new service each time. */
export type Setup<S> = () => Promise<S>
