import { from, map, type Observable } from 'rxjs'
import { withDemand } from '../../core/index.ts'
import type { TailContext } from '../job-events.ts'
import type { LogEntry, LogPage } from '../types.ts'

type Entries = ReadonlyArray<LogEntry>

/** A job's log, bound to the job, its demand and the longest line that is emitted. */
export interface BoundLog {
  readonly maxLines: number
  readonly maxLineLength: number
  readonly read: (maxLines: number) => Observable<Entries>
  readonly after: ((offset: number) => Observable<LogPage>) | undefined
  readonly stream: (() => Observable<Entries>) | undefined
  readonly download: (() => Observable<ReadonlyArray<string>>) | undefined
}

// The most lines that are asked for where a source does not say: Connect's documented default.
const defaultMaxLines = 5_000

/**
 * Binds a log to one job. Lines that are too long are cut just beyond the longest length, whichever way they come, so that they are
 * known to be too long, compare alike, and take no more memory than that.
 */
export function bindLog<Ref, Job>({ log, ref, demand, options }: TailContext<Ref, Job>): BoundLog {
  const { read, after, stream, maxLines = defaultMaxLines } = log
  const { maxLineLength = 2 ** 20, onGap } = options
  const download = onGap === 'emit' ? undefined : log.download
  const most = Math.min(maxLineLength, log.maxLineLength ?? maxLineLength)
  const cut = (data: string): string => (data.length > most ? data.slice(0, most + 1) : data)
  const cutEntry = (entry: LogEntry): LogEntry => ({ ...entry, data: cut(entry.data) })
  const isLong = ({ data }: LogEntry): boolean => data.length > most
  const cutAll = map((entries: Entries) => (entries.some(isLong) ? entries.map(cutEntry) : entries))
  // A source may be written with promises.
  return {
    maxLines: Math.max(2, maxLines),
    maxLineLength: most,
    read: (lines) => from(read(ref, lines)).pipe(cutAll),
    after: after && ((offset) => from(after(ref, offset))),
    stream: stream && (() => withDemand(from(stream(ref)), demand).pipe(cutAll)),
    download: download && (() => withDemand(from(download(ref)), demand).pipe(map((lines) => lines.map(cut)))),
  }
}
