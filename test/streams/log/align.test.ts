import fc from 'fast-check'
import { type Cursor, type LogEntry } from 'rxjobs'
import { expect, test } from 'vitest'
import { align, type Alignment } from '../../../src/streams/log/align.ts'
import { start } from '../../../src/streams/log/cursor.ts'
import { Position } from '../../../src/streams/log/position.ts'

type Log = ReadonlyArray<LogEntry>

const stamp = (at: number): string => new Date(1_800_000_000_000 + at).toISOString()
const source = fc.constantFrom('stdout', 'stderr')
const data = fc.constantFrom('a', 'b', '')

/** Lines of few texts whose times never go back and are often the same. */
const timed: fc.Arbitrary<Log> = fc
  .array(fc.record({ after: fc.constantFrom(0, 0, 1), source, data }), { maxLength: 24, size: 'max' })
  .map((lines) => {
    let now = 0
    return lines.map(({ after, ...line }) => ({ ...line, timestamp: stamp((now += after)) }))
  })

/** How much was emitted, and which part of the log a window shows. */
interface Look {
  readonly log: Log
  readonly count: number
  readonly from: number
  readonly to: number
}

const looks: fc.Arbitrary<Look> = fc
  .tuple(timed, fc.nat(24), fc.nat(24), fc.nat(24))
  .map(([log, count, one, other]) => ({
    log,
    count: Math.min(count, log.length),
    from: Math.min(one, other, log.length),
    to: Math.min(Math.max(one, other), log.length),
  }))

function after(log: Log, from: Cursor = start): Position<string> {
  const position = new Position('job', from)
  for (const entry of log) position.push(entry)
  return position
}

/** Fails where an alignment says something about a window that is not so. */
function expectTrue({ log, count, from, to }: Look, place: Alignment): void {
  const right = Math.max(0, Math.min(count, to) - from)
  switch (place._tag) {
    case 'At':
      return expect(place.from).toBe(right)
    case 'Unclear':
      return expect(log.slice(from + place.from, to)).toEqual(log.slice(Math.max(from + place.from, count), to))
    case 'Apart':
      return expect(from).toBeGreaterThanOrEqual(count)
  }
}

test('what is said of a window of a timed log is so, however often lines and times repeat', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      fc.pre(count === 0 ? from === 0 : true)
      expectTrue(look, align(log.slice(from, to), after(log.slice(0, count)), false))
    }),
    { numRuns: 3_000 },
  )
})

test('the place is found whenever the window shows all lines at the last time, and one before', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      const last = log[count - 1]?.timestamp ?? ''
      fc.pre(count > 0 && to >= count && (log[from]?.timestamp ?? last) < last)
      expect(align(log.slice(from, to), after(log.slice(0, count)), false)).toEqual({ _tag: 'At', from: count - from })
    }),
    { numRuns: 1_000 },
  )
})

test('it is found from a cursor alone, too', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      const last = log[count - 1]?.timestamp ?? ''
      const lone = new Position('job', after(log.slice(0, count)).cursor)
      fc.pre(count > 0 && to >= count && (log[from]?.timestamp ?? last) < last)
      const place = align(log.slice(from, to), lone, false)
      expectTrue(look, place)
      // A digest covers four lines, or fewer at the log's beginning.
      if (count - from >= 4 || from === 0) expect(place).toEqual({ _tag: 'At', from: count - from })
    }),
    { numRuns: 1_000 },
  )
})

test('a whole log goes on by its count, with times or without; an older one adds nothing', () => {
  fc.assert(
    fc.property(looks, fc.boolean(), ({ log, count, to }, times) => {
      const lines = times ? log : log.map((entry) => ({ ...entry, timestamp: '' }))
      const place = align(lines.slice(0, to), after(lines.slice(0, count)), true)
      if (to >= count || to === 0) expect(place).toEqual({ _tag: 'At', from: Math.min(count, to) })
      else expect(place).toEqual({ _tag: 'Unclear', from: to })
    }),
    { numRuns: 1_000 },
  )
})

