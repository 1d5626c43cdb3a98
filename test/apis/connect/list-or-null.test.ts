import fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { listOrNull } from '../../../src/apis/connect/list-or-null.ts'
import { decoded, expectAgreement, expectKept } from '../codecs.ts'

const numbers = listOrNull(t.number)

test('an array is itself, null is an empty one, nothing else is either', () => {
  expectKept(numbers, fc.array(fc.double()))
  expectAgreement(numbers, fc.oneof(fc.array(fc.oneof(fc.double(), fc.jsonValue())), fc.jsonValue()))
  expect(decoded(numbers, null)).toEqual([])
  expect(decoded(numbers, undefined)).toEqual({ refused: [''] })
  expect(decoded(numbers, [1, null, 'x'])).toEqual({ refused: ['[1]', '[2]'] })
})
