import fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import {
  arrayOrNull,
  boundedArray,
  boundedRecord,
  explain,
  type Issue,
  nullable,
  numberOrString,
  openEnum,
  struct,
} from '../../src/core/index.ts'

interface Inner {
  readonly id: string
}
interface InnerMay {
  readonly note: string
}
interface Outer {
  readonly name: string
  readonly status: string
  readonly ended: string | null
  readonly inner: Inner & Partial<InnerMay>
}
interface OuterMay {
  readonly size: number
  readonly comment: string | null
  readonly parts: ReadonlyArray<Inner & Partial<InnerMay>>
}

const Inner = struct<Inner, InnerMay>('Inner', { id: t.string }, { note: t.string })
const Outer = struct<Outer, OuterMay>(
  'Outer',
  { name: t.string, status: openEnum<'Created' | 'Running'>(), ended: nullable(t.string), inner: Inner },
  { size: t.number, comment: nullable(t.string), parts: boundedArray(Inner) },
)
const Outers = boundedArray(Outer)

/** Values that fit, nearly fit, or have nothing to do with it. */
const scalar = fc.constantFrom<unknown>('a', '', 5, null, undefined, true, [], {})
const inner = fc.oneof(
  { weight: 4, arbitrary: fc.record({ id: fc.constant('i'), note: fc.constantFrom('n', null, undefined) }) },
  { weight: 2, arbitrary: fc.record({ id: scalar, note: scalar }, { requiredKeys: [] }) },
  scalar,
)
const outer = fc.record(
  {
    name: fc.constantFrom<unknown>('n', 'n', 'n', 5, null),
    status: fc.constantFrom<unknown>('Created', 'Unheard', 'x', 5),
    ended: fc.constantFrom<unknown>('e', null, null, 5, undefined),
    inner,
    size: scalar,
    comment: scalar,
    parts: fc.oneof(fc.array(inner, { maxLength: 3 }), scalar),
    unknownToUs: fc.jsonValue(),
  },
  { requiredKeys: ['name', 'status', 'ended', 'inner'] },
)
const anything = fc.oneof({ weight: 6, arbitrary: outer }, { weight: 1, arbitrary: fc.anything() }, inner)

