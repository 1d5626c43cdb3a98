import { concat, defer, mergeMap, of, type OperatorFunction } from 'rxjs'
import { checkOptions, isObject, type OptionTable, pathOf } from '../../core/index.ts'
import { thenFollow, watchTable } from '../../streams/index.ts'
import type { Connect } from './connect.ts'
import { getJobs, type JobRef, type TaskContent } from './endpoints.ts'
import { JobSearch, type StartedJobsOptions } from './job-search.ts'
import type { AnyTask } from './task-source.ts'

// A task cannot be cancelled.
const { cancelOn: _1, cancelOnUnsubscribe: _2, ...watchOptions } = watchTable

export const searchTable: OptionTable = {
  visit: (visit) => (typeof visit === 'boolean' || visit === 'draft' ? undefined : 'true, false or draft'),
}

/** @throws TypeError in the caller's name for what is no client of Connect, and for invalid options */
export function checkClient(caller: string, pc: unknown, options: object, table: OptionTable): void {
  if (!isObject(pc) || !('getJobs' in pc && 'tasks' in pc)) {
    throw new TypeError(`${caller}: the first argument must be the client that connect(…) gives`)
  }
  checkOptions(caller, options, table)
}

/** @throws TypeError as {@link checkClient}, for an invalid guid, and for a visit to a draft of no bundle */
export function checkTask(
  caller: string,
  pc: unknown,
  content: TaskContent,
  options: StartedJobsOptions,
  table: OptionTable,
): void {
  checkClient(caller, pc, options, table)
  pathOf({ ...getJobs, name: caller }, content)
  if (options.visit === 'draft' && !content.bundle_id) {
    throw new TypeError(`${caller}: a visit to a draft needs the content's bundle_id`)
  }
}

/**
 * The jobs that a task starts, each as soon as it is named or listed. Completes a second after the task is over.
 *
 * The answer to a deploy does not name its jobs. Newer servers name them in the task's output, others do not: so the content's jobs are
 * listed before the source Observable is subscribed to, while the task goes on, and for a second after it. A job that the output names is
 * found at once. New jobs with the given bundle are emitted, the oldest first; a job that somebody else starts at the same time
 * is among them. A task that fails is no error here. Costs a list call and a read of the task for each `pollInterval`, reads of its
 * output, and a read of each job that it names. Errors as `watchJob`. `onConnection` is called for all of them: the list's `ref` is
 * `{ guid }`, the task's `{ taskId }`.
 *
 * @throws TypeError synchronously for an invalid client, guid or option
 *
 * @example
 * ```ts
 * import { thenFollow } from 'rxjobs'
 * import { connect, thenJobs } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const guid = 'a-guid'
 * const events = pc.deployContent({ guid }).pipe(thenJobs(pc, { guid }), thenFollow(pc.jobs))
 * ```
 */
export function thenJobs(
  pc: Connect,
  content: TaskContent,
  options: StartedJobsOptions = {},
): OperatorFunction<AnyTask, JobRef> {
  checkTask('thenJobs', pc, content, options, { ...watchOptions, ...searchTable })
  const { visit: _, ...watch } = options
  return (started) =>
    defer(() => {
      const search = new JobSearch(pc, content, options)
      const found = started.pipe(mergeMap((task) => search.during(of(task).pipe(thenFollow(pc.tasks, watch)))))
      return concat(search.begin(), found.pipe(mergeMap((one) => (one._tag === 'Found' ? [one.job.ref] : []))))
    })
}
