export type { Archive, BlobLike } from './archive.ts'
export { Bundle } from './bundle.ts'
export { client, type Connect, connect } from './connect.ts'
export { Content } from './content.ts'
export {
  type BuildContent,
  buildContent,
  type CreateContent,
  createContent,
  type DeployContent,
  deployContent,
  type UploadBundle,
  uploadBundle,
} from './contents.ts'
export {
  type Deploy,
  deployAndFollow,
  type DeployEvent,
  type DeployOptions,
  type UploadEvent,
} from './deploy-and-follow.ts'
export type { FollowTaskOptions, TaskEvent } from './follow-task.ts'
export { JobItem, JobItems, type JobTag } from './job-item.ts'
export type { StartedJobsOptions, TaskConnectionRef, TaskContent } from './job-search.ts'
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
export { RenderTask, StartedTask, Task, type TaskResult } from './task.ts'
export type { FailedJob, TaskJob, TaskOutcome, TaskRun, TaskRunFailure } from './task-run.ts'
export type { ConnectTasks, TaskFailure, TaskRef } from './task-source.ts'
export { type GetTask, getTask } from './tasks.ts'
export { thenFollowTask } from './then-follow-task.ts'
export { thenJobs } from './then-jobs.ts'
export type { UploadOptions, UploadProgress } from './upload.ts'
export { Variant, Variants } from './variant.ts'
export { getVariants, type RenderVariant, renderVariant } from './variants.ts'
