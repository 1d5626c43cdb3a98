import { expect, test } from 'vitest'
import { accelerators } from '../../../sandbox/genesys/accelerators.ts'
import { makePlan } from '../../../sandbox/genesys/plan.ts'

test('each has an id of its own and, but for the broken one, a plan once it is given what it requires', () => {
  expect(new Set(accelerators.map(({ id }) => id)).size).toBe(accelerators.length)
  const planned = accelerators.filter(({ parameters, resources }) => {
    const given = new Map(parameters.filter(({ required }) => required).map(({ name }) => [name, 'value']))
    try {
      return makePlan(parameters, resources, given).length === resources.length
    } catch {
      return false
    }
  })
  expect(accelerators.filter((one) => !planned.includes(one)).map(({ id }) => id)).toEqual(['broken-module'])
})
