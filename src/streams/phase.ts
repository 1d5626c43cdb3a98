/**
 * What a job's status comes to, whatever the service calls it.
 *
 * `queued` and `running`: under way. `succeeded`, `failed` and `ended` are final; `ended` means over, success not known.
 * `unknown`: a status that nobody has documented, on a job that seems to be under way.
 */
export type Phase = 'queued' | 'running' | FinalPhase | 'unknown'

/** A phase that a job does not leave. */
export type FinalPhase = 'succeeded' | 'failed' | 'ended'

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
  phase === 'succeeded' || phase === 'failed' || phase === 'ended'
