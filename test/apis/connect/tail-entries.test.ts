import fc from 'fast-check'
import { DecodeFailure } from 'rxjobs/core'
import { jobTailLog, LogEntry } from 'rxjobs/connect'
import { expect, test } from 'vitest'

/** The entries that the operation reads from a tail of those values, one a line. */
function tailEntries(values: ReadonlyArray<unknown>): ReadonlyArray<LogEntry> {
  const decoder = jobTailLog.responses[200]
  const decoding = decoder?.start({ status: 200, headers: [] }, { maxBodyBytes: 1e6, maxLineLength: 1e6 })
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join('')
  return decoding ? [...decoding.push(new TextEncoder().encode(text)), ...decoding.end()] : expect.unreachable()
}

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

test('entries, lists of them, answers of the log endpoint and keep-alives are read in order', () => {
  fc.assert(
    fc.property(form, ({ sent, holds }) => {
      expect(tailEntries([null, sent])).toEqual(holds)
    }),
  )
})

test('an entry without a time has an empty one; an empty part may be null', () => {
  expect(tailEntries([{ source: 'stdout', data: 'x' }])).toEqual([{ source: 'stdout', timestamp: '', data: 'x' }])
  expect(tailEntries([{ entries: null }])).toEqual([])
})

test('every other value is a DecodeFailure', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        expect(tailEntries([value]).every(LogEntry.is)).toBe(true)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DecodeFailure)
      }
    }),
  )
})

test.each<[value: unknown, path: string]>([
  [{ code: 4, error: 'There is no such object.', payload: null }, 'data'],
  [{ source: 'stdout', timestamp: '', data: 7 }, 'data'],
  [{ entries: [{ source: 'stdout', data: 'x' }, { data: [] }] }, 'entries[1].data'],
  [[{ source: 'stdout', data: 'x' }, [{ source: 'stdout', data: 'y' }]], ''],
  ['a word', ''],
  [7, ''],
])('%j is refused at "%s"', (value, path) => {
  const failure: unknown = expect.objectContaining({ issues: [expect.objectContaining({ path })] })
  expect(() => tailEntries([null, value])).toThrow(failure)
})

test('a deeply nested value is a DecodeFailure as well', () => {
  const decoding = jobTailLog.responses[200]?.start(
    { status: 200, headers: [] },
    { maxBodyBytes: 1e6, maxLineLength: 1e6 },
  )
  const nested = `null\n${'['.repeat(100_000)}${']'.repeat(100_000)}\n`
  expect(() => decoding?.push(new TextEncoder().encode(nested))).toThrow(DecodeFailure)
})
