import { map } from 'rxjs'
import type { JobLog } from '../job-log.ts'
import type { LogEntry } from '../log-entry.ts'

/**
 * The same log with its too-long lines cut just beyond `longest` UTF-16 units, whichever way they come, so that they are
 * known to be too long, compare alike, and take no more memory than that.
 */
export function boundedLog<Ref>(log: JobLog<Ref>, longest: number): JobLog<Ref> {
  const { window, since, live, full } = log
  const cut = (data: string): string => (data.length > longest ? data.slice(0, longest + 1) : data)
  const cutAll = (entries: ReadonlyArray<LogEntry>): ReadonlyArray<LogEntry> =>
    entries.some(({ data }) => data.length > longest)
      ? entries.map((entry) => ({ ...entry, data: cut(entry.data) }))
      : entries
  return {
    ...log,
    window: (ref, lines) => window(ref, lines).pipe(map(cutAll)),
    ...(since && {
      since: (ref, next) => since(ref, next).pipe(map((part) => ({ ...part, entries: cutAll(part.entries) }))),
    }),
    ...(live && { live: (ref) => live(ref).pipe(map(cutAll)) }),
    ...(full && { full: (ref) => full(ref).pipe(map(cut)) }),
  }
}
