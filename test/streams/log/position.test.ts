import fc from 'fast-check'
import type { LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { start } from '../../../src/streams/log/cursor.ts'
import { digestOf } from '../../../src/streams/log/digest.ts'
import { Position, remembered } from '../../../src/streams/log/position.ts'

type Log = ReadonlyArray<LogEntry>

const second = (at: number): string => `2026-11-22T09:30:0${at}Z`
const log: fc.Arbitrary<Log> = fc.array(
  fc.record({
    source: fc.constantFrom('stdout', 'stderr'),
    timestamp: fc.oneof({ weight: 9, arbitrary: fc.nat(5).map(second) }, { weight: 1, arbitrary: fc.constant('') }),
    data: fc.string({ maxLength: 3 }),
  }),
  { maxLength: 20 },
)
const sorted: fc.Arbitrary<Log> = log.map((lines) =>
  lines
    .filter(({ timestamp }) => timestamp !== '')
    .sort((a, b) => Number(a.timestamp > b.timestamp) - Number(a.timestamp < b.timestamp)),
)

/** A position after these lines. */
function after(lines: Log, from = start): Position<string> {
  const position = new Position('job', from)
  for (const entry of lines) position.push(entry)
  return position
}

/** How many of the last lines have the last line's time. */
function lastRun(lines: Log): number {
  const others = [...lines].reverse().findIndex(({ timestamp }) => timestamp !== lines[lines.length - 1]?.timestamp)
  return others < 0 ? lines.length : others
}

test('count, last time, lines at it and digest are those of the lines', () => {
  fc.assert(
    fc.property(log, (lines) => {
      const position = after(lines)
      expect(position).toMatchObject({
        count: lines.length,
        timestamp: lines[lines.length - 1]?.timestamp ?? '',
        digest: digestOf(lines, lines.length),
        known: lines.length,
        counted: true,
        first: lines[0],
      })
      if (lines.length > 0) expect(position.at).toBe(lastRun(lines))
    }),
  )
})

test('a line is its entry with its index and the cursor behind it', () => {
  fc.assert(
    fc.property(log, (lines) => {
      const position = new Position('job', start)
      for (const [index, entry] of lines.entries()) {
        const line = position.push(entry)
        expect(line).toEqual({ _tag: 'Line', ref: 'job', index, ...entry, cursor: position.cursor })
        expect(line.cursor).toMatchObject({ count: index + 1, digest: digestOf(lines, index + 1) })
      }
    }),
  )
})

test('times tell the place exactly while every line has one and none goes back', () => {
  fc.assert(
    fc.property(fc.oneof(log, sorted), (lines) => {
      const times = lines.map(({ timestamp }) => timestamp)
      const orderly = times.length > 0 && times.every((time, at) => time !== '' && time >= (times[at - 1] ?? ''))
      const position = after(lines)
      expect([position.ordered, position.exact]).toEqual([orderly, orderly])
      expect(position.cursor.at).toBe(orderly ? lastRun(lines) : 0)
    }),
  )
})

test('the last lines are remembered, so many and no more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 * remembered }), (many) => {
      const lines = Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: second(0), data: `${at}` }))
      const position = after(lines)
      expect(position.known).toBe(Math.min(many, remembered))
      const recent = Array.from({ length: position.known }, (_, back) => position.recent(back + 1))
      expect(recent).toEqual(lines.slice(-remembered).reverse())
    }),
    { numRuns: 30 },
  )
})

test('from a cursor a position goes on as if it had never stopped, once it saw the lines before', () => {
  fc.assert(
    fc.property(sorted, sorted, (old, fresh) => {
      const lines = [...old, ...fresh]
      const resumed = new Position('job', after(old).cursor)
      expect(resumed.known).toBe(0)
      resumed.remember(old)
      const whole = after(old)
      for (const entry of fresh) expect(resumed.push(entry)).toEqual(whole.push(entry))
      expect(resumed.cursor).toEqual(after(lines).cursor)
      expect(resumed.first).toEqual(lines[0])
    }),
  )
})

test('a cursor does not say less for being taken again at once', () => {
  fc.assert(
    fc.property(log, (lines) => {
      const { cursor } = after(lines)
      expect(new Position('job', cursor).cursor).toEqual(cursor)
    }),
  )
})

test('after a gap lines are known and digested only since then, and the count is no place in the log', () => {
  fc.assert(
    fc.property(sorted, sorted, (before, since) => {
      const position = after(before)
      position.skip()
      expect(position).toMatchObject({ count: before.length, known: 0, counted: false, exact: false })
      for (const entry of since) position.push(entry)
      expect(position.known).toBe(since.length)
      expect(position.cursor).toMatchObject({ count: before.length + since.length, gaps: true })
      if (since.length > 0) expect(position.digest).toBe(digestOf(since, since.length))
    }),
  )
})

test('after a gap the lines at one time are all known only from the next time on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (same, next) => {
      const at = (time: number, many: number): Log =>
        Array.from({ length: many }, () => ({ source: 'stdout', timestamp: second(time), data: '' }))
      const position = after(at(0, 2))
      position.skip()
      for (const entry of at(1, same)) expect(position.push(entry).cursor.at).toBe(0)
      for (const [index, entry] of at(2, next).entries()) expect(position.push(entry).cursor.at).toBe(index + 1)
    }),
  )
})

test('a download says nothing about the order of the lines that have a time', () => {
  const line = (timestamp: string): LogEntry => ({ source: timestamp === '' ? '' : 'stdout', timestamp, data: 'x' })
  const position = after([line(second(1)), line(''), line('')])
  expect(position.cursor.at).toBe(0)
  position.push(line(second(2)))
  expect(position.ordered).toBe(true)
  expect(position.exact).toBe(false)
  expect(position.push(line(second(3))).cursor.at).toBe(1)
  position.push(line(second(1)))
  expect(position.ordered).toBe(false)
})

test('the first line after a gap at the beginning is not taken for the first of the log', () => {
  const position = new Position('job', start)
  position.skip()
  position.push({ source: 'stdout', timestamp: second(1), data: 'x' })
  expect(position.first).toBeUndefined()
})

test('of a line that is too long little is remembered', () => {
  const position = after([{ source: 'stdout', timestamp: second(1), data: 'x'.repeat(2 ** 21) }])
  expect(JSON.stringify([position.recent(1), position.first]).length).toBeLessThan(300)
})
