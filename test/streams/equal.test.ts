import fc from 'fast-check'
import { of, VirtualTimeScheduler } from 'rxjs'
import { jobSource, type Phase, watchJob } from 'rxjobs'
import { expect, test } from 'vitest'
import { isEqual } from '../../src/streams/index.ts'
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
  ['null and an object', null, {}, false],
  ['not a number, twice', Number.NaN, Number.NaN, true],
  ['equal dates', new Date(5), new Date(5), true],
  ['other dates', { at: new Date(5) }, { at: new Date(6) }, false],
])('%s', (_, one, other, same) => {
  expect([isEqual(one, other), isEqual(other, one)]).toEqual([same, same])
})

test('a job that is nested too deep to compare counts as unchanged, and its watch goes on to the end', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  const scheduler = new VirtualTimeScheduler()
  const phase = inTurn<Phase>('running', 'running', 'succeeded')
  const source = jobSource<string, unknown>({ status: () => of([deep]), phase })
  const { values, completed } = recorded(scheduler, watchJob(source, 'a', { scheduler }))
  expect([values.map((status) => status.phase), completed]).toEqual([['running', 'succeeded'], true])
})
