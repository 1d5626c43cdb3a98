import fc from 'fast-check'
import { of, VirtualTimeScheduler } from 'rxjs'
import { jobSource, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { isEqual } from '../../src/streams/equal.ts'
import { inTurn, recorded } from './support/letters.ts'

/** The same value with the keys of its objects in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, held]) => [key, turned(held)] as const)
      .reverse(),
  )
}

test('what JSON can hold is the same as its copy, whatever the order of the keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(isEqual(JSON.parse(text), turned(JSON.parse(text)))).toBe(true)
    }),
  )
})

test('two values of which JSON writes different texts, keys in order, are not the same', () => {
  const sorted = (value: unknown): string =>
    JSON.stringify(value, (_, held: unknown) =>
      typeof held === 'object' && held !== null && !Array.isArray(held)
        ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
        : held,
    )
  const plain = fc.jsonValue({ maxDepth: 3, noUnicodeString: false })
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      const a: unknown = JSON.parse(JSON.stringify(one))
      const b: unknown = JSON.parse(JSON.stringify(other))
      expect(isEqual(a, b)).toBe(sorted(a) === sorted(b))
    }),
    { numRuns: 500 },
  )
})

test.each<[what: string, one: unknown, other: unknown, same: boolean]>([
  ['an array and an object with its keys', ['a'], { 0: 'a' }, false],
  ['one key more', { a: 1 }, { a: 1, b: 2 }, false],
  ['another key', { a: undefined }, { b: undefined }, false],
  ['null and an object', null, {}, false],
  ['equal big numbers', 2n ** 80n, 2n ** 80n, true],
  ['other big numbers', { at: 1n }, { at: 2n }, false],
  ['not a number, twice', Number.NaN, Number.NaN, true],
  ['equal dates', new Date(5), new Date(5), true],
  ['other dates', { at: new Date(5) }, { at: new Date(6) }, false],
  ['equal maps', new Map([['a', 1]]), new Map([['a', 1]]), true],
  ['other sets', new Set(['a']), new Set(['b']), false],
])('%s', (_, one, other, same) => {
  expect([isEqual(one, other), isEqual(other, one)]).toEqual([same, same])
})

test('a value that holds itself comes to an end', () => {
  const ring = (name: string): object => {
    const itself = { name }
    return Object.assign(itself, { itself })
  }
  expect([isEqual(ring('a'), ring('a')), isEqual(ring('a'), ring('b'))]).toEqual([true, false])
})

test('no nesting is too deep for a watch', () => {
  const deep = (inside: string): unknown => JSON.parse(`${'['.repeat(20_000)}"${inside}"${']'.repeat(20_000)}`)
  const scheduler = new VirtualTimeScheduler()
  const next = inTurn([1, deep('a')] as const, [2, deep('a')] as const, [3, deep('b')] as const)
  let reads = 0
  const source = jobSource<string, readonly [number, unknown]>({
    status: () => of(next()),
    phase: () => (++reads > 2 ? 'succeeded' : 'running'),
  })
  const same = {
    ...source,
    same: ([, a]: readonly [number, unknown], [, b]: readonly [number, unknown]) => isEqual(a, b),
  }
  const { values, error } = recorded(scheduler, watchJob(same, 'a', { scheduler, pollInterval: 10 }))
  expect([values.map(({ job: [read] }) => read), error]).toEqual([[1, 3], undefined])
})
