import { describe, expect, test } from 'vitest'
import { type Accelerator, accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { apply, type Runner, rollBack } from '../../../sandbox/genesys/engine.ts'
import {
  makePlan,
  type ParameterSpec,
  PlanError,
  type PlannedResource,
  Resources,
} from '../../../sandbox/genesys/resources.ts'
import { textWith } from '../support.ts'

describe('runs', () => {
  const runnerOf = (resources: Resources): Runner => ({ jobId: 'job', resources, pause: () => Promise.resolve() })

  function acceleratorOf(id: string): Accelerator {
    const found = accelerators.find((one) => one.id === id)
    if (found === undefined) throw new Error(id)
    return found
  }

  test('creates the resources of the plan', async () => {
    const accelerator = acceleratorOf('support-line')
    const given = new Map([
      ['queueName', 'Help'],
      ['webhookSecret', 'hush'],
    ])
    const resources = new Resources()
    const run = await apply(accelerator, given, runnerOf(resources))
    const count = accelerator.resources.length
    expect(run.end).toBe('done')
    expect(resources.list()).toHaveLength(count)
    const results = run.end === 'done' ? run.results : ''
    expect(results).toContain('  + resource "genesyscloud_routing_queue" "support" {\n      + name = "Help"\n')
    expect(results).toContain(`Plan: ${count} to add, 0 to change, 0 to destroy.`)
    expect(results).toContain(`Apply complete! Resources: ${count} added, 0 changed, 0 destroyed.`)
    expect(results.match(/Creation complete after 0s \[id=[\w-]+\]/g)).toHaveLength(count)
    expect(results).not.toContain('hush')
  })

  test('a dry run gives the plan only', async () => {
    const run = await apply(acceleratorOf('quick-wrapup-code'), new Map())
    expect(run).toMatchObject({ end: 'done', results: textWith('Plan: 1 to add') })
    expect(run).not.toMatchObject({ results: textWith('Apply complete') })
  })

  test('a failed step leaves resources, which the rollback destroys', async () => {
    const resources = new Resources()
    const run = await apply(acceleratorOf('twin-queues'), new Map(), runnerOf(resources))
    if (run.end !== 'failed') throw new Error(run.end)
    expect(run.error).toContain('already exists')
    expect(run.results).not.toContain('Apply complete')
    expect(resources.list()).toHaveLength(2)
    const rollback = await rollBack(run.created, runnerOf(resources))
    expect(rollback).toMatchObject({ done: true })
    expect(rollback.results).toContain('Destroy complete! Resources: 2 destroyed.')
    expect(resources.list()).toEqual([])
  })

  test('a rollback stops at a resource that cannot be destroyed', async () => {
    const resources = new Resources()
    const run = await apply(acceleratorOf('locked-division'), new Map(), runnerOf(resources))
    if (run.end !== 'failed') throw new Error(run.end)
    const rollback = await rollBack(run.created, runnerOf(resources))
    expect(rollback.done).toBe(false)
    expect(rollback.results).toContain('protected')
    expect(resources.list()).toEqual(['job/genesyscloud_auth_division.locked'])
  })

  test('a wrong parameter fails the job before it creates anything; a broken accelerator is an internal error', async () => {
    const resources = new Resources()
    const wrong = await apply(acceleratorOf('support-line'), new Map(), runnerOf(resources))
    expect(wrong).toMatchObject({ end: 'failed', created: [], error: textWith('queueName') })
    const broken = await apply(acceleratorOf('broken-module'), new Map(), runnerOf(resources))
    expect(broken).toMatchObject({ end: 'broken' })
    expect(resources.list()).toEqual([])
  })
})

describe('plans', () => {
  const parameters: ParameterSpec[] = [
    { name: 'title', description: '', required: true },
    { name: 'size', description: '', required: false, default: 's', allowed: ['s', 'm'] },
    { name: 'secret', description: '', required: false, sensitive: true },
  ]
  const resources = [{ type: 'a_thing', label: 'one', attributes: { name: '${title}-${size}', key: 'k=${secret}' } }]
  const plan = (...given: Array<[string, string]>): unknown => makePlan(parameters, resources, new Map(given))

  test('fills in parameters and defaults, and hides sensitive values', () => {
    expect(plan(['title', 'T'], ['secret', 'x'])).toEqual([
      {
        address: 'a_thing.one',
        type: 'a_thing',
        attributes: { name: 'T-s', key: 'k=x' },
        shown: { name: 'T-s', key: 'k=(sensitive value)' },
        protected: false,
      },
    ])
  })

  test('wrong parameters are a PlanError', () => {
    expect(() => plan()).toThrow(PlanError)
    expect(() => plan(['title', ''])).toThrow('title')
    expect(() => plan(['title', 'T'], ['size', 'xl'])).toThrow(PlanError)
    expect(() => plan(['title', 'T'], ['other', ''])).toThrow('undeclared')
  })

  test('a broken accelerator is another error', () => {
    const broken = [{ type: 'a', label: 'b', attributes: { name: '${nobody}' } }]
    const error = ((): unknown => {
      try {
        return makePlan([], broken, new Map())
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(PlanError)
  })
})

describe('resources', () => {
  test('a name is used once for each type and job, and a protected resource stays', () => {
    const resources = new Resources()
    const thing = (label: string, name: string, isProtected = false): PlannedResource => ({
      address: `thing.${label}`,
      type: 'thing',
      attributes: { name },
      shown: { name },
      protected: isProtected,
    })
    const first = resources.create('job', thing('a', 'A'))
    expect(() => resources.create('job', thing('b', 'A'))).toThrow('already exists')
    resources.create('other-job', thing('b', 'A'))
    const kept = resources.create('job', thing('c', 'C', true))
    expect(() => resources.destroy('job', kept)).toThrow('protected')
    resources.destroy('job', first)
    expect(resources.list()).toEqual(['job/thing.c', 'other-job/thing.b'])
  })
})
