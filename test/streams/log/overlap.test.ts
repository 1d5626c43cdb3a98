import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextChecksum } from '../../../src/streams/log/lines.ts'
import { detectWindowAnchor, findOverlap } from '../../../src/streams/log/overlap.ts'
import type { Overlap } from '../../../src/streams/log/position.ts'
import type { LogEntry } from '../../../src/streams/types.ts'
import { lines as distinctLines, positionAfter as after } from './virtual-tail.ts'

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

/** Fails where an overlap is wrong about a window. */
function expectTrue({ log, count, from, to }: Look, place: Overlap): void {
  const right = Math.max(0, Math.min(count, to) - from)
  if (place.isFound) return expect(place.from).toBe(right)
  // What is before it was taken, or is not in the window.
  expect(log.slice(from + place.from, to)).toEqual(log.slice(Math.max(from + place.from, count), to))
}

test('a window of a timed log: the overlap is right, however often lines and times repeat', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      fc.pre(count === 0 ? from === 0 : true)
      expectTrue(look, findOverlap(log.slice(from, to), after(log.slice(0, count)), false))
    }),
    { numRuns: 3_000 },
  )
})

test('a new line that is the same as one that the window no longer shows is new', () => {
  const log = ['b', 'a', 'c', 'd', 'b'].map((text) => ({ source: 'stdout', data: text, timestamp: stamp(0) }))
  expect(findOverlap(log.slice(1), after(log.slice(0, 4)), false)).toEqual({ isFound: false, from: 4 })
})

test('the place is found whenever the window shows all lines at the last time and one before', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      const last = log[count - 1]?.timestamp ?? ''
      fc.pre(count > 0 && to >= count && (log[from]?.timestamp ?? last) < last)
      expect(findOverlap(log.slice(from, to), after(log.slice(0, count)), false)).toEqual({
        isFound: true,
        from: count - from,
      })
    }),
    { numRuns: 1_000 },
  )
})

test('the place is found from a cursor alone', () => {
  fc.assert(
    fc.property(looks, (look) => {
      const { log, count, from, to } = look
      const last = log[count - 1]?.timestamp ?? ''
      const lone = after([], after(log.slice(0, count)).cursor)
      fc.pre(count > 0 && to >= count && (log[from]?.timestamp ?? last) < last)
      const place = findOverlap(log.slice(from, to), lone, false)
      expectTrue(look, place)
      // A checksum covers four lines, or fewer at the log's beginning.
      if (count - from >= 4 || from === 0) expect(place).toEqual({ isFound: true, from: count - from })
    }),
    { numRuns: 1_000 },
  )
})

test('the whole log is counted, with times or without; an older one adds nothing', () => {
  fc.assert(
    fc.property(looks, fc.boolean(), ({ log, count, to }, times) => {
      const lines = times ? log : log.map((entry) => ({ ...entry, timestamp: '' }))
      const place = findOverlap(lines.slice(0, to), after(lines.slice(0, count)), true)
      if (to >= count || to === 0) expect(place).toEqual({ isFound: true, from: Math.min(count, to) })
      else expect(place).toEqual({ isFound: false, from: to })
    }),
    { numRuns: 1_000 },
  )
})

test('an older answer with the whole of a log without times adds nothing, however often its lines repeat', () => {
  const log = (lines: number, period: number): Log =>
    Array.from({ length: lines }, (_, at) => ({ source: 'stdout', timestamp: '', data: `line ${at % period}` }))
  fc.assert(
    fc.property(
      fc.integer({ min: 257, max: 600 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 255 }),
      (count, period, behind) => {
        const place = findOverlap(log(count - behind, period), after(log(count, period)), true)
        expect(place).toEqual({ isFound: false, from: count - behind })
      },
    ),
  )
})

test('without times a run of 32 lines that is there once shows the place', () => {
  const lines = (many: number, first = 0): Log =>
    Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: '', data: String(first + at) }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(20), (overlap, fresh) => {
      const window = lines(overlap + fresh, 100 - overlap)
      const place = findOverlap(window, after(lines(100)), false)
      if (overlap >= 32) expect(place).toEqual({ isFound: true, from: overlap })
      else expectTrue({ log: lines(100 + fresh), count: 100, from: 100 - overlap, to: 100 + fresh }, place)
    }),
  )
})

test('no place is found among lines that are all the same', () => {
  const same = (many: number): Log =>
    Array.from({ length: many }, () => ({ source: 'stdout', timestamp: '', data: '' }))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 300 }), (count, many) => {
      expect(findOverlap(same(many), after(same(count)), false).isFound).toBe(false)
    }),
  )
})

test('an empty window adds nothing and is no gap', () => {
  fc.assert(
    fc.property(timed, fc.boolean(), fc.boolean(), (log, times, whole) => {
      const position = after(times ? log : log.map((entry) => ({ ...entry, timestamp: '' })))
      expect(findOverlap([], position, whole)).toEqual({ isFound: true, from: 0 })
    }),
  )
})

/** Lines without a time, the texts of which come again after `period` lines. */
const periodic = (many: number, period: number): Log =>
  Array.from({ length: many }, (_, at) => ({ source: 'stdout', timestamp: '', data: String(at % period) }))

