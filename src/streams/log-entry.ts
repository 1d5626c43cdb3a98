import type { Open } from '../core/index.ts'

/** One line of a job's log, as a source gives it. */
export interface LogEntry {
  /** `stdout` or `stderr`; empty where the service does not say: in a download, in a task's output. */
  readonly source: Open<'stdout' | 'stderr'>
  /** As the service sent it, up to nine fraction digits; empty where it gave none. */
  readonly timestamp: string
  /** The text, without its line end. */
  readonly data: string
}
