import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  asBody,
  type Check,
  flag,
  inBody,
  inPath,
  inQuery,
  integer,
  oneOf,
  positiveInteger,
  segment,
  text,
} from '../../src/core/parameter.ts'

const accepts = (check: Check, value: unknown): boolean => check(value) === undefined

test.each<[string, Check, ReadonlyArray<unknown>, ReadonlyArray<unknown>]>([
  [
    'segment',
    segment,
    ['a', '...', '.a', 'a/b', ' ', '\n', '%2e', '😀'],
    ['', '.', '..', '\ud800', 'a\udc00b', 5, null, undefined, {}],
  ],
  ['text', text, ['a', '.', ' '], ['', '\ud800', 5, null, undefined]],
  ['flag', flag, [true, false], ['true', 0, null, undefined]],
  [
    'positiveInteger',
    positiveInteger,
    [1, 2 ** 53 - 1],
    [0, -1, 1.5, 2 ** 53, Number.NaN, Infinity, '1', 1n, null, undefined],
  ],
  ['integer', integer(0, 20), [0, 1, 20], [-1, 21, 0.5, Number.NaN, '0', null, undefined]],
  [
    'asBody',
    asBody.check,
    [new Uint8Array(1), Buffer.from('a')],
    [new Uint8Array(0), 'a', new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), [1], null, undefined],
  ],
  ['oneOf', oneOf('a', 'b'), ['a', 'b'], ['c', '', 'toString', 5, null, undefined]],
])('%s', (_, check, good, bad) => {
  for (const value of good) expect(check(value)).toBeUndefined()
  for (const value of bad) expect(check(value)).toMatch(/\w/)
})

test('a segment is what can be encoded and is no step of a path', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
          fc.constantFrom('.', '\ud83d', '\ude00'),
        ),
      }),
      (value) => {
        expect(accepts(segment, value)).toBe(!/\p{Surrogate}/u.test(value) && !['', '.', '..'].includes(value))
      },
    ),
    { numRuns: 2000 },
  )
})

test('places', () => {
  expect(inPath).toMatchObject({ place: 'path', required: true })
  expect(asBody).toMatchObject({ place: 'bytes', required: true })
  expect(inQuery(flag)).toEqual({ place: 'query', required: false, check: flag })
  expect(inBody(flag)).toEqual({ place: 'body', required: false, check: flag })
  expect(inBody(flag, true)).toEqual({ place: 'body', required: true, check: flag })
})
