import type { Option } from 'fp-ts/lib/Option.js'
import type { Phase } from '../../streams/index.ts'
import type { JobItem } from './job-item.ts'
import type { LoggedError } from './logged-error.ts'

/** How far a job is, by itself: whether it succeeded takes a look at its error, too. */
export type Progress = 'queued' | 'running' | 'unknown' | 'finished' | 'finalized'

const has = (time: string | null | undefined): boolean => time !== undefined && time !== null && time !== ''

/**
 * Active (0), finished (1) or finalized (2). A status that nobody knows counts as finished once there is an end time,
 * and as unknown before.
 */
export function progressOf({ status, start_time, queued_time, end_time }: JobItem): Progress {
  if (status === 0) return has(queued_time) && !has(start_time) ? 'queued' : 'running'
  if (status === 1) return 'finished'
  if (status === 2) return 'finalized'
  return has(end_time) ? 'finished' : 'unknown'
}

/** True where a job is over, whether or not it is finalized. */
export const isOver = (progress: Progress): progress is 'finished' | 'finalized' =>
  progress === 'finished' || progress === 'finalized'

/**
 * How a job that is over ended: by exit code and error and nothing else. A finalized job may have no exit code at all,
 * and is then a failure only if an error was logged.
 */
export function endOf({ exit_code }: JobItem, error: Option<LoggedError>): Phase {
  if ((typeof exit_code === 'number' && exit_code !== 0) || error._tag === 'Some') return 'failed'
  return exit_code === 0 ? 'succeeded' : 'ended'
}