test('without times a run of lines tells the place when it is long and there once', () => {
  const lines = (many: number, first = 0): Log =>
    Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: '', data: String(first + at) }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(20), (overlap, fresh) => {
      const window = lines(overlap + fresh, 100 - overlap)
      const place = align(window, after(lines(100)), false)
      if (overlap >= 32) expect(place).toEqual({ _tag: 'At', from: overlap })
      else expectTrue({ log: lines(100 + fresh), count: 100, from: 100 - overlap, to: 100 + fresh }, place)
    }),
  )
})

test('lines that all look the same are never said to have their place', () => {
  const same = (many: number): Log =>
    Array.from({ length: many }, () => ({ source: 'stdout', timestamp: '', data: '' }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 300 }), (count, many) => {
      expect(align(same(many), after(same(count)), false)._tag).not.toBe('At')
    }),
  )
})

test('an empty window adds nothing and is no gap, whatever the lines before', () => {
  fc.assert(
    fc.property(timed, fc.boolean(), fc.boolean(), (log, times, whole) => {
      const position = after(times ? log : log.map((entry) => ({ ...entry, timestamp: '' })))
      expect(align([], position, whole)).toEqual({ _tag: 'At', from: 0 })
    }),
  )
})

/** Lines without a time, the texts of which come again after `period` lines. */
const periodic = (many: number, period: number): Log =>
  Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: '', data: String(at % period) }))

test('a log that repeated itself may have done so where no window shows it: its place is never guessed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 32, max: 60 }),
      fc.nat(500),
      (period, shown, grown) => {
        const log = periodic(256 + grown, period)
        const place = align(log.slice(-shown), after(log.slice(0, 256)), false)
        if (place._tag === 'At') expect(place.from).toBe(shown - grown)
        // Only from there on is everything new.
        if (place._tag === 'Unclear') expect(place.from).toBeGreaterThanOrEqual(Math.min(shown, shown - grown))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a digest alone proves no place: the lines that it covers may be there twice', () => {
  const times = [5, 0, 5, 5, 6, 6, 7, 7, 8, 7, 8].map(stamp)
  const data = ['a', 'a', 'a', 'b', '', 'b', '', 'b', '', '', 'b']
  const log = times.map((timestamp, at) => ({ source: 'stdout', timestamp, data: data[at] ?? '' }))
  const resumed = new Position('job', after(log).cursor)
  for (let shown = 4; shown < log.length; shown++) {
    expect(align(log.slice(0, shown), resumed, false)._tag).not.toBe('At')
  }
})

test('lines of a time before the last one are no proof of being old: the clock may have been set back', () => {
  const line = (at: number, data: string): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data })
  const position = after([line(1, 'a'), line(2, 'b'), line(900, 'c')])
  expect(align([line(3, 'd'), line(4, 'e')], position, false)).toEqual({ _tag: 'Unclear', from: 2 })
})

test('a digest that covers more lines than a window shows proves nothing', () => {
  const line = (at: number): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data: 'a' })
  const resumed = new Position('job', after([3, 4, 5, 6, 7].map(line)).cursor)
  // What comes next was written at an earlier time, and then at the same.
  expect(align([line(2), line(7)], resumed, false)).toEqual({ _tag: 'Unclear', from: 2 })
})

test('four lines of a download are known by their texts alone, which is no proof, whatever times a window shows', () => {
  const texts = ['b', 'c', 'a', 'c']
  const position = after(['a', 'a', ...texts].map((data) => ({ source: '', timestamp: '', data })))
  const window = ['a', 'a', ...texts, 'a'].map((data, at) => ({ source: 'stdout', timestamp: stamp(at), data }))
  expect(align(window, position, false)).toEqual({ _tag: 'Unclear', from: 6 })
})

test('lines that are more than were emitted are not those that were', () => {
  const line = (at: number, data: string): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data })
  const window = [line(-1, 'a'), line(0, 'b'), line(0, 'a')]
  // The log goes on with an earlier time, then with a line like the only one that was emitted.
  expect(align(window, after([line(0, 'b')]), false)._tag).not.toBe('At')
})
