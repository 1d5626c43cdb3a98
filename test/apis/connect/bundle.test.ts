import fc from 'fast-check'
import { Bundle } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const maybe = fc.option(fc.string())
const fields = {
  id: fc.string(),
  content_guid: maybe,
  created_time: maybe,
  active: fc.option(fc.boolean()),
  size: fc.option(fc.nat()),
}

test('guard and codec take the same bundles', () => {
  expectAgreement(Bundle, near(fields))
})

test('every field is kept, and those that no document knows; only the id must be there', () => {
  expectKept(Bundle, valid(fields, ['id']))
  expect(decoded(Bundle, {})).toEqual({ refused: ['id'] })
})

test('what does not fit is said with its place', () => {
  expectTyped(Bundle, fields, { id: '1' })
})
