import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { Job } from '../../../sandbox/connect/job.ts'
import { createTimers } from '../../../sandbox/timers.ts'
import { someText } from '../support.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

function newJob(): { job: Job; signals: string[] } {
  const signals: string[] = []
  const tools = { clock: createClock(), timers: createTimers(), settleMs: 50, graceMs: 1000 }
  const origin = { id: 7, key: 'k', guid: 'g', contentId: 3, variantId: 0, bundleId: 0, tag: 'run_app' }
  const job = new Job(origin, tools)
  job.attach({ pid: 4321, kill: (signal) => void signals.push(signal) })
  return { job, signals }
}

test('goes from active over finished to finalized, and its log closes with that', () => {
  const { job } = newJob()
  expect(job.item()).toMatchObject({ status: 0, exit_code: null, end_time: null, pid: '4321', id: '7' })
  job.end(0)
  expect(job.item()).toMatchObject({ status: 1, exit_code: 0, end_time: someText })
  expect(job.log.closed).toBe(false)
  vi.advanceTimersByTime(50)
  expect([job.status, job.log.closed]).toEqual([2, true])
  expect(job.error).toBeUndefined()
})

test('the heart beats as long as the job is active', () => {
  const { job } = newJob()
  const beat = (): unknown => job.item()['last_heartbeat_time']
  expect(beat()).not.toBe(beat())
  job.end(0)
  expect(beat()).toBe(beat())
})

test('a failure has an error, a killed job has none', () => {
  const failed = newJob().job
  failed.write([{ source: 'stderr', timestamp: '', data: 'no more memory' }])
  failed.end(1)
  expect(failed.error).toMatchObject({ code: 'app-exited', summary: 'no more memory' })

  const killed = newJob().job
  killed.kill()
  killed.end(143)
  expect([killed.error, killed.item()['exit_code']]).toEqual([undefined, 143])
})

test('a kill asks first and insists after the grace; there is none for a job that is over', () => {
  const { job, signals } = newJob()
  expect(job.kill()).toMatchObject({ app_id: 3, job_id: 7, app_guid: 'g', job_key: 'k' })
  expect(signals).toEqual(['SIGTERM'])
  vi.advanceTimersByTime(1000)
  expect(signals).toEqual(['SIGTERM', 'SIGKILL'])
  job.end(137)
  expect(job.kill()).toBeUndefined()
})

test('an end in time spares the job the second signal', () => {
  const { job, signals } = newJob()
  job.kill()
  job.end(143)
  vi.advanceTimersByTime(5000)
  expect(signals).toEqual(['SIGTERM'])
})

test('of an unknown end neither code nor time is known, and only the first end counts', async () => {
  const { job } = newJob()
  job.end(null)
  job.end(5)
  expect(await job.over).toBeNull()
  expect(job.item()).toMatchObject({ exit_code: null, end_time: null })
})
