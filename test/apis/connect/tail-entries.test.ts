import fc from 'fast-check'
import { Mismatch } from 'rxjobs'
import { LogEntry } from 'rxjobs/connect'
import { expect, test } from 'vitest'
import { tailEntries } from '../../../src/apis/connect/tail-entries.ts'

const line = fc.record({
  source: fc.constantFrom('stdout', 'stderr', 'journal'),
  timestamp: fc.string(),
  data: fc.string(),
})
const lines = fc.array(line, { maxLength: 5 })

/** What a tail may send for some lines. */
const single = fc.oneof(
  line.map((one) => ({ sent: one, holds: [one] })),
  fc.constantFrom(null, {}, []).map((sent) => ({ sent, holds: [] })),
  lines.map((many) => ({ sent: { entries: many }, holds: many })),
)
const several = fc.array(single, { maxLength: 4 }).map((forms) => ({
  sent: forms.map(({ sent }) => sent),
  holds: forms.flatMap(({ holds }) => holds),
}))
const form = fc.oneof<fc.Arbitrary<{ sent: unknown; holds: ReadonlyArray<LogEntry> }>[]>(single, several)

test('a line, a list, the shape of the log endpoint and signs of life are all read, in order', () => {
  fc.assert(
    fc.property(form, ({ sent, holds }) => {
      expect(tailEntries([sent])).toEqual(holds)
    }),
  )
})

test('a line without a time has an empty one, an empty window may be null', () => {
  expect(tailEntries([{ source: 'stdout', data: 'x' }])).toEqual([{ source: 'stdout', timestamp: '', data: 'x' }])
  expect(tailEntries([{ entries: null }])).toEqual([])
})

test('whatever comes, it is lines or a Mismatch', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        expect(tailEntries([value]).every(LogEntry.is)).toBe(true)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Mismatch)
      }
    }),
  )
})

test.each<[value: unknown, path: string]>([
  [{ code: 4, error: 'There is no such object.', payload: null }, ''],
  [{ source: 'stdout', timestamp: '', data: 7 }, 'data'],
  [{ entries: [{ source: 'stdout', data: 'x' }, { data: [] }] }, 'entries[1].data'],
  [[{ source: 'stdout', data: 'x' }, [{ source: 'stdout', data: 'y' }]], ''],
  ['a word', ''],
  [7, ''],
])('%j is a Mismatch at "%s"', (value, path) => {
  const mismatch: unknown = expect.objectContaining({ issues: [expect.objectContaining({ path })] })
  expect(() => tailEntries([value])).toThrow(mismatch)
})

test('a value that is nested without end is a Mismatch like any other', () => {
  const depth = 100_000
  const nested: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth))
  expect(() => tailEntries([nested])).toThrow(Mismatch)
})
