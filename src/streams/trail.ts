import { type ApiError, isApiError, type Trail, withTrail } from '../core/index.ts'
import type { ConnectionChange } from './connection.ts'
import type { Phase } from './phase.ts'

/** What an answer that is a failure is called in a trail. */
function nameOf(error: ApiError): string {
  return 'status' in error ? `${error._tag} ${error.status}` : error._tag
}

/** Keeps count of what a stream sees, for the error that may end it. */
export class TrailKeeper {
  // A plain object: there is one for each watch, and there may be thousands.
  readonly #counts: Record<string, number> = {}

  /** Each look at the job. */
  looked(phase: Phase): void {
    this.#count(phase)
  }

  /** Each failure that is waited out. Those of the status need no more words; others say what they were for. */
  noticed({ to, state, error }: ConnectionChange): void {
    if (state === 'open') return
    const what = error._tag === 'Some' ? nameOf(error.value) : 'closed'
    this.#count(to === 'status' ? what : `${to}: ${what}`)
  }

  /** So far. */
  get trail(): Trail {
    return { ...this.#counts }
  }

  /** The error with what was seen before it, if anything was. What is no ApiError is a defect and stays as it is. */
  onto(error: unknown): unknown {
    return isApiError(error) && Object.keys(this.#counts).length > 0 ? withTrail(error, this.trail) : error
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1
  }
}
