import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { concatMap, defer, EMPTY, filter, type Observable, of } from 'rxjs'
import {
  type Connect,
  type ContentRef,
  type DeployEvent,
  deployAndFollow,
  type JobItem,
  type JobRef,
  type Task,
  type TaskEvent,
  type TaskRef,
  type TaskRun,
  type TaskRunFailure,
} from 'rxjobs/connect'
import { words as jobWords } from './connect-job.ts'
import { tell, type Words } from './tell.ts'
import type { DemoJob } from './told.ts'

/** Deploys a bundle from the disk to Posit Connect, and follows the job that it starts to its end. */
export const deployJob = (pc: Connect, name: string): DemoJob => ({
  name,
  told: deployAndFollow(pc, { name, archive: packed(name) }).pipe(withoutEcho, tell<Ref, Job, TaskRunFailure>(words)),
})

type Ref = ContentRef | TaskRef | JobRef
type Job = Task | JobItem | TaskRun

/** A folder as a gzipped tar, while it is packed. */
const packed = (name: string): Observable<Uint8Array> =>
  defer((): AsyncIterable<Uint8Array> => {
    const folder = fileURLToPath(new URL(`../bundles/${name}`, import.meta.url))
    return spawn('tar', ['-cz', '-C', folder, '.']).stdout
  })

/** What is rendered is in the deploy's output as well: once a job says it, the deploy need not. */
function withoutEcho(events: Observable<DeployEvent>): Observable<TaskEvent> {
  return defer(() => {
    let started = false
    return events.pipe(
      concatMap((event) => (event._tag === 'Upload' ? EMPTY : of(event))),
      filter((event) => {
        started ||= 'key' in event.ref
        return !(started && event._tag === 'Line' && 'taskId' in event.ref)
      }),
    )
  })
}

const words: Words<Job, TaskRunFailure> = {
  status: (job) => {
    if ('task' in job) return 'over'
    if (!('finished' in job)) return jobWords.status(job)
    return job.finished ? 'deploy finished' : 'deploying'
  },
  why: ({ task, jobs }) => [
    ...jobs.flatMap(jobWords.why),
    ...(task._tag === 'Some' ? [`deploy: ${task.value.error}`] : []),
  ],
}
