import { concat, defer, ignoreElements, last, map, mergeMap, type OperatorFunction } from 'rxjs'
import { watchJob } from '../../streams/index.ts'
import { eachSubmitted } from '../../streams/submitted.ts'
import { checkTask } from './check-task.ts'
import type { Connect } from './connect.ts'
import { jobSearch, type StartedJobsOptions, type TaskContent } from './job-search.ts'
import type { JobRef } from './jobs.ts'
import type { RenderTask, StartedTask } from './task.ts'
import { wake } from './wake.ts'

/**
 * The jobs that a task starts, each as soon as it is there; completes when the task is over and all its jobs are named.
 *
 * The service does not say which jobs a task started, so the content's jobs are listed before the source Observable is
 * subscribed to, while the task goes on and once after it: a job that is new, and of the bundle and tag where those are
 * given, is its own. Somebody else who starts a job of the same content and bundle at the same time cannot be told apart.
 * The oldest comes first. A task that fails is no error here: its jobs say why. Costs a list call and a look at the task
 * per cadence; buffers nothing; errors as `watchJob`. `onConnection` is told of both: the list's `ref` is `{ guid }`, the
 * task's `{ taskId }`.
 *
 * @throws TypeError at the call for a client, a guid or an option that can never work
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
): OperatorFunction<StartedTask | RenderTask, JobRef> {
  checkTask('thenJobs', pc, content, options)
  const { visit = false } = options
  return (started) =>
    defer(() => {
      const search = jobSearch(pc, content, options)
      const found = started.pipe(
        eachSubmitted(pc.tasks, {}, (task) => {
          const over = watchJob(pc.tasks, task, options).pipe(
            last(),
            mergeMap(({ phase }) => wake(pc, content, visit, phase)),
          )
          return search.until(over)
        }),
        map(({ ref }) => ref),
      )
      return concat(search.begin.pipe(ignoreElements()), found)
    })
}
