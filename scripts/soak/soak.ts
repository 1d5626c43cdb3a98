import type { Cursor } from 'rxjobs'
import { isRequestError } from 'rxjobs/core'
import { EMPTY, type Observable, type SchedulerLike } from 'rxjs'
import type { LogCheck } from './log-check.ts'
import type { Random } from './profiles.ts'
import type { Tally } from './tally.ts'

/** What the streams of a soak have in common. */
export interface Soak {
  readonly scheduler: SchedulerLike
  /** The time by a clock that is right, in milliseconds. */
  readonly now: () => number
  /** When no new job begins, and those that run come to their end. */
  readonly until: number
  readonly random: Random
  readonly tally: Tally
  /** The streams that have not ended. */
  readonly open: Set<string>
}

/** A copy, as a program has it that was started anew. */
export const copyOf = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor)) as Cursor

/** An error in the words of the table. */
export function nameOf(error: object & { readonly name: string; readonly status?: unknown }): string {
  return typeof error.status === 'number' ? `${error.name} ${error.status}` : error.name
}

/**
 * Completes where a POST had no answer, which is counted: such a stream ends, because a POST is never sent twice. Other errors are
 * differences.
 */
export function failed({ tally }: Soak, where: string, error: unknown): Observable<never> {
  const isPost = isRequestError(error) && error.method === 'POST'
  const isUnanswered = isPost && (!('status' in error) || error.status === 504)
  if (isUnanswered) tally.add('jobs', 'POSTs without an answer, not sent again')
  else tally.fail(`${where}: the stream failed: ${String(error)}`)
  return EMPTY
}

/**
 * Counts what came of a log that was emitted to its end, and fails where it is not the log that was written.
 *
 * @param isFlawed whether the live connection sends some lines twice, one right after the other, or after the one that follows
 */
export function judge({ tally }: Soak, where: string, check: LogCheck, written: number, isFlawed: boolean): void {
  check.end(written)
  const { lost, doubled, late, foreign, missing, emptyGaps } = check
  const repeated = check.repeated + (isFlawed ? 0 : doubled + late)
  tally.add('lines', 'written', written)
  tally.add('lines', 'lost', lost)
  tally.add('lines', 'repeated', repeated)
  tally.add('lines', 'that the connection gave twice', isFlawed ? doubled : 0)
  tally.add('lines', 'that the connection gave in another order', isFlawed ? late : 0)
  tally.add('lines', 'that the job did not write', foreign)
  tally.add('lines', 'in gaps that were told', missing)
  if (emptyGaps > 0) tally.add('gaps in which no line is missing', where.replace(/, [^,]*$/, ''), emptyGaps)
  if (lost + repeated + foreign === 0) return
  tally.fail(`${where}: ${lost} of ${written} lines lost, ${repeated} repeated, ${foreign} not of this log`)
}
