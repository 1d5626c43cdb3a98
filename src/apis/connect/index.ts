export { client, type Connect, connect } from './connect.ts'
export { JobItem, JobItems, type JobTag } from './job-item.ts'
export type { ConnectJobFailure, ConnectJobs } from './job-source.ts'
export {
  type ContentRef,
  getJob,
  getJobs,
  type JobDownloadLog,
  type JobLogs,
  type JobRef,
  jobDownloadLog,
  jobError,
  jobLogs,
  jobTailLog,
  killJob,
} from './jobs.ts'
export { KillJobOrder } from './kill-job-order.ts'
export { LogEntries, LogEntry } from './log-entries.ts'
export { LoggedError } from './logged-error.ts'
export type { ConnectOptions } from './options.ts'
