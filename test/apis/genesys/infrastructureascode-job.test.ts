import fc from 'fast-check'
import { InfrastructureascodeJob } from 'rxjobs/genesys'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const documented = [
  'Created',
  'Queued',
  'Running',
  'Complete',
  'InternalError',
  'Incomplete',
  'Failed',
  'RollbackFailed',
  'RollbackComplete',
]
const text = fc.string()
const fields = {
  id: text,
  dryRun: fc.boolean(),
  acceleratorId: text,
  dateSubmitted: text,
  submittedBy: valid({ id: text, selfUri: text }),
  status: fc.oneof(fc.constantFrom(...documented), text),
  errorInfo: valid({ message: text, code: text }),
  results: text,
  rollbackResults: text,
  selfUri: text,
}

test('guard and codec take the same jobs', () => {
  expectAgreement(InfrastructureascodeJob, near(fields))
})

test('every documented field is kept, and those that no document knows; any but dryRun may be absent', () => {
  expectKept(InfrastructureascodeJob, valid(fields, ['dryRun']))
})

test('a null is read as absent, wherever it stands', () => {
  const optional = Object.keys(fields).filter((name) => name !== 'dryRun')
  const nulls = Object.fromEntries(optional.map((name) => [name, null]))
  expect(decoded(InfrastructureascodeJob, { ...nulls, dryRun: true })).toEqual({ dryRun: true })
  const within = { dryRun: true, errorInfo: { message: null, code: 'c' }, submittedBy: { id: null } }
  expect(decoded(InfrastructureascodeJob, within)).toEqual({ dryRun: true, errorInfo: { code: 'c' }, submittedBy: {} })
})

test('a job that does not fit says everywhere that it does not', () => {
  expectTyped(InfrastructureascodeJob, fields, { dryRun: true })
  const wrong = { dryRun: 'no', status: 7, errorInfo: { message: ['m'] }, submittedBy: 'me' }
  expect(decoded(InfrastructureascodeJob, wrong)).toEqual({
    refused: ['dryRun', 'submittedBy', 'status', 'errorInfo.message'],
  })
  expect(decoded(InfrastructureascodeJob, {})).toEqual({ refused: ['dryRun'] })
  for (const other of [null, [], 'job', 7]) {
    expect(decoded(InfrastructureascodeJob, other)).toEqual({ refused: [''] })
  }
})
