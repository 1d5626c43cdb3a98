import { map } from 'rxjs'
import { type CallOptions, type Client, lines } from '../../core/index.ts'
import type { JobLog } from '../../streams/index.ts'
import { type JobRef, jobDownloadLog, jobLogs, jobTailLogBatches } from './jobs.ts'

const once: CallOptions = { retry: false }

/** The log of a content job in its three ways: window, open connection, download. */
export function connectJobLog(client: Client, maxLineBytes: number): JobLog<JobRef> {
  return {
    window: (ref, maxLogLines) =>
      client.run(jobLogs, { ...ref, maxLogLines }, once).pipe(map(({ entries }) => entries)),
    live: (ref) => client.run(jobTailLogBatches, ref, once),
    full: (ref) => client.run(jobDownloadLog, ref, once).pipe(lines({ maxLineBytes: maxLineBytes + 1 })),
    longest: maxLineBytes,
  }
}
