import { HttpError } from 'rxjobs'
import type { JobItem, Task } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { taskOutcome, type TaskRun } from '../../../src/apis/connect/task-run.ts'

type JobEnd = TaskRun['jobs'][number]
const none = { _tag: 'None' } as const
const some = <A>(value: A): { _tag: 'Some'; value: A } => ({ _tag: 'Some', value })
const refused = new HttpError({ method: 'GET', path: '/error', status: 403 })
const task: Task = { id: 't', output: [], finished: true }
const logged = { code: 'render-failed', summary: 'No such column.' }

function job(key: string, phase: JobEnd['phase'], more: Partial<JobEnd> = {}): JobEnd {
  const item: JobItem = { key, exit_code: phase === 'succeeded' ? 0 : 3 }
  return { ref: { guid: 'g', key }, job: item, phase, failure: none, failureError: none, ...more }
}

const failed = job('k', 'failed', { failure: some({ exitCode: 3, error: some(logged) }) })
const unread = job('k', 'failed', { failureError: some(refused) })

test.each<[what: string, task: 'succeeded' | 'failed' | 'ended', jobs: ReadonlyArray<JobEnd>, phase: string]>([
  ['a task without jobs', 'succeeded', [], 'succeeded'],
  ['all went well', 'succeeded', [job('a', 'succeeded'), job('b', 'succeeded')], 'succeeded'],
  ['an app was left running', 'succeeded', [job('a', 'succeeded'), job('b', 'running')], 'succeeded'],
  ['a job failed after its task', 'succeeded', [job('a', 'succeeded'), failed], 'failed'],
  ['the task failed', 'failed', [job('a', 'succeeded')], 'failed'],
  ['one end is not known', 'succeeded', [job('a', 'ended'), job('b', 'succeeded')], 'ended'],
  ['one end is not known, another is', 'ended', [failed], 'failed'],
  ['the task’s end is not known', 'ended', [], 'ended'],
])('%s', (_, phase, jobs, whole) => {
  const ended = { ref: { taskId: 't' }, job: task, phase, failure: none, failureError: none }
  const outcome = taskOutcome(ended, jobs, none)
  expect(outcome).toMatchObject({ ref: { taskId: 't' }, job: { task, jobs }, phase: whole })
  expect(outcome.failure._tag).toBe(whole === 'failed' ? 'Some' : 'None')
})

test('code and error of the task, exit code and logged error of the job: together', () => {
  const failure = some({ code: 1, error: 'Unable to render' })
  const ended = { ref: { taskId: 't' }, job: task, phase: 'failed', failure, failureError: none } as const
  expect(taskOutcome(ended, [job('a', 'succeeded'), failed], none).failure).toEqual(
    some({
      task: failure,
      jobs: [{ ref: { guid: 'g', key: 'k' }, exitCode: 3, error: some(logged) }],
      visit: none,
    }),
  )
})

test('an error that could not be read is beside the failure, not in its place', () => {
  const ended = { ref: { taskId: 't' }, job: task, phase: 'succeeded', failure: none, failureError: none } as const
  const outcome = taskOutcome(ended, [unread], none)
  expect(outcome.failure).toMatchObject({ value: { jobs: [{ exitCode: 3, error: none }] } })
  expect(outcome.failureError).toEqual(some(refused))
})

test('a visit that failed is a failure', () => {
  const ended = { ref: { taskId: 't' }, job: task, phase: 'succeeded', failure: none, failureError: none } as const
  expect(taskOutcome(ended, [], some(refused))).toMatchObject({
    phase: 'failed',
    failure: { value: { task: none, jobs: [], visit: { value: refused } } },
  })
})
