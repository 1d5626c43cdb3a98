import fc from 'fast-check'
import { Variant, Variants } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const id = fc.oneof(fc.nat(), fc.string())
const fields = {
  id,
  app_id: id,
  key: fc.string(),
  bundle_id: fc.option(id),
  is_default: fc.boolean(),
  name: fc.string(),
}

test('guard and codec take the same variants', () => {
  expectAgreement(Variant, near(fields))
})

test('every field is kept, and those that no document knows; only the id must be there', () => {
  expectKept(Variant, valid(fields, ['id']))
  expect(decoded(Variants, [{ name: 'default' }])).toEqual({ refused: ['[0].id'] })
})

test('what does not fit is said with its place', () => {
  expectTyped(Variant, fields, { id: 1 })
})
