import { expect, test } from 'vitest'
import { meant } from '../../src/core/misspelt.ts'

const options = ['cadence', 'deadline', 'cancelWhen', 'cancelWhenLeft', 'from', 'onGap']

test.each([
  ['cadance', 'cadence'],
  ['candence', 'cadence'],
  ['deadLine', 'deadline'],
  ['dealine', 'deadline'],
  ['cancelWhenleft', 'cancelWhenLeft'],
  ['form', undefined],
  ['fron', 'from'],
  ['ongap', 'onGap'],
  ['on', undefined],
  ['deadline', undefined],
  ['cancelWhen', undefined],
  ['label', undefined],
  ['', undefined],
])('%s is %s', (name, option) => {
  expect(meant(name, options)).toBe(option)
})
