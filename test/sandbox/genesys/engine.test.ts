import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Accelerator, accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { apply, rollBack } from '../../../sandbox/genesys/engine.ts'
import { createJobState, type JobState } from '../../../sandbox/genesys/state.ts'

let root = ''
let state: JobState
const there = new Set<string>()
const pace = (): Promise<void> => Promise.resolve()
const files = (): Promise<string[]> => readdir(join(root, 'job'))

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-'))
  there.clear()
  state = createJobState(root, 'job', (address, is) => {
    if (is) there.add(address)
    else there.delete(address)
  })
})
afterEach(() => rm(root, { recursive: true }))

function acceleratorOf(id: string): Accelerator {
  const found = accelerators.find((one) => one.id === id)
  if (found === undefined) throw new Error(id)
  return found
}

test('creates what the plan says, one file for each resource', async () => {
  const accelerator = acceleratorOf('support-line')
  const run = await apply(
    accelerator,
    new Map([
      ['queueName', 'Help'],
      ['webhookSecret', 'hush'],
    ]),
    state,
    pace,
  )
  const count = accelerator.resources.length
  expect(run.end).toBe('done')
  expect(await files()).toHaveLength(count)
  expect(there.size).toBe(count)
  const results = run.end === 'done' ? run.results : ''
  expect(results).toContain(`Plan: ${count} to add, 0 to change, 0 to destroy.`)
  expect(results).toContain(`Apply complete! Resources: ${count} added, 0 changed, 0 destroyed.`)
  expect(results.match(/Creation complete/g)).toHaveLength(count)
  expect(results).not.toContain('hush')
})

test('a dry run only tells the plan', async () => {
  const run = await apply(acceleratorOf('quick-wrapup-code'), new Map(), undefined, pace)
  expect(run).toMatchObject({ end: 'done', results: expect.stringContaining('Plan: 1 to add') as unknown })
  expect(run).not.toMatchObject({ results: expect.stringContaining('Apply complete') as unknown })
  await expect(files()).rejects.toThrow()
})

test('a step that fails leaves what came before, and the rollback takes it away', async () => {
  const run = await apply(acceleratorOf('twin-queues'), new Map(), state, pace)
  if (run.end !== 'failed') throw new Error(run.end)
  expect(run.error).toContain('already exists')
  expect(run.results).not.toContain('Apply complete')
  expect(await files()).toHaveLength(2)
  const rollback = await rollBack(run.created, state, pace)
  expect(rollback).toMatchObject({ done: true })
  expect(rollback.results).toContain('Destroy complete! Resources: 2 destroyed.')
  expect([await files(), [...there]]).toEqual([[], []])
})

test('a rollback stops at what cannot be destroyed', async () => {
  const run = await apply(acceleratorOf('locked-division'), new Map(), state, pace)
  if (run.end !== 'failed') throw new Error(run.end)
  const rollback = await rollBack(run.created, state, pace)
  expect(rollback.done).toBe(false)
  expect(rollback.results).toContain('protected')
  expect([...there]).toEqual(['job/genesyscloud_auth_division.locked'])
})

test('a wrong parameter fails before anything is created, a broken accelerator breaks', async () => {
  const wrong = await apply(acceleratorOf('support-line'), new Map(), state, pace)
  expect(wrong).toMatchObject({ end: 'failed', created: [], error: expect.stringContaining('queueName') as unknown })
  expect(await apply(acceleratorOf('broken-module'), new Map(), state, pace)).toMatchObject({ end: 'broken' })
  await expect(files()).rejects.toThrow()
})
