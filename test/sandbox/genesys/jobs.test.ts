import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { createGenesysJobs, type GenesysJobs, isUnderWay, type Submission } from '../../../sandbox/genesys/jobs.ts'
import { genesysDefaults } from '../../../sandbox/genesys/settings.ts'
import { createTimers } from '../../../sandbox/timers.ts'
import { until } from '../support.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jobs-'))
})
afterEach(() => rm(root, { recursive: true }))

function submission(id: string, dryRun = false): Submission {
  const accelerator = accelerators.find((one) => one.id === id)
  if (accelerator === undefined) throw new Error(id)
  return { accelerator, dryRun, parameters: new Map() }
}

function newJobs(settings: { showsFailedFirst?: boolean; keepsJobs?: number } = {}): GenesysJobs {
  return createGenesysJobs({ ...genesysDefaults, stepMs: 1, ...settings }, createTimers(), root, 'me')
}

test('only the last jobs are remembered, and those that are under way', async () => {
  const jobs = newJobs({ keepsJobs: 2 })
  const running = await jobs.submit(submission('twin-queues'))
  const early = await jobs.submit(submission('quick-wrapup-code'))
  const dry = await Promise.all([1, 2, 3].map(() => jobs.submit(submission('quick-wrapup-code', true))))
  expect(jobs.list()).toEqual([running, early])
  expect(dry.map(({ status }) => status)).toEqual(Array(3).fill('Complete'))
  await until(
    () => isUnderWay(running),
    (underWay) => !underWay,
  )
})

test('every accelerator ends in its own way', async () => {
  const jobs = newJobs()
  const ends: Array<[string, string]> = []
  for (const { id } of accelerators) {
    const job = await jobs.submit(submission(id))
    await until(
      () => isUnderWay(job),
      (underWay) => !underWay,
    )
    ends.push([id, job.status])
  }
  expect(Object.fromEntries(ends)).toEqual({
    'quick-wrapup-code': 'Complete',
    'support-line': 'Failed',
    'twin-queues': 'RollbackComplete',
    'locked-division': 'RollbackFailed',
    'broken-module': 'InternalError',
  })
})
