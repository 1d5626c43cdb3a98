import fc from 'fast-check'
import { LoggedError } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { decoded, expectAgreement, expectKept, expectTyped, near, valid } from '../codecs.ts'

const maybe = fc.option(fc.string())
const fields = {
  code: fc.oneof(fc.constant('python-package-install-failed'), maybe),
  summary: maybe,
  help_url: maybe,
}

test('guard and codec take the same errors', () => {
  expectAgreement(LoggedError, near(fields))
})

test('every documented field is kept, whatever the code, and those that no document knows; any may be absent or null', () => {
  expectKept(LoggedError, valid(fields))
})

test('what does not fit is said with its place', () => {
  expectTyped(LoggedError, fields)
  expect(decoded(LoggedError, { code: 4, summary: 's', help_url: {} })).toEqual({ refused: ['code', 'help_url'] })
  expect(decoded(LoggedError, 'failed')).toEqual({ refused: [''] })
})
