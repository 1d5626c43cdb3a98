import type { JobOf, RefOf } from '../source-types.ts'
import type { MergeOptions } from '../submitted.ts'
import type { WatchOptions } from '../watch-options.ts'
import type { Cursor } from './cursor.ts'

/** How a job's log is tailed, beside how the job is watched. */
export interface TailOptions<Job = unknown, Ref = unknown, Source = unknown> extends WatchOptions<Job, Ref, Source> {
  /** Where to go on: the cursor of a line or gap of an earlier stream. Default: the beginning. */
  readonly from?: Cursor
  /**
   * What to do about missing lines. `repair`: get them from the whole log where it can be aligned, else emit a gap.
   * `emit`: a gap at once, without reading the whole log. `error`: as `repair`, but fail with LogGapError where it
   * cannot be. Default `repair`.
   */
  readonly onGap?: 'repair' | 'emit' | 'error'
  /**
   * The longest line that is emitted, in UTF-16 units; a longer one becomes a gap. Default 1 048 576, and never more than
   * what the source gives whole (`connect` has a `maxLineBytes`, too).
   */
  readonly maxLineBytes?: number
  /** Milliseconds of silence on the open connection after which the log is looked at instead. Default 30 000. */
  readonly silence?: number
}

/** How the log of each of many jobs of a source is tailed. */
export interface EachTailOptions<Source> extends TailOptions<JobOf<Source>, RefOf<Source>, Source>, MergeOptions {}
