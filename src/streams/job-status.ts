import type { Phase } from './phase.ts'

/** A job's status: told when it changes. */
export interface JobStatus<Ref, Job> {
  readonly _tag: 'Status'
  readonly ref: Ref
  /** As the service sent it. */
  readonly job: Job
  readonly phase: Phase
}
