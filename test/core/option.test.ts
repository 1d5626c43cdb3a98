import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { expect, test } from 'vitest'
import { fromUndefined, left, none, right, some } from '../../src/core/option.ts'

test("are fp-ts's own values", () => {
  expect(none).toEqual(O.none)
  expect(some(5)).toEqual(O.some(5))
  expect(left('e')).toEqual(E.left('e'))
  expect(right(5)).toEqual(E.right(5))
  expect([undefined, null, 0].map(fromUndefined)).toEqual([O.none, O.some(null), O.some(0)])
})

test("work with fp-ts's functions", () => {
  expect(O.getOrElse(() => 0)(O.map((n: number) => n + 1)(some(4)))).toBe(5)
  expect(E.fold(String, (n: number) => String(n + 1))(right(4))).toBe('5')
})
