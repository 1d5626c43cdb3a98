import * as fc from 'fast-check'
import type { LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { keptEnd } from '../../../src/streams/log/kept-end.ts'

const line = (n: number): LogEntry => ({
  source: 'stdout',
  timestamp: `2026-11-22T09:30:${String(n).padStart(2, '0')}Z`,
  data: 'same',
})
const log = (length: number): ReadonlyArray<LogEntry> => Array.from({ length }, (_, n) => line(n))

test('a narrow window after a wide one tells which end a service keeps, however much the log grew between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 30 }), fc.nat(20), (length, grown) => {
      const [before, after] = [log(length), log(length + grown)]
      expect(keptEnd(after.slice(0, 4), before.slice(0, 8), undefined)).toBe('first')
      expect(keptEnd(after.slice(-4), before.slice(-8), undefined)).toBe('last')
    }),
  )
})

test('a wide window after a narrow one tells nothing: the log may have grown by just that much', () => {
  expect(keptEnd(log(40).slice(-20), log(30).slice(-10), undefined)).toBeUndefined()
})

test("a window that does not begin with the log's first line is of its end", () => {
  expect(keptEnd(log(9).slice(-4), [], line(0))).toBe('last')
  expect(keptEnd(log(9).slice(0, 4), [], line(0))).toBeUndefined()
})

test('lines that are all of one time tell nothing', () => {
  const equal = Array.from({ length: 8 }, () => line(0))
  expect(keptEnd(equal.slice(0, 4), [...equal, line(1)], undefined)).toBeUndefined()
})
