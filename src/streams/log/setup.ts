import { map, type Observable, type SchedulerLike } from 'rxjs'
import { type Demand, withDemand } from '../../core/index.ts'
import type { ConnectionState } from '../connection.ts'
import type { JobLog, LogEntry, LogPage, LogStart } from '../types.ts'

/** A job's log, bound to the job and to the longest line that is emitted. */
export interface BoundLog {
  readonly read: (maxLines: number) => Observable<ReadonlyArray<LogEntry>>
  readonly maxLines?: number
  readonly after?: (offset: number) => Observable<LogPage>
  readonly stream?: (demand: Demand) => Observable<ReadonlyArray<LogEntry>>
  readonly download?: (demand: Demand) => Observable<ReadonlyArray<string>>
  readonly maxLineLength: number
}

/** What a tail works with. */
export interface LogTailOptions {
  readonly log: BoundLog
  /** The job's key, for its cursors. */
  readonly jobKey: string
  readonly from: LogStart
  /** True where missing lines are read from the download. */
  readonly repair: boolean
  /** Milliseconds of silence on the live connection after which the log is read. */
  readonly stallTimeout: number
  readonly scheduler: SchedulerLike
  /** A number from 0 up to 1, for jitter. */
  readonly random: () => number
  readonly demand: Demand
  readonly connection: (channel: 'log' | 'live') => ConnectionState
  /** Milliseconds until the next read of a log that is polled; `added` tells whether the last one added lines. */
  readonly nextPollDelay: (added: boolean) => number
  /** Emits when the job is over; a late subscriber must get it, too. */
  readonly jobEnd: Observable<unknown>
  /** Called when a live connection ended: the job may be over. */
  readonly onClosed: () => void
}

/**
 * Binds a log to one job. Lines that are too long are cut just beyond the longest length, whichever way they come, so that they are
 * known to be too long, compare alike, and take no more memory than that.
 *
 * @param maxLineLength the longest line that is emitted, in UTF-16 units
 */
export function bindLog<Ref>(log: JobLog<Ref>, ref: Ref, maxLineLength: number): BoundLog {
  const { read, after, stream, download, maxLines } = log
  const most = Math.min(maxLineLength, log.maxLineLength ?? maxLineLength)
  const cut = (data: string): string => (data.length > most ? data.slice(0, most + 1) : data)
  const cutAll = map((entries: ReadonlyArray<LogEntry>) =>
    entries.some(({ data }) => data.length > most)
      ? entries.map((entry) => ({ ...entry, data: cut(entry.data) }))
      : entries,
  )
  return {
    maxLineLength: most,
    ...(maxLines !== undefined && { maxLines }),
    read: (lines) => read(ref, lines).pipe(cutAll),
    ...(after && { after: (offset) => after(ref, offset) }),
    ...(stream && { stream: (demand) => withDemand(stream(ref), demand).pipe(cutAll) }),
    ...(download && {
      download: (demand) => withDemand(download(ref), demand).pipe(map((lines) => lines.map(cut))),
    }),
  }
}
