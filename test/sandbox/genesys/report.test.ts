import { expect, test } from 'vitest'
import { createdText, planText, rolledBackText } from '../../../sandbox/genesys/report.ts'

const resource = {
  address: 'a_thing.one',
  type: 'a_thing',
  attributes: { name: 'N' },
  shown: { name: 'N' },
  protected: false,
}

test('the plan shows each resource and counts them', () => {
  const text = planText([resource, { ...resource, address: 'a_thing.two' }])
  expect(text).toContain('+ resource "a_thing" "two" {')
  expect(text).toContain('+ name = "N"')
  expect(text).toMatch(/Plan: 2 to add, 0 to change, 0 to destroy\.$/)
})

test('times are whole seconds', () => {
  expect(createdText({ id: 'x', resource }, 1600)).toBe('a_thing.one: Creation complete after 2s [id=x]')
  expect(rolledBackText(3)).toContain('3 destroyed')
})
