import fc from 'fast-check'
import { of } from 'rxjs'
import { expect, test } from 'vitest'
import { isPromise, kindOf, show } from '../../src/core/show.ts'

test.each([
  [undefined, 'missing'],
  [null, 'null'],
  ['a "quoted"\nline', '"a \\"quoted\\"\\nline"'],
  [[1, { a: 2 }], '[1,{"a":2}]'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [10n, '10'],
  [() => 1, 'function'],
  [Symbol('s'), 'symbol'],
  [of(1), 'an Observable'],
  [Promise.resolve(1), 'a promise'],
])('%o', (value, words) => {
  expect(show(value)).toBe(words)
})

test('what has no JSON is said by its kind', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(show(loop)).toBe('object')
  expect(show({ deep: 10n })).toBe('object')
})

test('whatever the value, it is one short line', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, maxDepth: 3 }), (value) => {
      expect(show(value)).toMatch(/^[^\n]{1,81}$/)
    }),
    { numRuns: 1000 },
  )
  expect(show('x'.repeat(500))).toBe(`"${'x'.repeat(79)}…`)
})

test('what may be a secret is shown by its kind alone', () => {
  const kinds = ['a-secret', { apiKey: 'a-secret' }, ['a-secret'], of('a-secret'), 7, undefined, null].map(kindOf)
  const object = 'an object with the keys ["apiKey"]'
  expect(kinds).toEqual(['a string', object, 'an array', 'an Observable', '7', 'missing', 'null'])
})

test('a promise is what can be awaited', () => {
  const foreign = { then: () => undefined }
  expect([Promise.resolve(), foreign, { then: 1 }, null, 'then'].map(isPromise)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
