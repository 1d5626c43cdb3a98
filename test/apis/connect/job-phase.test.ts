import fc from 'fast-check'
import { none, some } from 'fp-ts/lib/Option.js'
import { isFinal } from 'rxjobs'
import type { JobItem } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { endOf, progressOf } from '../../../src/apis/connect/job-phase.ts'

const time = '2026-11-22T04:00:00Z'
const logged = some({ code: 'render-failed' })

test.each<[job: JobItem, progress: ReturnType<typeof progressOf>]>([
  [{ status: 0 }, 'running'],
  [{ status: 0, start_time: time }, 'running'],
  [{ status: 0, queued_time: time }, 'queued'],
  [{ status: 0, queued_time: time, start_time: null }, 'queued'],
  [{ status: 0, queued_time: time, start_time: time }, 'running'],
  [{ status: 0, queued_time: null, queue_name: null }, 'running'],
  [{ status: 0, end_time: time, exit_code: 0 }, 'running'],
  [{ status: 1 }, 'finished'],
  [{ status: 2 }, 'finalized'],
  [{ status: 2, end_time: null, exit_code: null }, 'finalized'],
  [{ status: 3 }, 'unknown'],
  [{ status: 3, end_time: time }, 'finished'],
  [{}, 'unknown'],
  [{ end_time: '' }, 'unknown'],
  [{ end_time: time }, 'finished'],
])('%j is %s', (job, progress) => {
  expect(progressOf(job)).toBe(progress)
})

test('how a job ended, by exit code and error', () => {
  const ends = [0, 3, 143, -1, null, undefined].map((code) => {
    const job: JobItem = code === undefined ? {} : { exit_code: code }
    return [code, endOf(job, none), endOf(job, logged)]
  })
  expect(ends).toEqual([
    [0, 'succeeded', 'failed'],
    [3, 'failed', 'failed'],
    [143, 'failed', 'failed'],
    [-1, 'failed', 'failed'],
    [null, 'ended', 'failed'],
    [undefined, 'ended', 'failed'],
  ])
})

test('and by nothing else: neither status nor times make a failure', () => {
  const others = fc.record(
    { status: fc.integer(), end_time: fc.option(fc.string()), tag: fc.string() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(others, fc.option(fc.integer()), fc.constantFrom(none, logged), (job, exit_code, error) => {
      const end = endOf({ ...job, exit_code }, error)
      expect([end, isFinal(end)]).toEqual([endOf({ exit_code }, error), true])
    }),
  )
})