test('a log that repeated itself may repeat itself beyond the window: the place is not guessed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 32, max: 60 }),
      fc.nat(500),
      (period, shown, grown) => {
        const log = periodic(256 + grown, period)
        const place = findOverlap(log.slice(-shown), after(log.slice(0, 256)), false)
        if (place.isFound) expect(place.from).toBe(shown - grown)
        // Only from there on is everything new.
        else if (place.from > 0) expect(place.from).toBeGreaterThanOrEqual(Math.min(shown, shown - grown))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a checksum alone proves no place: the lines that it covers may be there twice', () => {
  const times = [5, 0, 5, 5, 6, 6, 7, 7, 8, 7, 8].map(stamp)
  const data = ['a', 'a', 'a', 'b', '', 'b', '', 'b', '', '', 'b']
  const log = times.map((timestamp, at) => ({ source: 'stdout', timestamp, data: data[at] ?? '' }))
  const resumed = after([], after(log).cursor)
  for (let shown = 4; shown < log.length; shown++) {
    expect(findOverlap(log.slice(0, shown), resumed, false).isFound).toBe(false)
  }
})

test('lines older than the last one may be new: the clock may have been set back', () => {
  const line = (at: number, data: string): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data })
  const position = after([line(1, 'a'), line(2, 'b'), line(900, 'c')])
  expect(findOverlap([line(3, 'd'), line(4, 'e')], position, false)).toEqual({ isFound: false, from: 2 })
})

test('a checksum of more lines than the window shows proves nothing', () => {
  const line = (at: number): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data: 'a' })
  const resumed = after([], after([3, 4, 5, 6, 7].map(line)).cursor)
  // What comes next was written at an earlier time, and then at the same.
  expect(findOverlap([line(2), line(7)], resumed, false)).toEqual({ isFound: false, from: 2 })
})

test('four lines of a download prove no place, whatever times a window shows', () => {
  const texts = ['b', 'c', 'a', 'c']
  const position = after(['a', 'a', ...texts].map((data) => ({ source: '', timestamp: '', data })))
  const window = ['a', 'a', ...texts, 'a'].map((data, at) => ({ source: 'stdout', timestamp: stamp(at), data }))
  expect(findOverlap(window, position, false)).toEqual({ isFound: false, from: 6 })
})

test('a window with more lines before the place than were emitted is not at that place', () => {
  const line = (at: number, data: string): LogEntry => ({ source: 'stdout', timestamp: stamp(at), data })
  const window = [line(-1, 'a'), line(0, 'b'), line(0, 'a')]
  // The log goes on with an earlier time, then with a line like the only one that was emitted.
  expect(findOverlap(window, after([line(0, 'b')]), false).isFound).toBe(false)
})

test('a window that begins among many lines at one time shows the place by 16 lines', () => {
  const atOnce = Array.from({ length: 500 }, (_, at) => ({ source: 'stdout', timestamp: stamp(1), data: `line ${at}` }))
  const position = after(atOnce.slice(0, 400))
  expect(findOverlap(atOnce.slice(384), position, false)).toEqual({ isFound: true, from: 16 })
  expect(findOverlap(atOnce.slice(385), position, false).isFound).toBe(false)
  const equal = atOnce.map((entry) => ({ ...entry, data: 'same' }))
  expect(findOverlap(equal.slice(384), after(equal.slice(0, 400)), false).isFound).toBe(false)
})

test('two neighbours that came in another order by the live connection do not hide the place', () => {
  for (const back of [1, 2, 3, 4, 10, 15, 16, 17]) {
    const log = distinctLines(0, 60)
    const emitted = log.slice(0, 50)
    const [one, other] = [emitted[50 - back - 1], emitted[50 - back]]
    if (one === undefined || other === undefined) throw new Error('no such lines')
    emitted.splice(50 - back - 1, 2, other, one)
    const position = after(emitted)
    const overlap = findOverlap(log.slice(10), position, false)
    expect(overlap).toMatchObject({ isFound: true, from: 40 })
    position.learn(overlap.reordered ?? [])
    // A position that learns it has the order of the log.
    expect(position.cursor).toEqual(after(log.slice(0, 50)).cursor)
  }
})

test('a clock that was set back is not taken for lines in another order', () => {
  const setBack = [...distinctLines(100, 120), ...distinctLines(0, 20)]
  const position = after(setBack)
  expect(findOverlap(setBack.slice(0, 20), position, false).isFound).toBe(false)
  expect(findOverlap(setBack.slice(10), position, false)).toEqual({ isFound: true, from: 30 })
})

test('a narrow window after a wide one tells which lines windows show, however much the log grew between', () => {
  const second = (length: number): Log =>
    Array.from({ length }, (_, n) => ({ source: 'stdout', timestamp: stamp(n), data: 'same' }))
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 30 }), fc.nat(20), (length, grown) => {
      const [before, later] = [second(length), second(length + grown)]
      expect(detectWindowAnchor(later.slice(0, 4), before.slice(0, 8))).toBe('head')
      expect(detectWindowAnchor(later.slice(-4), before.slice(-8))).toBe('tail')
    }),
  )
})

test('lines at one time with one text do not tell which lines windows show', () => {
  const equal = Array.from({ length: 8 }, () => ({ source: 'stdout', timestamp: stamp(0), data: '' }))
  expect(detectWindowAnchor(equal.slice(0, 4), [...equal, ...distinctLines(1, 2)])).toBeUndefined()
})

test.each(['2027-01-15T08:00:00Z ', '2024/11/25 22:17:43.386988748 '])(
  'a line of any length has another checksum with %j before it',
  (time) => {
    for (let length = 0; length < 3_000; length++) {
      const text = 'x'.repeat(length)
      expect(nextChecksum(0, time + text)).not.toBe(nextChecksum(0, text))
    }
  },
)
