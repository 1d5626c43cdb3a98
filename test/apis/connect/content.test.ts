import fc from 'fast-check'
import { Content } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const maybe = fc.option(fc.string())
const fields = {
  guid: fc.string(),
  id: maybe,
  name: fc.string(),
  title: maybe,
  description: maybe,
  app_mode: fc.oneof(fc.constantFrom('static', 'shiny'), fc.string()),
  bundle_id: maybe,
  created_time: maybe,
  last_deployed_time: maybe,
  owner_guid: maybe,
  content_url: maybe,
  dashboard_url: maybe,
}

test('guard and codec take the same content', () => {
  expectAgreement(Content, near(fields))
})

test('every field is kept, and those that no document knows; only the guid must be there', () => {
  expectKept(Content, valid(fields, ['guid']))
  expect(decoded(Content, { name: 'n' })).toEqual({ refused: ['guid'] })
})

test('what does not fit is said with its place', () => {
  expectTyped(Content, fields, { guid: 'g' })
})
