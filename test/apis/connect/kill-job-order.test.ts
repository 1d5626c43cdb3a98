import fc from 'fast-check'
import { KillJobOrder } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const id = fc.oneof(fc.integer(), fc.string())
const text = fc.string()
const fields = { guid: text, app_id: id, app_guid: text, job_id: id, job_key: text, result: text }

test('guard and codec take the same receipts', () => {
  expectAgreement(KillJobOrder, near(fields))
})

test('every documented field is kept, ids as numbers or as texts, and those that no document knows; any may be absent', () => {
  for (const name of Object.keys(fields)) expectKept(KillJobOrder, valid(fields, [name]))
})

test('a null is read as absent, another type is refused with its place', () => {
  expectTyped(KillJobOrder, fields)
  expect(decoded(KillJobOrder, { guid: null, app_id: null, result: 'r' })).toEqual({ result: 'r' })
  expect(decoded(KillJobOrder, { job_key: 7, app_id: {}, job_id: true })).toEqual({
    refused: ['app_id', 'job_id', 'job_key'],
  })
})

test('what has none of its fields is no receipt', () => {
  for (const other of [{}, { ok: true }, { guid: null, job_key: null }]) {
    expect([KillJobOrder.is(other), decoded(KillJobOrder, other)]).toEqual([false, { refused: ['job_key'] }])
  }
})
