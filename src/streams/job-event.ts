import type { Connection } from './connection.ts'
import type { JobStatus } from './job-status.ts'
import type { LogGap, LogLine } from './log/log-line.ts'
import type { Outcome } from './outcome.ts'

/** How one of the stream's connections is doing. */
export interface ConnectionEvent<Ref> extends Connection<Ref> {
  readonly _tag: 'Connection'
}

/** The job is over, its log is drained: the last event. */
export interface Settled<Ref, Job, Failure> {
  readonly _tag: 'Settled'
  readonly ref: Ref
  readonly outcome: Outcome<Job, Failure, Ref>
}

/** All that can be told of a job, in one union. */
export type JobEvent<Ref, Job, Failure> =
  | JobStatus<Ref, Job>
  | LogLine<Ref>
  | LogGap<Ref>
  | ConnectionEvent<Ref>
  | Settled<Ref, Job, Failure>
