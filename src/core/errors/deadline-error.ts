import { type Asked, RequestError, tagOf } from './request-error.ts'

/** What a {@link DeadlineError} is made from. */
export interface DeadlineErrorInit<Last = unknown> extends Asked {
  /** The deadline, in milliseconds from subscribe. */
  readonly deadline: number
  /** The last status that was seen, if any. */
  readonly last?: Last | undefined
}

/**
 * The job was not over by the deadline. It may well go on: nothing was cancelled, unless `cancelWhenLeft` asked for it.
 * `last` is its last status, in no log or JSON of the error, because a job may hold whatever it was sent; `trail` says how often it was looked at and what came of it.
 */
export class DeadlineError<Last = unknown> extends RequestError {
  readonly _tag = 'DeadlineError'
  override readonly name = 'DeadlineError'
  readonly deadline: number
  declare readonly last: Last | undefined

  constructor(init: DeadlineErrorInit<Last>) {
    super(
      init,
      `not over after ${init.deadline} ms; ${init.last === undefined ? 'no status was seen' : 'the last status is in "last"'}`,
    )
    this.deadline = init.deadline
    Object.defineProperty(this, 'last', { value: init.last })
  }
}

/** True for a {@link DeadlineError}, from any realm. */
export const isDeadlineError = (value: unknown): value is DeadlineError => tagOf(value) === 'DeadlineError'
