import fc from 'fast-check'
import { type LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { contains, isEnough, matches, remembrance } from '../../../src/streams/log/matches.ts'

const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()
const line = fc.record({
  source: fc.constantFrom('stdout', 'stderr'),
  timestamp: fc.constantFrom(stamp(0), stamp(1), ''),
  data: fc.constantFrom('a', 'b', ''),
})

test('a line matches itself, and a line of a download by its text alone', () => {
  fc.assert(
    fc.property(line, line, (a, b) => {
      const same = a.source === b.source && a.timestamp === b.timestamp && a.data === b.data
      expect([matches(a, b), matches(b, a)]).toEqual([same, same])
      const bare = { source: '', timestamp: '', data: a.data }
      expect([matches(bare, b), matches(b, bare)]).toEqual([a.data === b.data, a.data === b.data])
    }),
  )
})

test('of a long line little is remembered, and that is known again', () => {
  const entry = (data: string): LogEntry => ({ source: 'stdout', timestamp: stamp(0), data })
  const long = entry('x'.repeat(2 ** 20))
  const kept = remembrance(long)
  expect(kept.data.length).toBeLessThan(32)
  expect([matches(kept, long), matches(long, kept), matches(kept, remembrance(kept))]).toEqual([true, true, true])
  expect(matches(kept, entry(`y${long.data}`))).toBe(false)
  expect(matches(kept, entry('x'.repeat(4_096)))).toBe(false)
  const short = entry('x')
  expect(remembrance(short)).toBe(short)
})

test('four lines with a time in a row are no accident, or thirty-two', () => {
  const lines = (many: number, timestamp: string): ReadonlyArray<LogEntry> =>
    Array.from({ length: many }, () => ({ source: 'stdout', timestamp, data: '' }))
  expect([3, 4].map((many) => isEnough(lines(many, stamp(0))))).toEqual([false, true])
  expect([31, 32].map((many) => isEnough([...lines(many - 1, stamp(0)), ...lines(1, '')]))).toEqual([false, true])
})

test('a window contains what stands in it, at that place', () => {
  fc.assert(
    fc.property(fc.array(line), fc.nat(), fc.nat(), (window, one, other) => {
      const [from, to] = [one % (window.length + 1), other % (window.length + 1)]
      expect(contains(window, window.slice(from, Math.max(from, to)), from)).toBe(true)
      expect(contains(window, [...window, { source: 'stdout', timestamp: '', data: 'one more' }], 0)).toBe(false)
    }),
  )
})
