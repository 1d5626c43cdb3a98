import {
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  repeat,
  takeUntil,
  tap,
  timer,
} from 'rxjs'
import { segment } from '../../core/index.ts'
import { waitOf } from '../../streams/cadence.ts'
import type { WatchOptions } from '../../streams/index.ts'
import { Link } from '../../streams/link.ts'
import { compareTimestamps } from '../../streams/log/timestamp.ts'
import { cadenceOf, clockOf, patienceOf } from '../../streams/options.ts'
import type { Connect } from './connect.ts'
import type { JobItem, JobTag } from './job-item.ts'
import type { ContentRef, JobRef } from './jobs.ts'
import type { TaskRef } from './task-source.ts'

/** Which content a task is about, and which bundle of it. */
export interface TaskContent extends ContentRef {
  /** The bundle that the task works on: a job of another one is not its own. Default: not looked at. */
  readonly bundle_id?: string
}

/** What a connection is about while a task and its jobs are followed: the list of jobs is its content's. */
export type TaskConnectionRef = TaskRef | JobRef | ContentRef

/** A task cannot be cancelled. Its jobs can: `thenJobs(…)`, then `thenFollow(pc.jobs, { cancelWhenLeft: true })`. */
export type Uncancellable = 'cancelWhen' | 'cancelWhenLeft'

/** How the jobs of a task are found. */
export interface StartedJobsOptions extends Omit<WatchOptions<unknown, TaskConnectionRef>, Uncancellable> {
  /** Only jobs of this kind, or of one of these. Default: all. */
  readonly tag?: JobTag | ReadonlyArray<JobTag>
  /** Visit the content once its task is over: there are apps whose job starts only then. Default false. */
  readonly visit?: boolean
}

/** A job that was not there before. */
export interface FoundJob {
  readonly ref: JobRef
  /** As the list showed it. */
  readonly job: JobItem
}

/** Looks for the jobs of one content; what it has found is not found again. */
export interface JobSearch {
  /** Looks once: what is there now is not what is searched for. */
  readonly begin: Observable<unknown>
  /** All jobs of the content, at one look. */
  readonly list: () => Observable<ReadonlyArray<JobItem>>
  /** New jobs, the oldest first, until `over` emits; then one more look, and a few when there was no job at all yet. */
  readonly until: (over: Observable<unknown>) => Observable<FoundJob>
}

// A visit may be answered before the app's process is there.
const lateLooks = 10

/** Where a service leaves a bundle out, it may be any. */
const isOf = (bundle: string | undefined, found: string | null | undefined): boolean =>
  bundle === undefined || found === undefined || found === null || found === '' || found === '0' || found === bundle

/** Oldest first; those that have not started come last. */
function byStart({ start_time: one }: JobItem, { start_time: other }: JobItem): number {
  const order = compareTimestamps(one ?? '', other ?? '')
  return Number.isNaN(order) ? (one ? 0 : 1) - (other ? 0 : 1) : order
}

/** The search of one subscription. */
export function jobSearch(
  pc: Connect,
  { guid, bundle_id }: TaskContent,
  { tag, visit = false, ...options }: StartedJobsOptions,
): JobSearch {
  const scheduler = clockOf(pc.jobs, options)
  const link = new Link('status', patienceOf(pc.jobs, { guid }, options))
  const cadence = cadenceOf(options)
  const tags = typeof tag === 'string' ? [tag] : tag
  const known = new Set<string | undefined>()
  const began = scheduler.now()
  let looks = 0
  let found = 0

  const list = (): Observable<ReadonlyArray<JobItem>> => link.once(() => pc.getJobs({ guid }, { retry: false }))

  function fresh(jobs: ReadonlyArray<JobItem>): ReadonlyArray<FoundJob> {
    return jobs
      .filter(
        ({ key, bundle_id: of, tag: kind = '' }) =>
          !known.has(key) && segment(key) === undefined && isOf(bundle_id, of) && (tags?.includes(kind) ?? true),
      )
      .sort(byStart)
      .map((job) => ({ ref: { guid, key: job.key ?? '' }, job }))
  }

  const look: Observable<FoundJob> = defer(list).pipe(
    mergeMap(fresh),
    tap(({ ref }) => {
      known.add(ref.key)
      found++
    }),
  )
  const pause = (): Observable<unknown> =>
    timer(waitOf(cadence, undefined, scheduler.now() - began, ++looks), scheduler)
  const last = (left: number): Observable<FoundJob> =>
    concat(
      look,
      defer(() => (found > 0 || left <= 1 ? EMPTY : concat(pause().pipe(ignoreElements()), last(left - 1)))),
    )

  return {
    begin: defer(list).pipe(map((jobs) => jobs.forEach(({ key }) => known.add(key)))),
    list,
    until: (over) =>
      concat(
        look.pipe(repeat({ delay: pause }), takeUntil(over)),
        defer(() => last(visit ? lateLooks : 1)),
      ),
  }
}
