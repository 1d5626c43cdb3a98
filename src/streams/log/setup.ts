import { map, type Observable, type SchedulerLike } from 'rxjs'
import { type Demand, withDemand } from '../../core/index.ts'
import type { ConnectionState } from '../connection.ts'
import type { Cursor, GapReason, JobLog, LogEntry, LogGap, LogLine, LogPage, LogStart } from '../types.ts'

/** A job's log, bound to the job. */
export interface BoundLog {
  readonly read: (maxLines: number) => Observable<ReadonlyArray<LogEntry>>
  readonly maxLines?: number
  readonly after?: (offset: number) => Observable<LogPage>
  readonly stream?: (demand: Demand) => Observable<ReadonlyArray<LogEntry>>
  readonly download?: (demand: Demand) => Observable<ReadonlyArray<string>>
  readonly maxLineLength?: number
}

/** Makes what a tail emits, so that the tail itself needs no job reference. */
export interface ElementFactory<Ref> {
  readonly line: (index: number, entry: LogEntry, cursor: Cursor) => LogLine<Ref>
  readonly gap: (reason: GapReason, cursor: Cursor, before?: LogLine<Ref>, after?: LogEntry) => LogGap<Ref>
}

/** What a tail works with, but for what makes its elements. */
export interface TailContext {
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
}

/** What a tail works with. */
export interface TailSetup<Ref> extends TailContext {
  readonly elements: ElementFactory<Ref>
}

/** Binds a log to one job. */
export function bindLog<Ref>(log: JobLog<Ref>, ref: Ref): BoundLog {
  const { read, after, stream, download, ...limits } = log
  return {
    ...limits,
    read: (maxLines) => read(ref, maxLines),
    ...(after && { after: (offset) => after(ref, offset) }),
    ...(stream && { stream: (demand) => withDemand(stream(ref), demand) }),
    ...(download && { download: (demand) => withDemand(download(ref), demand) }),
  }
}

/**
 * The same log with its too-long lines cut just beyond `most` UTF-16 units, whichever way they come, so that they are known to be too
 * long, compare alike, and take no more memory than that.
 */
export function limitLines(log: BoundLog, most: number): BoundLog {
  const { read, after, stream, download } = log
  const cut = (data: string): string => (data.length > most ? data.slice(0, most + 1) : data)
  const cutAll = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<LogEntry> =>
    entries.some(({ data }) => data.length > most)
      ? entries.map((entry) => ({ ...entry, data: cut(entry.data) }))
      : entries
  return {
    ...log,
    read: (maxLines) => read(maxLines).pipe(map(cutAll)),
    ...(after && {
      after: (offset) => after(offset).pipe(map((page) => ({ ...page, entries: cutAll(page.entries) }))),
    }),
    ...(stream && { stream: (demand) => stream(demand).pipe(map(cutAll)) }),
    ...(download && { download: (demand) => download(demand).pipe(map((lines) => lines.map(cut))) }),
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
