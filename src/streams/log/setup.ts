import type { Observable, SchedulerLike } from 'rxjs'
import type { Demand } from '../../core/index.ts'
import type { ConnectionState } from '../connection.ts'
import type { Cursor, GapReason, JobLog, LogEntry, LogGap, LogLine, LogPage, LogStart } from '../types.ts'

/** A job's log, bound to the job. */
export interface BoundLog {
  readonly read: (maxLines: number) => Observable<ReadonlyArray<LogEntry>>
  readonly maxLines?: number
  readonly after?: (offset: number) => Observable<LogPage>
  readonly stream?: () => Observable<ReadonlyArray<LogEntry>>
  readonly download?: () => Observable<ReadonlyArray<string>>
  readonly maxLineLength?: number
}

/** Makes what a tail emits, so that the tail itself needs no job reference. */
export interface ElementFactory<Ref> {
  readonly line: (index: number, entry: LogEntry, cursor: Cursor) => LogLine<Ref>
  readonly gap: (reason: GapReason, cursor: Cursor, before?: LogLine<Ref>, after?: LogEntry) => LogGap<Ref>
}

/** What a tail works with. */
export interface TailSetup<Ref> {
  readonly log: BoundLog
  /** The job's key, for its cursors. */
  readonly jobKey: string
  readonly from: LogStart
  /** True where missing lines are read from the download. */
  readonly repair: boolean
  /** The longest line that is emitted, in UTF-16 units. */
  readonly maxLineLength: number
  /** Milliseconds of silence on the live connection after which the log is read. */
  readonly stallTimeout: number
  readonly scheduler: SchedulerLike
  /** A number from 0 up to 1, for jitter. */
  readonly random: () => number
  readonly demand: Demand
  readonly connection: (channel: 'log' | 'live') => ConnectionState
  /** Milliseconds until the next read of a log that is polled; `added` tells whether the last one added lines. */
  readonly pause: (added: boolean) => number
  /** Emits when the job is over; a late subscriber must get it, too. */
  readonly over: Observable<unknown>
  /** Called when a live connection ended: the job may be over. */
  readonly onClosed: () => void
  readonly elements: ElementFactory<Ref>
}

/** Binds a log to one job. */
export function bindLog<Ref>(log: JobLog<Ref>, ref: Ref): BoundLog {
  const { read, after, stream, download, ...limits } = log
  return {
    ...limits,
    read: (maxLines) => read(ref, maxLines),
    ...(after && { after: (offset) => after(ref, offset) }),
    ...(stream && { stream: () => stream(ref) }),
    ...(download && { download: () => download(ref) }),
  }
}

/** Makes the elements of one job. */
export const elementsOf = <Ref>(ref: Ref): ElementFactory<Ref> => ({
  line: (index, { source, timestamp, data }, cursor) => ({ _tag: 'Line', ref, index, source, timestamp, data, cursor }),
  gap: (reason, cursor, before, after) => ({
    _tag: 'Gap',
    ref,
    reason,
    ...(before && { before }),
    ...(after && { after }),
    cursor,
  }),
})