/** Optional fields that are null count as absent, everywhere. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key, one]) => one !== null || ['ended', 'comment'].includes(key))
  return Object.fromEntries(kept.map(([key, one]) => [key, key === 'unknownToUs' ? one : withoutNulls(one)]))
}

test('is and decode agree: what is passes untouched, what decodes is, what does not is not', () => {
  let fitted = 0
  let mended = 0
  fc.assert(
    fc.property(anything, (value) => {
      const decoded = Outer.decode(value)
      if (decoded._tag === 'Left') {
        expect(Outer.is(value)).toBe(false)
      } else {
        expect(Outer.is(decoded.right)).toBe(true)
        if (Outer.is(value)) {
          fitted++
          expect(decoded.right).toBe(value)
        } else {
          mended++
          expect(Outer.is(withoutNulls(value))).toBe(true)
          expect(decoded.right).not.toBe(value)
        }
      }
    }),
    { numRuns: 5000 },
  )
  expect(Math.min(fitted, mended)).toBeGreaterThan(20)
})

test('an array is and decodes as its elements do', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 3 }), (values) => {
      expect(Outers.is(values)).toBe(values.every(Outer.is))
      expect(Outers.decode(values)._tag).toBe(
        values.every((value) => Outer.decode(value)._tag === 'Right') ? 'Right' : 'Left',
      )
    }),
    { numRuns: 1000 },
  )
})

const whole = { name: 'n', status: 'Created', ended: null, inner: { id: 'i' } }
const read = (value: unknown): unknown => decodedBy(Outer, value)

test('null in an optional field is read as absent, however deep, and the source stays as it was', () => {
  const sent = { ...whole, size: null, inner: { id: 'i', note: null }, parts: [{ id: 'p', note: null, more: 1 }] }
  const before = structuredClone(sent)
  expect(read(sent)).toEqual({ ...whole, parts: [{ id: 'p', more: 1 }] })
  expect(read(sent)).not.toHaveProperty('size')
  expect(sent).toEqual(before)
})

test('null where null is a value stays, where a value is needed it does not fit', () => {
  expect(read({ ...whole, comment: null })).toHaveProperty('comment', null)
  expect(read({ ...whole, name: null })).toBe('does not fit')
  expect(read({ ...whole, inner: null })).toBe('does not fit')
})

test('unknown fields are kept, __proto__ among them', () => {
  const sent: unknown = JSON.parse(
    '{"name":"n","status":"s","ended":"e","inner":{"id":"i","x":1},"size":null,"__proto__":{"y":2}}',
  )
  const got = read(sent)
  expect(got).toMatchObject({ inner: { id: 'i', x: 1 } })
  expect(JSON.stringify(got)).toContain('"__proto__":{"y":2}')
  expect(Object.getPrototypeOf(got)).toBe(Object.prototype)
})

test.each([[[]], ['x'], [null], [undefined], [new Map()]])('%o is no object of fields', (value) => {
  expect(read(value)).toBe('does not fit')
})

const decodedBy = (codec: t.Mixed, value: unknown): unknown => {
  const decoded = codec.decode(value)
  return decoded._tag === 'Right' ? decoded.right : 'does not fit'
}
const explained = (codec: t.Mixed, value: unknown): unknown => {
  const decoded = codec.decode(value)
  return decoded._tag === 'Left' ? explain(decoded.left) : 'fits'
}

test('of millions of wrong elements no more are looked at than are told', () => {
  let asked = 0
  const codec = new t.Type<string>(
    'counted',
    t.string.is,
    (u, context) => {
      asked++
      return t.string.validate(u, context)
    },
    t.identity,
  )
  const wrong = Array.from({ length: 300_000 }, () => 1)
  const wrongIn = (decoded: t.Validation<unknown>): number => (decoded._tag === 'Left' ? decoded.left.length : 0)
  expect([wrongIn(boundedArray(codec).decode(wrong)), asked]).toEqual([20, 20])
  asked = 0
  expect([wrongIn(boundedRecord(codec).decode(Object.fromEntries(wrong.entries()))), asked]).toEqual([20, 20])
  asked = 0
  const nested = struct('Nested', { one: boundedArray(codec), other: boundedArray(boundedArray(codec)) })
  expect([wrongIn(nested.decode({ one: wrong.slice(0, 5), other: [wrong, wrong] })), asked]).toEqual([20, 25])
})

test('a record is and decodes as its values do, and keeps its keys', () => {
  const Inners = boundedRecord(Inner)
  const sent: unknown = JSON.parse('{"a":{"id":"i"},"__proto__":{"id":"p","note":null}}')
  expect(Inners.is({ a: { id: 'i' } })).toBe(true)
  expect(JSON.stringify(decodedBy(Inners, sent))).toBe('{"a":{"id":"i"},"__proto__":{"id":"p"}}')
  expect(explained(Inners, { a: { id: 'i' }, b: { id: 5 } })).toEqual([
    { path: 'b.id', expected: 'string', actual: '5' },
  ])
  for (const value of [[], null, 'x', { a: 5 }]) expect(Inners.is(value)).toBe(false)
  for (const value of [[], null, 'x', { a: 5 }]) expect(Inners.decode(value)._tag).toBe('Left')
})

test('an element that does not fit is named by its place, and one that is mended by itself is mended', () => {
  expect(explained(Outers, [whole, { ...whole, parts: [{ id: 'i' }, { id: 5 }] }])).toEqual([
    { path: '[1].parts[1].id', expected: 'string', actual: '5' },
  ])
  expect(decodedBy(boundedArray(Inner), [{ id: 'a' }, { id: 'b', note: null }])).toEqual([{ id: 'a' }, { id: 'b' }])
})

interface Entry {
  readonly timestamp: string
}

const Entry = struct<Entry>('Entry', { timestamp: t.string })
const Entries = struct<{ readonly entries: ReadonlyArray<Entry> }, { readonly 'odd name': number | null }>(
  'Entries',
  { entries: boundedArray(Entry) },
  { 'odd name': nullable(t.number) },
)

function issuesOf(codec: t.Mixed, value: unknown): ReadonlyArray<Issue> {
  const decoded = codec.decode(value)
  if (decoded._tag === 'Right') throw new Error('It fits.')
  return explain(decoded.left)
}

test('names the exact path and what was there', () => {
  const entries = [{ timestamp: '' }, { timestamp: '' }, { timestamp: '' }, { timestamp: 5 }, {}, 'x']
  expect(issuesOf(Entries, { entries, 'odd name': true })).toEqual([
    { path: 'entries[3].timestamp', expected: 'string', actual: '5' },
    { path: 'entries[4].timestamp', expected: 'string', actual: 'undefined' },
    { path: 'entries[5]', expected: 'Entry', actual: '"x"' },
    { path: 'odd name', expected: 'number | null', actual: 'true' },
  ])
  expect(issuesOf(boundedArray(Entry), [{ timestamp: null }])).toEqual([
    { path: '[0].timestamp', expected: 'string', actual: 'null' },
  ])
  expect(issuesOf(Entries, null)).toEqual([{ path: '', expected: 'Entries', actual: 'null' }])
})

test('names 20 places at most', () => {
  expect(
    issuesOf(
      boundedArray(Entry),
      Array.from({ length: 1_000 }, () => 0),
    ),
  ).toHaveLength(20)
})

test('a key that a service made up is told no further than any value', () => {
  const issue = (key: string): Issue | undefined => issuesOf(boundedRecord(t.number), { [key]: '' })[0]
  for (const key of ['k'.repeat(1e6), '1'.repeat(1e6), '\n'.repeat(1e6)])
    expect(issue(key)?.path.length).toBeLessThan(83)
  expect(issue('k'.repeat(80))?.path).toBe('k'.repeat(80))
})

test('null is read as an empty array where a service writes either', () => {
  const codec = arrayOrNull(t.number)
  expect([null, [1], [], ['x'], {}].map((value) => decodedBy(codec, value))).toEqual([
    [],
    [1],
    [],
    'does not fit',
    'does not fit',
  ])
})

test('an id that is a number in one place and a string in another; a wrong one is reported once', () => {
  expect([7, '7', null, {}].map((value) => decodedBy(numberOrString, value))).toEqual([
    7,
    '7',
    'does not fit',
    'does not fit',
  ])
  expect(explained(struct('Job', { id: numberOrString }), { id: null })).toEqual([
    { path: 'id', expected: 'number | string', actual: 'null' },
  ])
})
