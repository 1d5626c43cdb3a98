import fc from 'fast-check'
import type { LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { start } from '../../../src/streams/log/cursor.ts'
import { dropOlder, lockOn } from '../../../src/streams/log/lock-on.ts'
import { Position } from '../../../src/streams/log/position.ts'

type Log = ReadonlyArray<LogEntry>

const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()

/** Lines of few texts whose times never go back and are often the same. */
const timed: fc.Arbitrary<Log> = fc
  .array(fc.record({ after: fc.constantFrom(0, 1), data: fc.constantFrom('a', 'b') }), { maxLength: 20, size: 'max' })
  .map((lines) => {
    let now = 0
    return lines.map(({ after, data }) => ({ source: 'stdout', data, timestamp: stamp((now += after)) }))
  })

function after(log: Log): Position<string> {
  const position = new Position('job', start)
  for (const entry of log) position.push(entry)
  return position
}

/** The log was read up to `count`; the connection gives its lines from `from` up to `to`, and was open before. */
const connections = fc.tuple(timed, fc.nat(20), fc.nat(20), fc.nat(20)).map(([log, count, from, to]) => ({
  log,
  count: Math.min(count, log.length),
  from: Math.min(from, count, log.length),
  to: Math.min(Math.max(from, to), log.length),
}))

test('where a connection is said to go on, it goes on with the next line of the log', () => {
  fc.assert(
    fc.property(connections, fc.boolean(), ({ log, count, from, to }, drop) => {
      const position = after(log.slice(0, count))
      const given = log.slice(from, to)
      const entries = drop ? dropOlder(given, position) : given
      fc.pre(count > 0)
      const lock = lockOn(entries, position)
      if (lock.sure) expect(entries.slice(lock.emitted)).toEqual(log.slice(count, to))
      else
        expect(log.slice(0, to)).toEqual([
          ...log.slice(0, to - entries.length + lock.emitted),
          ...entries.slice(lock.emitted),
        ])
      expect(entries.length - lock.emitted).toBeLessThanOrEqual(Math.max(0, to - count))
    }),
    { numRuns: 2_000 },
  )
})

test('it goes on once it shows a line before the last time and all lines at it', () => {
  fc.assert(
    fc.property(connections, ({ log, count, from, to }) => {
      const last = log[count - 1]?.timestamp ?? ''
      fc.pre(count > 0 && to >= count && (log[from]?.timestamp ?? last) < last)
      expect(lockOn(log.slice(from, to), after(log.slice(0, count)))).toEqual({ emitted: count - from, sure: true })
    }),
    { numRuns: 500 },
  )
})

test('of entries that are older than the position one is kept, and all others', () => {
  fc.assert(
    fc.property(connections, ({ log, count, from, to }) => {
      const last = log[count - 1]?.timestamp ?? ''
      const given = log.slice(from, to)
      const older = given.filter(({ timestamp }) => timestamp < last).length
      expect(dropOlder(given, after(log.slice(0, count)))).toEqual(given.slice(Math.max(0, older - 1)))
    }),
  )
})

test('entries that do not overlap what was emitted prove nothing, however new they are', () => {
  fc.assert(
    fc.property(timed, fc.nat(20), fc.nat(20), (log, one, other) => {
      const [count, from] = [Math.min(one, other, log.length), Math.min(Math.max(one, other), log.length)]
      const last = log[count - 1]?.timestamp ?? ''
      fc.pre(count === 0 || (log[from]?.timestamp ?? last) > last)
      expect(lockOn(log.slice(from), after(log.slice(0, count)))).toEqual({ emitted: 0, sure: false })
    }),
  )
})

test('lines without a time have their place by a long run of them', () => {
  const untimed = (from: number, to: number): Log =>
    Array.from({ length: to - from }, (_, at) => ({ source: 'stdout', timestamp: '', data: String(from + at) }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(80), fc.nat(20), (count, shown, fresh) => {
      const from = Math.max(0, count - shown)
      const { emitted, sure } = lockOn(untimed(from, count + fresh), after(untimed(0, count)))
      const run = count - from
      expect(sure).toBe(run >= 32)
      expect(emitted).toBe(fresh + run === 0 ? 0 : run)
    }),
  )
})
