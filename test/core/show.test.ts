import fc from 'fast-check'
import { expect, test } from 'vitest'
import { show } from '../../src/core/show.ts'

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
