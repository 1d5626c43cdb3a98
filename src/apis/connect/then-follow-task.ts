import { concat, ignoreElements, Observable, type OperatorFunction } from 'rxjs'
import { Paced, type Ready } from '../../core/index.ts'
import { eachSubmitted } from '../../streams/submitted.ts'
import { checkTask } from './check-task.ts'
import type { Connect } from './connect.ts'
import { followTask, type FollowTaskOptions, type TaskEvent } from './follow-task.ts'
import { jobSearch, type TaskContent } from './job-search.ts'
import type { RenderTask, StartedTask } from './task.ts'

/**
 * Follows a task and the jobs that it starts in one stream: the task's output and the jobs' logs as they are written,
 * each one's status, and at the end, once all logs are drained, how it went and why. `Settled` is always the last event
 * of a stream that completes; its failure has the task's code and error and each failed job's exit code and logged error.
 *
 * The events are those of `followJob`; their `ref` says whose they are: `{ taskId }` the task's, `{ guid, key }` a job's,
 * `{ guid }` of the list in which jobs are found (see {@link thenJobs} for how). An app's job goes on for as long as the
 * app does, and so does the stream, unless `apps` is `leave`. Costs what following each of them costs, and a list call
 * per cadence; buffers nothing, and `toAsyncIterable` holds the logs back; errors as `followJob`: one that ends a part ends the whole.
 *
 * @throws TypeError at the call for a client, a guid or an option that can never work
 *
 * @example
 * ```ts
 * import { connect, thenFollowTask } from 'rxjobs/connect'
 *
 * const pc = connect({ server: 'https://connect.example.com', apiKey: 'a-key' })
 * const guid = 'a-guid'
 * const events = pc.renderVariant({ variant_id: 6627 }).pipe(thenFollowTask(pc, { guid }))
 * const log: Array<string> = []
 * const follow = () =>
 *   events.subscribe((event) => {
 *     if (event._tag === 'Line') log.push('key' in event.ref ? `job: ${event.data}` : `task: ${event.data}`)
 *     if (event._tag === 'Settled') log.push(event.outcome.phase)
 *   })
 * ```
 */
export function thenFollowTask(
  pc: Connect,
  content: TaskContent,
  options: FollowTaskOptions = {},
): OperatorFunction<StartedTask | RenderTask, TaskEvent> {
  checkTask('thenFollowTask', pc, content, options)
  const following = (started: Observable<StartedTask | RenderTask>, ready: Ready): Observable<TaskEvent> =>
    new Observable((subscriber) => {
      const onConnection: FollowTaskOptions['onConnection'] = (connection) => {
        options.onConnection?.(connection)
        subscriber.next({ _tag: 'Connection', ...connection })
      }
      const search = jobSearch(pc, content, { ...options, onConnection })
      const followed = started.pipe(
        eachSubmitted(pc.tasks, {}, (task) => followTask(pc, content, task, search, options, ready)),
      )
      return concat(search.begin.pipe(ignoreElements()), followed).subscribe(subscriber)
    })
  return (started) => new Paced((ready) => following(started, ready))
}
