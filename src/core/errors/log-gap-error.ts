import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What a {@link LogGapError} is made from. */
export interface LogGapErrorInit<Gap = unknown> extends Asked {
  /** The gap: its reason, the lines around it, the cursor to go on from. */
  readonly gap: Gap
  /** The reason in one sentence. */
  readonly reason: string
}

/** Lines of a log could not be had, and the caller asked for that to be an error (`onGap: 'error'`). */
export class LogGapError<Gap = unknown> extends RequestError {
  readonly _tag = 'LogGapError'
  override readonly name = 'LogGapError'
  readonly gap: Gap
  readonly reason: string

  constructor(init: LogGapErrorInit<Gap>) {
    super(init, `lines of the log are missing: ${init.reason}`)
    this.gap = init.gap
    this.reason = init.reason
  }
}

/** True for a {@link LogGapError}, from any realm. */
export const isLogGapError = (value: unknown): value is LogGapError => tagOf(value) === 'LogGapError'
