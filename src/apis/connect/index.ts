export {
  accessToken,
  type ClientCredentials,
  clientCredentials,
  type StoredToken,
  type TokenStore,
} from '../../core/index.ts'
export { client, type Connect, type ConnectOptions, connect } from './connect.ts'
export { type ConnectCredentials, snowflakeAuth, type SnowflakeCredentials } from './credentials.ts'
export {
  type Deploy,
  deployAndFollow,
  type DeployEvent,
  type DeployOptions,
  type UploadEvent,
} from './deploy-and-follow.ts'
export * from './endpoints.ts'
export {
  type FailedJob,
  type FollowTaskOptions,
  type TaskEvent,
  type TaskJob,
  type TaskOutcome,
  type TaskRun,
  type TaskRunFailure,
  thenFollowTask,
} from './follow-task.ts'
export type { ConnectJobFailure, ConnectJobs } from './job-source.ts'
export {
  Bundle,
  Content,
  JobItem,
  JobItems,
  JobMetrics,
  type JobMetricsSample,
  type JobTag,
  KillJobOrder,
  LogEntries,
  LogEntry,
  LoggedError,
  StartedTask,
  Task,
  type TaskResult,
  Variant,
  Variants,
} from './models.ts'
export type { StartedJobsOptions, TaskConnectionRef } from './job-search.ts'
export { thenJobs } from './started-jobs.ts'
export type { AnyTask, ConnectTasks, TaskFailure, TaskRef } from './task-source.ts'
export { type Archive, type BlobLike, uploadArchive } from './upload.ts'
