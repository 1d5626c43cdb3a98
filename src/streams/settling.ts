import type { Reading } from './job-source.ts'
import { isFinal, type Phase } from './phase.ts'

/** A final phase that has yet to hold, and since when it was seen. */
export interface Settling {
  readonly phase: Phase
  readonly since: number
}

/** A reading as it may be told. */
export interface Judged<Ref, Job> {
  /** Its phase is final only if the job is over. */
  readonly reading: Reading<Ref, Job>
  readonly over: boolean
  /** How long a final phase must still hold: look again by then. Infinity where none is to hold. */
  readonly rest: number
  readonly settling: Settling | undefined
}

/** Judges a reading by those before it: a final phase that must settle counts as running until a later one agrees. */
export function judge<Ref, Job>(
  reading: Reading<Ref, Job>,
  before: Settling | undefined,
  now: number,
): Judged<Ref, Job> {
  const { phase, settle = 0 } = reading
  if (!isFinal(phase)) return { reading, over: false, rest: Number.POSITIVE_INFINITY, settling: undefined }
  const settling = before?.phase === phase ? before : { phase, since: now }
  const rest = settling.since + settle - now
  if (!(rest > 0)) return { reading, over: true, rest: 0, settling }
  return { reading: { ...reading, phase: 'running' }, over: false, rest, settling }
}
