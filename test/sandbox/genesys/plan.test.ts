import { expect, test } from 'vitest'
import { makePlan, type ParameterSpec, PlanError } from '../../../sandbox/genesys/plan.ts'

const parameters: ParameterSpec[] = [
  { name: 'title', description: '', required: true },
  { name: 'size', description: '', required: false, default: 's', allowed: ['s', 'm'] },
  { name: 'secret', description: '', required: false, sensitive: true },
]
const resources = [{ type: 'a_thing', label: 'one', attributes: { name: '${title}-${size}', key: 'k=${secret}' } }]
const plan = (...given: Array<[string, string]>): unknown => makePlan(parameters, resources, new Map(given))

test('fills parameters and defaults in, and hides what is sensitive from the texts', () => {
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

test('what the caller got wrong is a PlanError', () => {
  expect(() => plan()).toThrow(PlanError)
  expect(() => plan(['title', ''])).toThrow('title')
  expect(() => plan(['title', 'T'], ['size', 'xl'])).toThrow(PlanError)
  expect(() => plan(['title', 'T'], ['other', ''])).toThrow('undeclared')
})

test('what the accelerator got wrong is not', () => {
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
