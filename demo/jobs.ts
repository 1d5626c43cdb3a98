import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { concatMap, defer, EMPTY, filter, mergeMap, type Observable, of } from 'rxjs'
import { thenFollow } from 'rxjobs'
import {
  type Connect,
  type ConnectJobFailure,
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
import {
  type AcceleratorInput,
  type Genesys,
  type GenesysJobFailure,
  type InfrastructureascodeJob,
  submitOnce,
} from 'rxjobs/genesys'
import { type DemoJob, type Texts, toUpdates } from './updates.ts'

// ---- Genesys Cloud

/** Submits a job as a dry run first; where that succeeds, submits it for real and follows it. */
export function genesysJob(cx: Genesys, input: AcceleratorInput): DemoJob {
  const dryRun = cx
    .postInfrastructureascodeJobs({ ...input, dryRun: true })
    .pipe(thenFollow(cx.jobs), toUpdates(genesysTexts))
  const run = submitOnce(cx, input).pipe(thenFollow(cx.jobs), toUpdates(genesysTexts))
  return {
    name: input.acceleratorId,
    updates: dryRun.pipe(
      mergeMap((update) => (update.kind === 'end' && update.end === 'succeeded' ? run : of(update))),
    ),
  }
}

const genesysTexts: Texts<InfrastructureascodeJob, GenesysJobFailure> = {
  status: ({ status = 'status unknown', dryRun, results }) =>
    dryRun ? `dry run: ${lastLineOf(results)[0] ?? status}` : status,
  reasons: ({ status = '', message = 'no reason given', code, rollbackResults }) => [
    `${status}: ${message}${code === undefined ? '' : ` (${code})`}`,
    ...lastLineOf(rollbackResults),
  ],
}

const lastLineOf = (output = ''): ReadonlyArray<string> => output.trimEnd().split('\n').slice(-1).filter(Boolean)

// ---- Posit Connect

/** Follows each job on Posit Connect that `started` names, with its log. */
export const connectJob = (pc: Connect, name: string, started: Observable<JobRef>): DemoJob => ({
  name,
  updates: started.pipe(thenFollow(pc.jobs), toUpdates(jobTexts)),
})

const statuses = ['active', 'finished', 'finalized']

const jobTexts: Texts<JobItem, ConnectJobFailure> = {
  status: ({ status = -1 }) => statuses[status] ?? 'in an unknown status',
  reasons: ({ exitCode, error }) => [
    `exit code ${exitCode ?? 'unknown'}`,
    ...(error ? [`${error.code ?? 'error'}: ${error.summary ?? 'no reason given'}`] : []),
  ],
}

/** Deploys a bundle of this folder to Posit Connect, and follows the job that it starts to its end. */
export const deployJob = (pc: Connect, name: string): DemoJob => ({
  name,
  updates: deployAndFollow(pc, { name, archive: packed(name) }).pipe(
    withoutEcho,
    toUpdates<Ref, Job, TaskRunFailure>(deployTexts),
  ),
})

type Ref = ContentRef | TaskRef | JobRef
type Job = Task | JobItem | TaskRun

/** A folder as a gzipped tar, sent while it is packed. */
const packed = (name: string): Observable<Uint8Array> =>
  defer((): AsyncIterable<Uint8Array> => {
    const folder = fileURLToPath(new URL(`bundles/${name}`, import.meta.url))
    return spawn('tar', ['-cz', '-C', folder, '.']).stdout
  })

/** A job's log is in the deploy's output as well: lines of the output that the log showed already are left out. */
function withoutEcho(events: Observable<DeployEvent>): Observable<TaskEvent> {
  return defer(() => {
    const logged = new Set<string>()
    return events.pipe(
      concatMap((event) => (event._tag === 'Upload' ? EMPTY : of(event))),
      filter((event) => {
        if (event._tag !== 'Line') return true
        if ('key' in event.ref) logged.add(event.data)
        return 'key' in event.ref || !logged.has(event.data)
      }),
    )
  })
}

const deployTexts: Texts<Job, TaskRunFailure> = {
  status: (job) => {
    if ('task' in job) return 'over'
    if (!('finished' in job)) return jobTexts.status(job)
    return job.finished ? 'deploy finished' : 'deploying'
  },
  reasons: ({ task, jobs }) => [...jobs.flatMap(jobTexts.reasons), ...(task ? [`deploy: ${task.error}`] : [])],
}
