import { type FinalPhase, isFinal, type Phase } from './phase.ts'

/** A job's status: told when it changes. */
export interface JobStatus<Ref, Job> {
  readonly _tag: 'Status'
  readonly ref: Ref
  /** As the service sent it. */
  readonly job: Job
  readonly phase: Phase
}

/** The status of a job that is over. */
export interface FinalStatus<Ref, Job> extends JobStatus<Ref, Job> {
  readonly phase: FinalPhase
}

/** True for the status of a job that is over. */
export const isFinalStatus = <Ref, Job>(status: JobStatus<Ref, Job>): status is FinalStatus<Ref, Job> =>
  isFinal(status.phase)
