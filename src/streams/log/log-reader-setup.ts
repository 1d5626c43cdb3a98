import { EMPTY, type Observable, of } from 'rxjs'
import type { Ready } from '../../core/index.ts'
import type { JobLog } from '../job-log.ts'
import type { Link } from '../link.ts'
import type { Emitter } from './emitter.ts'
import type { LogElement } from './log-line.ts'
import type { Position } from './position.ts'

/** What a log is read with. */
export interface LogReaderSetup<Ref> {
  readonly log: JobLog<Ref>
  readonly ref: Ref
  readonly position: Position<Ref>
  readonly emit: Emitter<Ref>
  readonly link: Link
  readonly ready: Ready
  /** Whether gaps are repaired from the whole log. */
  readonly repair: boolean
}

/** New lines and gaps, in batches. */
export type Batches<Ref> = Observable<ReadonlyArray<LogElement<Ref>>>

/** One batch, unless it is empty. */
export const batch = <A>(elements: ReadonlyArray<A>): Observable<ReadonlyArray<A>> =>
  elements.length === 0 ? EMPTY : of(elements)
