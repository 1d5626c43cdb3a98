import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberOrString } from '../../../src/apis/connect/number-or-string.ts'
import { decoded, expectAgreement } from '../codecs.ts'

test('takes numbers and strings as they are, and names what else there is once', () => {
  expectAgreement(numberOrString, fc.jsonValue())
  for (const id of [7, '7', 0, '']) expect(decoded(numberOrString, id)).toBe(id)
  for (const none of [null, true, {}, []]) expect(decoded(numberOrString, none)).toEqual({ refused: [''] })
})
