import type { Open } from '../core/index.ts'

/** One line of a job's log, as a source gives it. */
export interface LogEntry {
  /** `stdout` or `stderr`; empty for a line that came from a download, which does not say. */
  readonly source: Open<'stdout' | 'stderr'>
  /** As the service sent it, up to nine fraction digits; empty where it gave none. */
  readonly timestamp: string
  /** The text, without its line end. */
  readonly data: string
}
