import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cursor, checkLogStart } from '../../../src/streams/log/index.ts'

const whole = fc.maxSafeNat()
const cursors: fc.Arbitrary<Cursor> = fc
  .record({
    job: fc.string(),
    offset: whole,
    timestamp: fc.string(),
    linesAtTimestamp: whole,
    checksum: whole,
    incomplete: fc.boolean(),
  })
  .map(({ incomplete, ...cursor }) => (incomplete ? { ...cursor, incomplete: true } : cursor))

const noCount = fc.oneof(
  fc.integer({ max: -1 }),
  fc.double({ noInteger: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined, {}),
)

/** Checks a value as it may come from JavaScript. */
const check = (from: unknown, job = 'job'): void => {
  Reflect.apply(checkLogStart, undefined, ['tailLog', from, job])
}

test('a cursor survives JSON', () => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      const stored: unknown = JSON.parse(JSON.stringify(cursor))
      expect(Cursor.decode(stored)).toEqual({ _tag: 'Right', right: cursor })
      expect(Cursor.is(stored)).toBe(true)
      expect(Cursor.encode(cursor)).toEqual(cursor)
      expect(() => check(stored, cursor.job)).not.toThrow()
    }),
  )
})

test('a value that is not a cursor is refused, and each wrong field is named', () => {
  const fields = fc.subarray(['offset', 'linesAtTimestamp', 'checksum'], { minLength: 1 })
  fc.assert(
    fc.property(cursors, fields, noCount, (cursor, names, value) => {
      const bad = { ...cursor, ...Object.fromEntries(names.map((name) => [name, value])) }
      expect(Cursor.is(bad)).toBe(false)
      expect(() => check(bad, cursor.job)).toThrow(TypeError)
      for (const name of names) expect(() => check(bad, cursor.job)).toThrow(name)
    }),
  )
})

test('a cursor of another job is refused, and both jobs are named', () => {
  fc.assert(
    fc.property(cursors, fc.string(), (cursor, job) => {
      fc.pre(cursor.job !== job)
      const names = `tailLog: from is a cursor of job ${JSON.stringify(cursor.job)}, not of job ${JSON.stringify(job)}`
      expect(() => check(cursor, job)).toThrow(new TypeError(names))
    }),
  )
})

test.each(['start', 'now', { last: 0 }, { last: 200 }, { since: new Date() }, undefined])('%j is a start', (from) => {
  expect(() => check(from)).not.toThrow()
})

test.each([
  null,
  'end',
  7,
  [],
  {},
  { last: -1 },
  { last: 1.5 },
  { last: '5' },
  { since: 'yesterday' },
  { since: new Date(Number.NaN) },
  { since: 0 },
])('%j is refused by a TypeError in the name of the function called', (from) => {
  expect(() => check(from)).toThrow(TypeError)
  expect(() => check(from)).toThrow(/^tailLog: from(\.last|\.since)? must be /)
})

test('the JSON of a cursor says what is missing', () => {
  const cursor = { job: 'job', offset: 0, timestamp: '', linesAtTimestamp: 0, checksum: 0 }
  expect(() => check(JSON.stringify(cursor))).toThrow(/ or a Cursor: is it the JSON of one\? then JSON.parse it$/)
})
