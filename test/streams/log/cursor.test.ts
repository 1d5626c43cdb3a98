import fc from 'fast-check'
import { Cursor } from 'rxjobs'
import { expect, test } from 'vitest'
import { checkCursor, start } from '../../../src/streams/log/cursor.ts'

const whole = fc.maxSafeNat()
const cursors: fc.Arbitrary<Cursor> = fc
  .record({ count: whole, timestamp: fc.string(), at: whole, digest: whole, gaps: fc.boolean() })
  .map(({ gaps, ...cursor }) => (gaps ? { ...cursor, gaps: true } : cursor))

const noCount = fc.oneof(
  fc.integer({ max: -1 }),
  fc.double({ noInteger: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined, {}),
)

test('a cursor is itself again after JSON', () => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      const stored: unknown = JSON.parse(JSON.stringify(cursor))
      expect(Cursor.decode(stored)).toEqual({ _tag: 'Right', right: cursor })
      expect(Cursor.is(stored)).toBe(true)
      expect(Cursor.encode(cursor)).toEqual(cursor)
      expect(() => checkCursor('from', stored)).not.toThrow()
    }),
  )
})

test('the beginning is a cursor, and so is none at all', () => {
  expect(Cursor.is(start)).toBe(true)
  expect(() => checkCursor('from', undefined)).not.toThrow()
})

test('what is no cursor is refused and named, each place of it', () => {
  const places = fc.subarray(['count', 'at', 'digest'], { minLength: 1 })
  fc.assert(
    fc.property(cursors, places, noCount, (cursor, names, value) => {
      const bad = { ...cursor, ...Object.fromEntries(names.map((name) => [name, value])) }
      expect(Cursor.is(bad)).toBe(false)
      for (const name of names) expect(() => checkCursor('from', bad)).toThrow(`${name} should be`)
      expect(() => checkCursor('from', bad)).toThrow(TypeError)
      for (const name of ['count', 'at', 'digest'].filter((other) => !names.includes(other)))
        expect(() => checkCursor('from', bad)).not.toThrow(`${name} should be`)
    }),
  )
})

test('a wrong timestamp or mark is named, too', () => {
  expect(() => checkCursor('from', { ...start, timestamp: 7 })).toThrow(/timestamp should be string, was 7/)
  expect(() => checkCursor('from', { ...start, gaps: false })).toThrow(/gaps should be/)
})

test('what is no object at all is named as a whole', () => {
  for (const from of [null, 'a cursor', 7, []])
    expect(() => checkCursor('from', from)).toThrow(/not a cursor.*should be/)
})
