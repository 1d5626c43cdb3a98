import { concat, ignoreElements } from 'rxjs'
import { every } from 'rxjobs'
import type { FollowTaskOptions, JobItem, TaskEvent } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { alwaysReady } from '../../../src/core/index.ts'
import { followTask } from '../../../src/apis/connect/follow-task.ts'
import { jobSearch } from '../../../src/apis/connect/job-search.ts'
import { type Course, course } from './publishing.ts'

const content = { guid: 'g' }
const cadence = every(1_000)
const running = (key: string): JobItem => ({ key, status: 0, exit_code: null })
const over = (key: string, exit_code: number): JobItem => ({ key, status: 2, exit_code })

/** Follows the task of such a service, and gives what was told, shortened, and when. */
function told(on: Course, options: FollowTaskOptions = {}, until = 1e6): ReadonlyArray<string> {
  const { pc, clock } = course(on)
  const search = jobSearch(pc, content, { cadence, ...options })
  const followed = followTask(pc, content, { taskId: 't' }, search, { cadence, ...options }, alwaysReady)
  const lines: Array<string> = []
  const subscription = concat(search.begin.pipe(ignoreElements()), followed).subscribe({
    next: (event) => {
      if (event._tag !== 'Connection') lines.push(`${clock.now()} ${short(event)}`)
    },
    complete: () => lines.push(`${clock.now()} end`),
  })
  clock.schedule(() => subscription.unsubscribe(), until)
  clock.flush()
  return lines
}

function short(event: Exclude<TaskEvent, { _tag: 'Connection' }>): string {
  const who = 'key' in event.ref ? event.ref.key : 'task'
  if (event._tag === 'Status') return `${who} ${event.phase}`
  return event._tag === 'Settled' ? `settled ${event.outcome.phase}` : `${who} ${event._tag}`
}

test('task and job side by side, and one Settled for both', () => {
  const jobs = [{ from: 100, job: over('k', 0) }]
  expect(told({ task: { at: 2_500 }, jobs })).toEqual([
    '0 task running',
    '1000 k succeeded',
    '3000 task succeeded',
    '3000 settled succeeded',
    '3000 end',
  ])
})

test('a task that failed has its jobs followed to their end', () => {
  const jobs = [
    { from: 100, job: over('k', 3) },
    { from: 2_600, job: over('l', 1) },
  ]
  expect(told({ task: { at: 2_500, code: 1 }, jobs }, { apps: 'leave' })).toEqual([
    '0 task running',
    '1000 k failed',
    '3000 task failed',
    '3000 l failed',
    '3000 settled failed',
    '3000 end',
  ])
})

test('an app is followed until it is over', () => {
  const jobs = [{ from: 100, job: running('k') }]
  expect(told({ task: { at: 2_500 }, jobs }, {}, 9_000)).toEqual([
    '0 task running',
    '1000 k running',
    '3000 task succeeded',
  ])
})

test('or left, once its task has succeeded', () => {
  const jobs = [
    { from: 100, job: running('k') },
    { from: 200, job: over('l', 0) },
  ]
  expect(told({ task: { at: 2_500 }, jobs }, { apps: 'leave' })).toEqual([
    '0 task running',
    '1000 k running',
    '1000 l succeeded',
    '3000 task succeeded',
    '3000 settled succeeded',
    '3000 end',
  ])
})

test('one that is left is told as it was last seen', () => {
  const { pc, clock } = course({
    task: { at: 2_500 },
    jobs: [
      {
        from: 100,
        job: {
          ...running('k'),
          get pid() {
            return clock.now() < 1_500 ? 'early' : 'late'
          },
        },
      },
    ],
  })
  const options: FollowTaskOptions = { cadence, apps: 'leave' }
  let last: TaskEvent | undefined
  followTask(pc, content, { taskId: 't' }, jobSearch(pc, content, options), options, alwaysReady).subscribe(
    (event) => (last = event),
  )
  clock.flush()
  expect(last).toMatchObject({ outcome: { job: { jobs: [{ phase: 'running', job: { pid: 'late' } }] } } })
})

test('a visit that fails is a failure beside the job that it started', () => {
  const jobs = [{ from: 3_000, job: over('k', 2) }]
  const on: Course = { task: { at: 2_500 }, jobs, visit: { status: 502 } }
  expect(told(on, { visit: true })).toEqual([
    '0 task running',
    '3000 task succeeded',
    '3000 k failed',
    '3000 settled failed',
    '3000 end',
  ])
  expect(told({ ...on, jobs: [] }, { visit: true }).slice(-2)).toEqual(['12000 settled failed', '12000 end'])
})
