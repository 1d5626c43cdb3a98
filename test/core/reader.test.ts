import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { struct } from '../../src/core/codec.ts'
import { always, bytes, elements, json, Mismatch, mapWhole, type StreamReader } from '../../src/core/reader.ts'

const Thing = struct<{ readonly id: number }>('Thing', { id: t.number })
const head = { status: 200, headers: [] }

function issuesOf(read: () => unknown): unknown {
  try {
    read()
  } catch (thrown) {
    if (thrown instanceof Mismatch) return thrown.issues
    throw thrown
  }
  throw new Error('It fits.')
}

test('json reads what fits', () => {
  expect(json(Thing).read('{"id":1,"more":2}')).toEqual({ id: 1, more: 2 })
  expect(mapWhole(json(Thing), ({ id }) => id + 1).read('{"id":1}')).toBe(2)
})

test.each([
  ['', { path: '', expected: 'JSON', actual: 'empty' }],
  ['<html>', { path: '', expected: 'JSON', actual: '"<html>" (a web page: is the server\'s address right?)' }],
  ['{"id":', { path: '', expected: 'JSON', actual: '"{\\"id\\":"' }],
  ['{"id":"1"}', { path: 'id', expected: 'number', actual: '"1"' }],
  ['null', { path: '', expected: 'Thing', actual: 'null' }],
])('%j does not fit', (body, issue) => {
  expect(issuesOf(() => json(Thing).read(body))).toEqual([issue])
  expect(issuesOf(() => mapWhole(json(Thing), ({ id }) => id).read(body))).toEqual([issue])
})

test('always has its value whatever the body', () => {
  expect(always(5).read('<html>')).toBe(5)
})

test('bytes come as they come', () => {
  const decoder = bytes.open(head, { maxLineBytes: 1 })
  const chunk = Uint8Array.of(1, 2, 3)
  expect(decoder.push(chunk)[0]).toBe(chunk)
  expect([...decoder.first, ...decoder.end(), bytes.openEnded]).toEqual([false])
})

test('elements of batches, in order, at every moment', () => {
  const batches: StreamReader<ReadonlyArray<number>> = {
    _tag: 'Stream',
    openEnded: true,
    open: () => ({ first: [[1], []], push: (chunk) => [[...chunk], [0]], end: () => [[8, 9]] }),
  }
  const reader = elements(batches)
  const decoder = reader.open(head, { maxLineBytes: 1 })
  expect([decoder.first, decoder.push(Uint8Array.of(5, 6)), decoder.end()]).toEqual([[1], [5, 6, 0], [8, 9]])
  expect(reader.openEnded).toBe(true)
})
