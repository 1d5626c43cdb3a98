import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What a {@link TimeoutError} is made from. */
export interface TimeoutErrorInit extends Asked {
  /** How long was waited, in milliseconds. */
  readonly after: number
  /** What was waited for: the answer, or the next piece of its body. */
  readonly waitingFor: 'answer' | 'body'
}

/** The service took longer than `timeout` to answer, or was silent for longer than `idleTimeout` in the middle of a body. */
export class TimeoutError extends RequestError {
  readonly _tag = 'TimeoutError'
  override readonly name = 'TimeoutError'
  readonly after: number
  readonly waitingFor: 'answer' | 'body'

  constructor(init: TimeoutErrorInit) {
    super(
      init,
      init.waitingFor === 'answer'
        ? `no answer within ${init.after} ms`
        : `nothing more of the body for ${init.after} ms`,
    )
    this.after = init.after
    this.waitingFor = init.waitingFor
  }
}

/** True for a {@link TimeoutError} of ours, from any realm; rxjs's own is another class. */
export const isTimeoutError = (value: unknown): value is TimeoutError => tagOf(value) === 'TimeoutError'
