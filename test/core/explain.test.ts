import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { dictionary, list, nullable, struct } from '../../src/core/codec.ts'
import { explain } from '../../src/core/explain.ts'
import type { Issue } from '../../src/core/errors/index.ts'

interface Entry {
  readonly timestamp: string
}

const Entry = struct<Entry>('Entry', { timestamp: t.string })
const Entries = struct<{ readonly entries: ReadonlyArray<Entry> }, { readonly 'odd name': number | null }>(
  'Entries',
  { entries: list(Entry) },
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
    { path: 'entries[4].timestamp', expected: 'string', actual: 'missing' },
    { path: 'entries[5]', expected: 'Entry', actual: '"x"' },
    { path: '["odd name"]', expected: 'number | null', actual: 'true' },
  ])
  expect(issuesOf(list(Entry), [{ timestamp: null }])).toEqual([
    { path: '[0].timestamp', expected: 'string', actual: 'null' },
  ])
  expect(issuesOf(Entries, null)).toEqual([{ path: '', expected: 'Entries', actual: 'null' }])
})

test('names 20 places at most', () => {
  expect(
    issuesOf(
      list(Entry),
      Array.from({ length: 1_000 }, () => 0),
    ),
  ).toHaveLength(20)
})

test('a key that a service made up is told no further than any value', () => {
  const issue = (key: string): Issue | undefined => issuesOf(dictionary(t.number), { [key]: '' })[0]
  for (const key of ['k'.repeat(1e6), '1'.repeat(1e6), '\n'.repeat(1e6)]) expect(issue(key)?.path).toHaveLength(83)
  expect(issue('k'.repeat(80))?.path).toBe('k'.repeat(80))
})
